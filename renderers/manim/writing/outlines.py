"""Reads the outlines out of the two dialects of SVG that Pango's and TeX's output come in.

Keeps every glyph's place relative to the page, so that baselines are exact; Manim's own SVG reader centres
what it reads and takes ten times as long. Knows glyphs, rules and fills; raises ValueError at anything else.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # what is read was written by our own subprocess

import numpy as np
import numpy.typing as npt

Curves = npt.NDArray[np.float64]
"""Cubic curves one after the other: an array of (4 n, 2), y pointing down."""
_XLINK = "{http://www.w3.org/1999/xlink}href"
_TOKEN = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Outline:
    """One glyph or rule: its curves in page coordinates, where it stands, and its fill."""

    curves: Curves
    x: float
    baseline: float
    fill: str


def read_outlines(path: Path) -> list[Outline]:
    """Every visible glyph and rule of the page at `path`, in writing order."""
    root = ET.parse(path).getroot()  # noqa: S314  (our own subprocess wrote it)
    glyphs: dict[str, Curves] = {}
    found: list[Outline] = []
    for child in root:
        if _tag(child) == "defs":
            _define(child, glyphs)
        else:
            found += _draw(child, glyphs, "")
    return [outline for outline in found if len(outline.curves)]


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _define(defs: ET.Element, glyphs: dict[str, Curves]) -> None:
    for element in defs.iter():
        if _tag(element) == "symbol":
            parts = [path_curves(path.get("d", "")) for path in element if _tag(path) == "path"]
            glyphs[element.get("id", "")] = np.concatenate(parts) if parts else np.zeros((0, 2))
        elif _tag(element) == "path" and element.get("id"):
            glyphs[element.get("id", "")] = path_curves(element.get("d", ""))


def _draw(element: ET.Element, glyphs: dict[str, Curves], fill: str) -> Iterator[Outline]:
    fill = _fill(element) or fill
    if element.get("transform"):
        raise ValueError(f"a transformed {_tag(element)!r} cannot be read")
    match _tag(element):
        case "g":
            for child in element:
                yield from _draw(child, glyphs, fill)
        case "use":
            x, y = float(element.get("x", 0)), float(element.get("y", 0))
            curves = glyphs[element.get(_XLINK, "").removeprefix("#")]
            yield Outline(curves + np.array([x, y]), x, y, fill)
        case "rect":
            x, y, width, height = (float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
            path = f"M{x} {y}H{x + width}V{y + height}H{x}Z"
            yield Outline(path_curves(path), x, y + height, fill)
        case "path" if "fill:none" in element.get("style", ""):
            return  # Pango's frame around the number of a character that no font has
        case other:
            raise ValueError(f"an element {other!r} cannot be read")


def _fill(element: ET.Element) -> str:
    if fill := element.get("fill"):
        return fill
    style = re.search(r"fill:([^;]+)", element.get("style", ""))
    return style.group(1) if style else ""


@functools.lru_cache(maxsize=4096)
def path_curves(data: str) -> Curves:
    """The closed curves that an SVG path with absolute commands describes, every piece as a cubic.

    Not to be changed in place: the same letter is read again and again.
    """
    tokens = _TOKEN.findall(data)
    pen = _Pen()
    index, command = 0, ""
    while index < len(tokens):
        if tokens[index].isalpha():
            command, index = tokens[index], index + 1
        count = _ARGUMENTS.get(command)
        if count is None:
            raise ValueError(f"the path command {command!r} cannot be read")
        pen.take(command, [float(token) for token in tokens[index : index + count]])
        index += count
        command = "L" if command == "M" else command  # further pairs after a move are lines
    return np.array(pen.points, dtype=np.float64).reshape(-1, 2)


_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}
_Point = tuple[float, float]


class _Pen:
    """Follows a path, keeping what its shorthand commands refer back to."""

    def __init__(self) -> None:
        self.points: list[_Point] = []
        self.start: _Point = (0.0, 0.0)
        self.at: _Point = (0.0, 0.0)
        self.cubic_handle: _Point | None = None
        self.square_handle: _Point | None = None

    def take(self, command: str, numbers: list[float]) -> None:
        """Follow one command."""
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
        cubic, square = self.cubic_handle, self.square_handle
        self.cubic_handle = self.square_handle = None
        match command:
            case "M":
                self.start = self.at = pairs[0]
            case "Z":
                self._line(self.start)
            case "L":
                self._line(pairs[0])
            case "H":
                self._line((numbers[0], self.at[1]))
            case "V":
                self._line((self.at[0], numbers[0]))
            case "C":
                self._cubic(*pairs)
            case "S":
                self._cubic(self._mirrored(cubic), *pairs)
            case "Q":
                self._square(*pairs)
            case "T":
                self._square(self._mirrored(square), *pairs)

    def _mirrored(self, handle: _Point | None) -> _Point:
        handle = handle or self.at
        return (2 * self.at[0] - handle[0], 2 * self.at[1] - handle[1])

    def _line(self, end: _Point) -> None:
        if end != self.at:
            self._cubic(_between(self.at, end, 1 / 3), _between(self.at, end, 2 / 3), end)
        self.cubic_handle = None

    def _square(self, handle: _Point, end: _Point) -> None:
        self._cubic(_between(self.at, handle, 2 / 3), _between(end, handle, 2 / 3), end)
        self.cubic_handle, self.square_handle = None, handle

    def _cubic(self, first: _Point, second: _Point, end: _Point) -> None:
        self.points += [self.at, first, second, end]
        self.at, self.cubic_handle = end, second


def _between(a: _Point, b: _Point, share: float) -> _Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
