"""The finding of one look at one part that the product needs. Knows nothing of the parts themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """Whether one needed part is there and serves, and what gets it if it does not."""

    name: str
    ok: bool
    detail: str
    """What was found: a path and a version; or what is missing."""
    mend: str = ""
    """The command that gets what is missing, or makes it better. Empty if nothing does."""
    degraded: bool = False
    """It serves, but holds less than it promises elsewhere; `detail` says what is lost."""
