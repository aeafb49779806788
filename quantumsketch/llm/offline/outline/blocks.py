"""What a text is made of: headings, prose, lists, tables, code and formulas, line by line.

Reads the usual habits of Markdown and of plain notes; whatever it does not know is prose. Knows nothing of
visuals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias


@dataclass(frozen=True)
class Heading:
    level: int
    text: str


@dataclass(frozen=True)
class Prose:
    text: str


@dataclass(frozen=True)
class Listing:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table; `header` is empty if the text has none."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Code:
    language: str
    text: str


@dataclass(frozen=True)
class Formula:
    tex: str


Block: TypeAlias = Heading | Prose | Listing | Grid | Code | Formula

_FENCE = re.compile(r"\s{0,3}(```+|~~~+)\s*([\w+#.-]*)")
_HEADING = re.compile(r"\s{0,3}(#{1,6}|Title:|Topic:)\s+(.+?)\s*#*$")
_UNDERLINE = re.compile(r"\s{0,3}(=|-){3,}\s*$")
_ITEM = re.compile(r"\s{0,12}(?:[-*+•‣–]|\d{1,3}[.)])\s+(\S.*)")
_RULE = re.compile(r"[\s|:+=-]*$")
_DISPLAY = {"$$": "$$", r"\[": r"\]"}
_SEPARATORS = (";", ",")
_ENTRY = re.compile(r"[^:=]{1,40}:\s+\S.*|\d{3,4}\b.*|.*[^\d\s].*\s[-+−]?\d[\d.,]*\s?\S{0,12}")
"""A line that says one thing: "Q1: 120 units", "1789 the Bastille", "coal 30 %"."""
_NUMBER = re.compile(r"[$€£]?\s*[-+−]?\d[\d ,.]*\s*(%|°C|[a-zA-Z]{0,3})")
_LONGEST_FORMULA = 8
_SHORTEST_TABLE = 3
_LONGEST_TABLE = 60
_LONGEST_CELL = 40
_LONGEST_LINE = 60
_NO_ITEM_ENDS_WITH = ".!?;,…。！？，、।॥؟،؛"


def blocks(text: str) -> list[Block]:
    """Read `text` as a list of blocks, in order."""
    return list(_Lines(text.split("\n")).read())


class _Lines:
    """A cursor over the lines; every reader either takes its lines and gives a block, or takes nothing."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0
        self._label_ends = -1

    def read(self) -> Iterator[Block]:
        readers: list[Callable[[], Block | None]] = [
            self._code, self._indented, self._formula, self._heading, self._pipes, self._separated,
            self._listing, self._short_lines,
        ]  # fmt: skip
        prose: list[str] = []
        while self._at < len(self._lines):
            found = next((block for reader in readers if (block := reader())), None)
            if prose and (found or not self._line.strip()):
                yield Prose(" ".join(prose))
                prose = []
            if found:
                yield found
            else:
                prose += [self._line.strip()] if self._line.strip() else []
                self._at += 1
        if prose:
            yield Prose(" ".join(prose))

    @property
    def _line(self) -> str:
        return self._lines[self._at] if self._at < len(self._lines) else ""

    @property
    def _line_above(self) -> str:
        return self._lines[self._at - 1] if 0 < self._at <= len(self._lines) else ""

    def _take(self, count: int) -> list[str]:
        taken = self._lines[self._at : self._at + count]
        self._at += count
        return taken

    def _run(self, belongs: Callable[[str], object], most: int) -> list[str]:
        """The lines from here on that belong, at most `most`, not taken yet."""
        ahead = self._lines[self._at : self._at + most]
        return list(takewhile(belongs, ahead))

    def _code(self) -> Block | None:
        if not (fence := _FENCE.match(self._line)):
            return None
        self._take(1)
        inside = self._run(lambda line: not line.strip().startswith(fence[1]), len(self._lines))
        self._take(len(inside) + 1)
        return Code(fence[2], "\n".join(inside)) if any(map(str.strip, inside)) else None

    def _indented(self) -> Block | None:
        """Code by Markdown's other habit: lines set in by four spaces, below an empty line."""
        if not self._line.startswith("    ") or (self._at and self._lines[self._at - 1].strip()):
            return None
        inside = self._run(lambda line: line.startswith("    "), len(self._lines))
        return (
            self._taking(len(inside), Code("", "\n".join(line[4:] for line in inside)))
            if inside[1:]
            else None
        )

    def _formula(self) -> Block | None:
        opener = self._line.strip()[:2]
        if opener not in _DISPLAY:
            return None
        joined = ""
        for count, line in enumerate(self._lines[self._at : self._at + _LONGEST_FORMULA], start=1):
            joined += " " + line.strip()
            tex, closed, after = joined[3:].partition(_DISPLAY[opener])
            if closed:
                plain = tex.strip() and not after.strip(" .,")
                return self._taking(count, Formula(tex.strip())) if plain else None
        return None

    def _taking(self, count: int, block: Block) -> Block:
        self._at += count
        return block

    def _heading(self) -> Block | None:
        if found := _HEADING.match(self._line):
            return self._taking(1, Heading(found[1].count("#") or 1, found[2]))
        below = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        if 0 < len(self._line.strip()) <= 80 and "|" not in self._line and (rule := _UNDERLINE.match(below)):
            return self._taking(2, Heading(1 if rule[1] == "=" else 2, self._line.strip()))
        return None

    def _listing(self) -> Block | None:
        if not _ITEM.match(self._line):
            return None
        items: list[str] = []
        for line in self._run(
            lambda line: line.strip() and (_ITEM.match(line) or line[:2] == "  "), len(self._lines)
        ):
            self._at += 1
            if item := _ITEM.match(line):
                items.append(item[1].strip())
            else:
                items[-1] += " " + line.strip()
        return Listing(tuple(items))

    def _short_lines(self) -> Block | None:
        """A list without marks, as people type one: short lines that are no sentences, or the label above."""
        below_label = self._at == self._label_ends
        begins = below_label or not self._line_above.strip()
        lines = [line.strip() for line in self._run(_is_short_line, len(self._lines))] if begins else []
        below = self._lines[self._at + len(lines)] if self._at + len(lines) < len(self._lines) else ""
        if below.strip():  # a paragraph that goes on
            return None
        if not below_label and (_is_labelled(lines) or (self._at == 0 and _is_titled(lines))):
            self._label_ends = self._at + 1
            return self._taking(1, Prose(lines[0]))
        return self._taking(len(lines), Listing(tuple(lines))) if _are_items(lines) else None

    def _pipes(self) -> Block | None:
        rows = self._run(lambda line: "|" in line, _LONGEST_TABLE) if "|" in self._line else []
        if len(rows) < 2:
            return None
        cells = [() if _RULE.match(row) else _cells(row.strip().strip("|"), "|") for row in rows]
        grid = _grid([row for row in cells if row], has_header=not cells[1])
        return self._taking(len(rows), grid) if grid else None

    def _separated(self) -> Block | None:
        mark = next((mark for mark in _SEPARATORS if mark in self._line), None)
        if mark is None:
            return None
        count = self._line.count(mark)
        rows: list[tuple[str, ...]] = []
        for most in (_SHORTEST_TABLE, _LONGEST_TABLE):  # a glance first: prose is full of commas
            rows = [_cells(row, mark) for row in self._run(lambda line: line.count(mark) == count, most)]
            if len(rows) < _SHORTEST_TABLE or not _are_values(rows):
                return None
        grid = _grid(rows, has_header=not any(map(is_number, rows[0])))
        return self._taking(len(rows), grid) if grid else None


def is_number(text: str) -> bool:
    """Tell whether `text` is one number, perhaps with a unit sign around it."""
    return bool(_NUMBER.fullmatch(text))


def _is_short_line(line: str) -> bool:
    stripped = line.strip()
    is_other = _ITEM.match(line) or _HEADING.match(line) or _FENCE.match(line) or stripped[:2] in _DISPLAY
    return 0 < len(stripped) <= _LONGEST_LINE and stripped[-1] not in _NO_ITEM_ENDS_WITH and not is_other


def _is_labelled(lines: list[str]) -> bool:
    """Tell whether the first line says what the items below it are."""
    if not _are_items(lines[1:]):
        return False
    return lines[0].endswith((":", "：")) or (not _ENTRY.fullmatch(lines[0]) and _are_entries(lines[1:]))


def _is_titled(lines: list[str]) -> bool:
    """Tell whether the first of a text's lines is its title rather than one thing more."""
    return len(lines) > 3 and not _are_entries(lines) and _are_items(lines[1:])


def _are_items(lines: list[str]) -> bool:
    """Two entries of a kind, or three lines that begin as sentences do; none announces what follows."""
    if len(lines) < 2 or any(line.endswith((":", "：")) or "=" in line or "$" in line for line in lines):
        return False
    return _are_entries(lines) or (len(lines) > 2 and all(map(_begins_anew, lines)))


def _begins_anew(line: str) -> bool:
    return line[0].isupper() or line[0].isdigit()


def _are_entries(lines: list[str]) -> bool:
    return all(map(_ENTRY.fullmatch, lines))


def _cells(row: str, mark: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in row.split(mark))


def _are_values(rows: list[tuple[str, ...]]) -> bool:
    """Data rather than prose with commas: short cells, and a column of numbers below the first row."""
    short = all(len(cell) <= _LONGEST_CELL for row in rows for cell in row)
    return short and any(all(map(is_number, column)) for column in zip(*rows[1:], strict=True))


def _grid(rows: list[tuple[str, ...]], *, has_header: bool) -> Grid | None:
    width = max(map(len, rows), default=0)
    padded = [row + ("",) * (width - len(row)) for row in rows]
    header, body = (padded[0], padded[1:]) if has_header and padded else ((), padded)
    return Grid(header, tuple(body)) if width > 1 and body else None
