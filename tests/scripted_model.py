"""A model that has learned one video by heart: it plans it, and writes each scene in its rehearsed turns.

Answers through the provider emulator, in the language of whichever provider is asked. The same question gets
the same answer, so that what is asked twice can be seen.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.provider_emulator import Asked, Call, Scripted, error, said

Turn = str | Call
"""Words, or the wish to use a tool."""


@dataclass
class ScriptedModel:
    """`scenes` has the turns for each beat by its title; repairs are answered by `repairs`, by title too."""

    board: Mapping[str, Any]
    scenes: Mapping[str, Sequence[Turn]] = field(default_factory=dict)
    repairs: Mapping[str, Sequence[Turn]] = field(default_factory=dict)
    delay_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    """In order: 'storyboard #1', 'scene TITLE #2', 'repair TITLE #1' …, with the number of the turn."""
    awaited: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a question that ends with `awaited` is asked."""
    _known: dict[str, tuple[str, Scripted]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Scripted:
        key = asked.path + json.dumps(asked.body, sort_keys=True)
        if key not in self._known:
            self._known[key] = self._new(asked)
        name, answer = self._known[key]
        self.asked.append(name)
        if self.awaited and name.endswith(self.awaited):
            self.arrived.set()
        return replace(answer, delay_s=self.delay_s)

    @property
    def asked_twice(self) -> list[str]:
        """What was asked more than once."""
        return [name for name, times in Counter(self.asked).items() if times > 1]

    def _new(self, asked: Asked) -> tuple[str, Scripted]:
        words = asked.words
        if "Write the storyboard" in words:
            return self._turn("storyboard", [json.dumps(self.board)] * 9, asked)
        kind, turns = ("scene", self.scenes) if "Write the scene" in words else ("repair", self.repairs)
        for title, script in turns.items():
            if title in words:
                return self._turn(f"{kind} {title}", script, asked)
        return f"unknown {kind}", error(400, "nothing was rehearsed for this")

    def _turn(self, name: str, script: Sequence[Turn], asked: Asked) -> tuple[str, Scripted]:
        number = sum(known.startswith(f"{name} #") for known, _ in self._known.values())
        if number >= len(script):
            return f"{name} #{number + 1}", error(400, "the rehearsed turns are over")
        turn = script[number]
        answer = said(asked, turn) if isinstance(turn, str) else said(asked, None, turn)
        return f"{name} #{number + 1}", answer
