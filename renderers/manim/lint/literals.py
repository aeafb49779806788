"""Finds the strings and comments of Python source that need not even parse. Knows no syntax beside them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<prefix>(?<![\w])[rRbBuUfF]{0,2})(?P<quote>'{3}|"{3})
        (?P<long>(?:\\.|(?!(?P=quote))[^\\])*+)(?P=quote)
      | (?P<prefix1>(?<![\w])[rRbBuUfF]{0,2})(?P<quote1>'|")
        (?P<short>(?:\\.|(?!(?P=quote1))[^\n\\])*+)(?P=quote1)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class StringLiteral:
    """One string as it is written, with its place in the source, counted in characters."""

    start: int
    end: int
    prefix: str
    quote: str
    body: str

    @property
    def is_raw(self) -> bool:
        """Whether backslashes in it mean themselves."""
        return "r" in self.prefix.lower()

    @property
    def is_formatted(self) -> bool:
        """Whether braces in it hold expressions."""
        return "f" in self.prefix.lower()

    def written(self, prefix: str, body: str) -> str:
        """The literal with another prefix and body, in the same quotes."""
        return f"{prefix}{self.quote}{body}{self.quote}"


def string_literals(text: str) -> Iterator[StringLiteral]:
    """The string literals of a source, in order."""
    for match in _TOKEN.finditer(text):
        if match["comment"] is None:
            yield StringLiteral(
                match.start(), match.end(),
                match["prefix"] if match["quote"] else match["prefix1"],
                match["quote"] or match["quote1"],
                match["long"] if match["quote"] else match["short"],
            )  # fmt: skip


def outside_strings(text: str, change: Callable[[str], str]) -> str:
    """The source with everything but its strings and comments changed."""
    parts, at = [], 0
    for match in _TOKEN.finditer(text):
        parts += [change(text[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*parts, change(text[at:])])
