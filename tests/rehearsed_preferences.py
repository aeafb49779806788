"""Preferences without a database. For the tests of the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from quantumsketch.preferences import Preference, Preferring, changes, held

TODAY = datetime(2026, 11, 22, 10, 20, tzinfo=UTC)


@dataclass
class RehearsedPreferences:
    """Keeps what one person prefers in memory; everything is said today."""

    kept: dict[str, Preference] = field(default_factory=dict)

    async def known(self) -> list[Preference]:
        return held([*self.kept.values()])

    async def change(self, said: Preferring) -> list[Preference]:
        self.kept |= {one.key: one for one in changes([*self.kept.values()], said, TODAY)}
        return await self.known()
