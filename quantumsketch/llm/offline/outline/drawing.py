"""Blocks of a text as visuals, each with what is said to it. Every word shown or said is the text's own."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

from quantumsketch.llm.offline.outline.blocks import Block, Code, Formula, Grid, Listing, Prose, is_number
from quantumsketch.llm.offline.outline.functions import functions_in, range_for
from quantumsketch.llm.offline.outline.quantities import Entry, Quantity, dated, listed_quantities, quantities
from quantumsketch.llm.offline.outline.tex import spoken, typed
from quantumsketch.llm.offline.outline.wording import fitted, opening, said, sentences, shown
from quantumsketch.narration import phrase_at, words
from quantumsketch.visuals import (
    Bar,
    BarChart,
    Bullet,
    BulletPoints,
    CodeStep,
    CodeWalk,
    Column,
    Comparison,
    Curve,
    Derivation,
    Event,
    FunctionPlot,
    Step,
    Table,
    Timeline,
    Visual,
)

LONGEST_NARRATION = 700
_MOST_POINTS = 4
_MOST_WORDS = 50
_CODE_LINES = 18
_CODE_WIDTH = 72
_UNIT_OF_COLUMN = re.compile(r"(?:\bin |\()([^\s\d()][^\s()]{0,11})\)?$")
_RELATION = re.compile(
    r"=|<|>|\\(?:le|ge|ne|approx|to|rightarrow|Rightarrow|equiv|propto|rightleftharpoons)\b|→|≤|≥"
)
_INLINE = re.compile(r"\$([^$\n]{3,160})\$|\\\((.{3,160}?)\\\)")
_FORMULA_ITEM = re.compile(r"\$([^$]+)\$[.,;]?")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:aligned|align\*?|equation\*?|gather\*?|split)\}|&")
_Item = TypeVar("_Item")


class Scene(NamedTuple):
    """What is said, and what is seen meanwhile."""

    narration: str
    visual: Visual


def drawn(block: Block, lead: str) -> list[Scene]:
    """Draw one block; `lead` is the sentence that introduced it, said first."""
    match block:
        case Prose(text):
            return [_prose(group) for group in _groups(sentences(text))]
        case Listing(items):
            return _listing(list(items), lead)
        case Grid():
            return _grid(block, lead)
        case Code():
            return _code(block, lead)
        case Formula(tex):
            return [_display(tex, lead)]
        case _:
            return []


def statements_in(text: str) -> list[str]:
    """Find the formulas in a line of prose that state something, as TeX: `$a = b$`, not `$x$`."""
    formulas = [first or second for first, second in _INLINE.findall(text)]
    return [tex for tex in formulas if _RELATION.search(tex)]


def continued(scene: Scene, text: str) -> Scene:
    """Say `text` after what the scene says, while its picture stays."""
    return scene._replace(narration=_narration(scene.narration, text))


def _narration(*pieces: str) -> str:
    """Say the pieces one after the other, each ended by a full stop."""
    spoken_pieces = [said(piece) for piece in pieces]
    ended = [_begun(p) if p[-1] in ".!?:;,…。！？" else _begun(p) + "." for p in spoken_pieces if p]
    return fitted(" ".join(ended), LONGEST_NARRATION) or "…"


def _begun(sentence: str) -> str:
    """Begin with a capital letter, unless the first word is a sign such as x or pH."""
    first = sentence.split()[0]
    return (
        sentence[0].upper() + sentence[1:]
        if len(first) > 1 and first.isalpha() and first.islower()
        else sentence
    )


def _cue(narration: str, phrase: str | None) -> str | None:
    return phrase if phrase and len(phrase) <= 60 and phrase_at(narration, phrase) is not None else None


def _pages(items: Sequence[_Item], most: int) -> list[Sequence[_Item]]:
    """Deal items in order onto the fewest pages of at most `most`, about equally full."""
    count = -(-len(items) // most)
    ends = [len(items) * page // count for page in range(count + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def _groups(items: list[str]) -> list[list[str]]:
    """Put sentences together into groups that can be shown and said in one beat."""
    groups: list[list[str]] = []
    for item in items:
        count = len(words(" ".join(groups[-1]))) + len(words(item)) if groups else 0
        if groups and len(groups[-1]) < _MOST_POINTS and count <= _MOST_WORDS:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _prose(group: list[str]) -> Scene:
    if entries := dated(group):
        return _timeline("", entries, group)
    narration = _narration(*group)
    text = " ".join(group)
    visual = (
        _plot(text, narration)
        or next((_bars(found, narration) for one in group if (found := listed_quantities(one))), None)
        or _derivation(statements_in(text), narration)
        or _bullets(group, narration)
    )
    return Scene(narration, visual)


def _bullets(items: Sequence[str], narration: str) -> BulletPoints:
    return BulletPoints(
        items=[
            Bullet(text=fitted(shown(item), 110) or "…", cue=_cue(narration, opening(said(item))))
            for item in items
        ]
    )


def _plot(text: str, narration: str) -> FunctionPlot | None:
    if not (functions := functions_in(text)):
        return None
    curves = [
        Curve(expression=function.expression, label=fitted(function.label, 40)) for function in functions
    ]
    return FunctionPlot(curves=curves, x_range=range_for(functions, text))


def _derivation(formulas: list[str], narration: str) -> Derivation | None:
    read = [(typed(tex), spoken(tex)) for tex in formulas[:6]]
    steps = [Step(tex=tex, cue=_cue(narration, opening(aloud))) for tex, aloud in read if aloud]
    return Derivation(steps=steps) if steps and len(steps) == len(read) else None


def _bars(found: Sequence[Quantity], narration: str) -> BarChart | None:
    if not 2 <= len(found) <= 10:
        return None
    bars = [Bar(label=fitted(shown(q.label), 24), value=q.value, cue=_cue(narration, q.label)) for q in found]
    return BarChart(bars=bars, unit=found[0].unit or None)


def _listing(items: list[str], lead: str) -> list[Scene]:
    if found := dated(items):
        dates = _pages(found, 5)
        return [_timeline(lead if first else "", entries) for first, entries in _firsts(dates)]
    narration = _narration(lead, *items)
    if chart := _bars(quantities([said(item) for item in items]), narration):
        return [Scene(narration, chart)]
    formulas = [match[1] for item in items if (match := _FORMULA_ITEM.fullmatch(item))]
    if len(formulas) == len(items) <= 6 and (steps := _derivation(formulas, narration)):
        return [Scene(narration, steps)]
    pages = [page for group in _groups(items) for page in _pages(group, _MOST_POINTS)]
    return [_points(lead if first else "", page) for first, page in _firsts(pages)]


def _points(lead: str, items: Sequence[str]) -> Scene:
    narration = _narration(lead, *items)
    return Scene(narration, _bullets(items, narration))


def _firsts(pages: Sequence[_Item]) -> list[tuple[bool, _Item]]:
    return [(number == 0, page) for number, page in enumerate(pages)]


def _timeline(lead: str, entries: Sequence[Entry], told: Sequence[str] = ()) -> Scene:
    narration = _narration(lead, *(told or (f"{when}: {text}" for when, text in entries)))
    events = [
        Event(when=when, text=fitted(shown(text), 60) or "…", cue=_cue(narration, when))
        for when, text in entries
    ]
    if len(events) < 2:
        return Scene(narration, _bullets([f"{when}: {text}" for when, text in entries], narration))
    return Scene(narration, Timeline(events=events))


def _display(tex: str, lead: str) -> Scene:
    lines = [line.strip() for line in _ENVIRONMENT.sub(" ", tex).split("\\\\") if line.strip()]
    narration = _narration(lead, *(spoken(line) or line for line in lines))
    steps = _derivation(lines, narration) if len(lines) <= 6 else None
    return Scene(narration, steps or _bullets([tex], narration))


def _grid(grid: Grid, lead: str) -> list[Scene]:
    rows = [row[:6] for row in grid.rows]
    if len(rows[0]) == 2 and all(is_number(row[1]) for row in rows):
        parts = [f"{label}: {value}" for label, value in rows]
        narration = _narration(lead, *parts)
        unit = _UNIT_OF_COLUMN.search(grid.header[1]) if grid.header else None
        found = [q._replace(unit=q.unit or (unit[1] if unit else "")) for q in quantities(parts)]
        if chart := _bars(found, narration):
            return [Scene(narration, chart)]
    columns = len(rows[0]) == 2 and all(grid.header) and bool(grid.header) and all(all(row) for row in rows)
    draw = _comparison if columns else _table
    pages = _pages(rows, 4 if columns else 6)
    return [draw(grid.header, page, lead if first else "") for first, page in _firsts(pages)]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], lead: str) -> Scene:
    narration = _narration(lead, *(", ".join(filter(None, row)) for row in rows))
    cells = [[fitted(shown(cell), 24) for cell in row] for row in rows]
    return Scene(narration, Table(header=[fitted(shown(cell), 24) for cell in header[:6]], rows=cells))


def _comparison(header: Sequence[str], rows: Sequence[Sequence[str]], lead: str) -> Scene:
    left, right = ((header[side], [row[side] for row in rows]) for side in (0, 1))
    return compared(left, right, lead)


def compared(left: tuple[str, Sequence[str]], right: tuple[str, Sequence[str]], lead: str) -> Scene:
    """Draw two columns, each a heading and its items, and say one after the other."""
    narration = _narration(lead, *(f"{heading}: {'; '.join(items)}" for heading, items in (left, right)))
    columns = [
        Column(
            heading=fitted(shown(heading), 40) or "…",
            items=[
                Bullet(text=fitted(shown(item), 60) or "…", cue=_cue(narration, opening(said(item))))
                for item in items
            ],
        )
        for heading, items in (left, right)
    ]
    return Scene(narration, Comparison(left=columns[0], right=columns[1]))


def _code(code: Code, lead: str) -> list[Scene]:
    lines = [piece for line in code.text.rstrip().expandtabs(4).split("\n") for piece in _wrapped(line)]
    pages = _pages(lines, _CODE_LINES)
    scenes, start = [], 1
    for first, page in _firsts(pages):
        label = f"The code, lines {start} to {start + len(page) - 1}" if len(pages) > 1 else "The code"
        narration = _narration(lead if first and lead else label)
        walk = CodeWalk(language=code.language[:16] or "text", code="\n".join(page), steps=_passages(page))
        scenes.append(Scene(narration, walk))
        start += len(page)
    return scenes


def _wrapped(line: str) -> list[str]:
    if len(line) <= _CODE_WIDTH:
        return [line]
    indent = " " * min(len(line) - len(line.lstrip()) + 4, 24)
    return textwrap.wrap(
        line, _CODE_WIDTH, subsequent_indent=indent, drop_whitespace=True, replace_whitespace=False
    ) or [""]


def _passages(lines: Sequence[str]) -> list[CodeStep]:
    """Light up the passages between blank lines, one after the other; nothing if there is only one."""
    numbers = [number for number, line in enumerate(lines, start=1) if line.strip()]
    starts = [n for n in numbers if n == 1 or not lines[n - 2].strip()]
    ends = [n for n in numbers if n == len(lines) or not lines[n].strip()]
    steps = [CodeStep(first=a, last=b) for a, b in zip(starts, ends, strict=True)]
    return steps if 1 < len(steps) <= 8 else []
