"""Finds the relation that an equation is aligned at: the first =, <, … outside all braces. Knows only TeX."""

from __future__ import annotations

import re

_RELATION = re.compile(r"=|<|>|\\(?:approx|equiv|leq?|geq?|sim|implies|Rightarrow|iff|to|Leftrightarrow)\b")
_PAIRS = ((r"\{", r"\}"), (r"\\left\b", r"\\right\b"), (r"\\begin\b", r"\\end\b"))


def before_relation(tex: str) -> str | None:
    """What stands before the first relation outside all braces, None without one."""
    for match in _RELATION.finditer(tex):
        before = tex[: match.start()]
        if all(len(re.findall(opens, before)) == len(re.findall(closes, before)) for opens, closes in _PAIRS):
            return before.strip()
    return None
