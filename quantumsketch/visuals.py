"""The thirteen kinds of visual that a beat can show: what is on screen, never how it is drawn.

Every text field takes inline formulas between dollar signs. Lengths are limited so that the scene kit can
always lay a valid visual out legibly, in each aspect. A `cue` is a phrase of the beat's narration: the part
appears when the narration reaches it; without one, parts are spread over the narration in order.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quantumsketch.expression import check_expression

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Tex = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16)]
Expression = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
CellText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=24)]
LONGEST_CODE = 20_000
"""Characters that the source of an animation may have."""


class Part(BaseModel):
    """Base of everything drawn: strict about its fields, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Revealed(Part):
    """A part that appears at its own moment."""

    cue: Phrase | None = Field(default=None, description="words of the narration at which this appears")


class TitleCard(Part):
    """A heading in the middle of the frame, with a line below it."""

    kind: Literal["title"] = "title"
    heading: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    subtitle: Sentence | None = None


class Bullet(Revealed):
    text: Sentence


class BulletPoints(Part):
    """One to six points, each appearing as it is spoken of."""

    kind: Literal["bullets"] = "bullets"
    items: Annotated[list[Bullet], Field(min_length=1, max_length=6)]


class Step(Revealed):
    tex: Tex = Field(description="one line of TeX mathematics, without dollar signs")
    note: Phrase | None = Field(default=None, description="why this step follows")
    highlight: Annotated[list[Tex], Field(max_length=4)] = Field(
        default=[], description="substrings of `tex`, balanced in braces, to colour"
    )

    @model_validator(mode="after")
    def _highlights_occur(self) -> Self:
        for part in self.highlight:
            if part not in self.tex:
                raise ValueError(f"highlight {part!r} does not occur in the step {self.tex!r}")
        return self


class Derivation(Part):
    """Equations below each other, one to six steps."""

    kind: Literal["derivation"] = "derivation"
    steps: Annotated[list[Step], Field(min_length=1, max_length=6)]


class Curve(Revealed):
    expression: Expression = Field(description="a function of x, such as 'sin(x) + x**2/4'")
    label: Phrase | None = None

    @model_validator(mode="after")
    def _expression_parses(self) -> Self:
        check_expression(self.expression)
        return self


class PlotPoint(Revealed):
    x: Number
    y: Number
    label: Label | None = None


class ShadedArea(Revealed):
    curve: Annotated[int, Field(ge=0, le=3)] = 0
    start: Number
    end: Number
    label: Label | None = None


class FunctionPlot(Part):
    """One to four functions of x on axes, with points and a shaded area."""

    kind: Literal["plot"] = "plot"
    curves: Annotated[list[Curve], Field(min_length=1, max_length=4)]
    x_range: tuple[Number, Number]
    y_range: tuple[Number, Number] | None = Field(default=None, description="from the curves if left out")
    points: Annotated[list[PlotPoint], Field(max_length=6)] = []
    area: ShadedArea | None = None
    x_label: Label = "x"
    y_label: Label = "y"

    @model_validator(mode="after")
    def _ranges_hold(self) -> Self:
        for name, span in (("x_range", self.x_range), ("y_range", self.y_range)):
            if span and not span[1] - span[0] > 1e-6 * max(1.0, abs(span[0]), abs(span[1])):
                raise ValueError(f"{name} must go from a smaller to a clearly larger number, not {span}")
        if self.area and self.area.curve >= len(self.curves):
            raise ValueError(f"area names curve {self.area.curve}, but there are {len(self.curves)}")
        if self.area and not self.x_range[0] <= self.area.start < self.area.end <= self.x_range[1]:
            raise ValueError("the area must lie inside x_range, start before end")
        return self


class GeoPoint(Revealed):
    name: Name
    x: Number
    y: Number
    show: bool = Field(default=True, description="draw the dot and its name")


class Segment(Revealed):
    start: Name
    end: Name
    label: Label | None = None
    dashed: bool = False


class Polygon(Revealed):
    points: Annotated[list[Name], Field(min_length=3, max_length=8)]
    label: Label | None = None
    filled: bool = True


class Circle(Revealed):
    center: Name
    radius: Annotated[float, Field(gt=0, le=1e9)]
    label: Label | None = None


class Angle(Revealed):
    start: Name
    vertex: Name
    end: Name
    label: Label | None = None
    right: bool = Field(default=False, description="drawn as a square corner")


class GeometricFigure(Part):
    """Points in the plane, and what is drawn through them; scaled to fit the frame."""

    kind: Literal["geometry"] = "geometry"
    points: Annotated[list[GeoPoint], Field(min_length=1, max_length=16)]
    segments: Annotated[list[Segment], Field(max_length=16)] = []
    polygons: Annotated[list[Polygon], Field(max_length=6)] = []
    circles: Annotated[list[Circle], Field(max_length=4)] = []
    angles: Annotated[list[Angle], Field(max_length=6)] = []

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [point.name for point in self.points]
        if len(set(names)) != len(names):
            raise ValueError("every point needs a name of its own")
        used = [n for s in self.segments for n in (s.start, s.end)]
        used += [n for p in self.polygons for n in p.points] + [c.center for c in self.circles]
        used += [n for a in self.angles for n in (a.start, a.vertex, a.end)]
        if unknown := sorted(set(used) - set(names)):
            raise ValueError(f"no point is named {', '.join(map(repr, unknown))}; known: {', '.join(names)}")
        return self


class Bar(Revealed):
    label: Label
    value: Number


class BarChart(Part):
    """One to ten bars from a common zero."""

    kind: Literal["bars"] = "bars"
    bars: Annotated[list[Bar], Field(min_length=1, max_length=10)]
    unit: Name | None = None


class Mark(Revealed):
    value: Number
    label: Label | None = None


class Interval(Revealed):
    start: Number
    end: Number
    label: Label | None = None


class NumberLine(Part):
    """A line of numbers with marks and intervals on it."""

    kind: Literal["number_line"] = "number_line"
    start: Number
    end: Number
    marks: Annotated[list[Mark], Field(max_length=8)] = []
    intervals: Annotated[list[Interval], Field(max_length=4)] = []

    @model_validator(mode="after")
    def _everything_lies_on_it(self) -> Self:
        if not self.end - self.start > 1e-6 * max(1.0, abs(self.start), abs(self.end)):
            raise ValueError(
                f"the line must go from a smaller to a clearly larger number, not {self.start} to {self.end}"
            )
        for mark in self.marks:
            if not self.start <= mark.value <= self.end:
                raise ValueError(f"mark {mark.value} lies outside {self.start} to {self.end}")
        for interval in self.intervals:
            if not self.start <= interval.start < interval.end <= self.end:
                raise ValueError(
                    f"interval {interval.start} to {interval.end} must lie on the line, start before end"
                )
        return self


class Node(Revealed):
    id: Name
    label: Label | None = Field(default=None, description="the id, if left out")


class Edge(Revealed):
    source: Name
    target: Name
    label: Name | None = None


class Graph(Part):
    """Nodes and edges, laid out as a tree, in a circle or in layers, with a path highlighted at the end."""

    kind: Literal["graph"] = "graph"
    nodes: Annotated[list[Node], Field(min_length=1, max_length=15)]
    edges: Annotated[list[Edge], Field(max_length=30)] = []
    directed: bool = False
    layout: Literal["auto", "tree", "circle", "layers"] = "auto"
    path: Annotated[list[Name], Field(max_length=15)] = Field(default=[], description="node ids, in order")

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        ids = [node.id for node in self.nodes]
        if len(set(ids)) != len(ids):
            raise ValueError("every node needs an id of its own")
        pairs = {(e.source, e.target) for e in self.edges}
        used = {n for pair in pairs for n in pair} | set(self.path)
        if unknown := sorted(used - set(ids)):
            raise ValueError(f"no node has the id {', '.join(map(repr, unknown))}; known: {', '.join(ids)}")
        for edge in self.edges:
            if edge.source == edge.target:
                raise ValueError(f"an edge from {edge.source!r} to itself cannot be drawn")
        if len({frozenset(pair) for pair in pairs}) != len(self.edges):
            raise ValueError("there is more than one edge between two nodes")
        for a, b in zip(self.path, self.path[1:], strict=False):
            if (a, b) not in pairs and (self.directed or (b, a) not in pairs):
                raise ValueError(f"the path goes from {a!r} to {b!r}, but no edge does")
        return self


class Cell(Revealed):
    row: Annotated[int, Field(ge=0, le=7)]
    column: Annotated[int, Field(ge=0, le=5)]


class Table(Part):
    """Rows of cells, as a ruled table or as a matrix in brackets; cells light up as they are spoken of."""

    kind: Literal["table"] = "table"
    header: Annotated[list[CellText], Field(max_length=6)] = []
    rows: Annotated[
        list[Annotated[list[CellText], Field(min_length=1, max_length=6)]], Field(min_length=1, max_length=8)
    ]
    style: Literal["table", "matrix"] = "table"
    highlight: Annotated[list[Cell], Field(max_length=8)] = []

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        width = len(self.rows[0])
        if any(len(row) != width for row in self.rows) or (self.header and len(self.header) != width):
            raise ValueError("every row, and the header, needs the same number of cells")
        for cell in self.highlight:
            if cell.row >= len(self.rows) or cell.column >= width:
                raise ValueError(
                    f"there is no cell in row {cell.row}, column {cell.column} (both count from 0)"
                )
        if self.style == "matrix" and self.header:
            raise ValueError("a matrix has no header")
        return self


class CodeStep(Revealed):
    first: Annotated[int, Field(ge=1, le=24)]
    last: Annotated[int, Field(ge=1, le=24)]
    note: Phrase | None = None


class CodeWalk(Part):
    """Source code, at most 24 lines of 72 characters, with lines lit as they are spoken of."""

    kind: Literal["code"] = "code"
    language: Name = "python"
    code: Annotated[str, StringConstraints(min_length=1, max_length=1800)]
    steps: Annotated[list[CodeStep], Field(max_length=8)] = Field(
        default=[], description="line numbers count from 1"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        lines = self.code.rstrip().splitlines()
        if not lines or len(lines) > 24 or max(map(len, lines)) > 72:
            raise ValueError("code may have 1 to 24 lines of at most 72 characters")
        for step in self.steps:
            if not step.first <= step.last <= len(lines):
                raise ValueError(
                    f"lines {step.first} to {step.last} are not in the code's {len(lines)} lines"
                )
        return self


class Column(Part):
    heading: Phrase
    items: Annotated[list[Bullet], Field(min_length=1, max_length=5)]


class Comparison(Part):
    """Two columns, side by side (one above the other in a tall frame)."""

    kind: Literal["comparison"] = "comparison"
    left: Column
    right: Column


class Event(Revealed):
    when: Name
    text: Phrase


class Timeline(Part):
    """Two to seven events in order."""

    kind: Literal["timeline"] = "timeline"
    events: Annotated[list[Event], Field(min_length=2, max_length=7)]


class ManimCode(Part):
    """An animation in Manim Community code: one Scene class, or the idea of one, to be written by a model."""

    kind: Literal["manim"] = "manim"
    idea: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)] | None = (
        Field(default=None, description="what is seen and how it moves, in order")
    )
    code: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE)] | None = Field(
        default=None, description="the source; left out, it is written from the idea"
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.idea is None and self.code is None:
            raise ValueError("an animation needs an idea, or code")
        return self


Visual = Annotated[
    TitleCard
    | BulletPoints
    | Derivation
    | FunctionPlot
    | GeometricFigure
    | BarChart
    | NumberLine
    | Graph
    | Table
    | CodeWalk
    | Comparison
    | Timeline
    | ManimCode,
    Field(discriminator="kind"),
]
