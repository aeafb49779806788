"""Tells which brace of a formula has no partner: TeX's own complaint comes too late to say. Pure text."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\.|%[^\n]*|[{}]", re.DOTALL)
_MOST_SHOWN = 30


def unpaired(tex: str) -> str | None:
    """What is wrong with the braces of `tex`, None if they pair. Escaped ones and comments do not count."""
    open_at: list[int] = []
    for token in _TOKEN.finditer(tex):
        if token.group() == "{":
            open_at.append(token.start())
        elif token.group() == "}":
            if not open_at:
                return f"the closing brace after {tex[: token.start()][-_MOST_SHOWN:]!r} has no opening one"
            open_at.pop()
    return f"the brace that opens at {tex[open_at[0] :][:_MOST_SHOWN]!r} is not closed" if open_at else None
