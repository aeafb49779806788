"""Storyboards for property tests: valid ones of every kind, from sparse to as full as the nouns allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st

from quantumsketch.storyboard import Beat
from quantumsketch.visuals import (
    Angle,
    Bar,
    BarChart,
    Bullet,
    BulletPoints,
    Cell,
    Circle,
    CodeStep,
    CodeWalk,
    Column,
    Comparison,
    Curve,
    Derivation,
    Edge,
    Event,
    FunctionPlot,
    GeometricFigure,
    GeoPoint,
    Graph,
    Interval,
    Mark,
    Node,
    NumberLine,
    PlotPoint,
    Polygon,
    Segment,
    ShadedArea,
    Step,
    Table,
    Timeline,
    TitleCard,
    Visual,
)

Drawn = TypeVar("Drawn")
Draw = Callable[[st.SearchStrategy[Drawn]], Drawn]

_WORDS = (
    "a", "the", "energy", "of", "triangle", "square", "grows", "proportionality", "Größe", "Δ", "fast", "is",
    "electromagnetism", "équation", "I", "we", "see", "sum,", "value", "100", "%", "(left)", "“quoted”", "$5",
)  # fmt: skip
_FORMULAS = (
    "$x$", "$a^2 + b^2$", r"$\frac{a}{b}$", r"$\sqrt{x^2 + 1}$", r"$\sum_{i=1}^n i$", "$e^{i\\pi}$", r"$\no$",
)  # fmt: skip
_TERMS = (
    "x", "a^2", r"\frac{a+b}{c}", r"\sqrt{x}", r"\sin(x)", "2ab", r"\int_0^1 f(t)\,dt", r"\sum_{k=0}^n k^2",
    r"\left(\frac{p}{2}\right)^2", r"\vec{v}", r"\text{mass}", r"\begin{pmatrix}1 & 0\\0 & 1\end{pmatrix}",
)  # fmt: skip


@st.composite
def texts(draw: st.DrawFn, most: int) -> str:
    """Words, now and then a formula, of at most `most` characters; often as many as that."""
    length = draw(st.sampled_from((most // 4, most, most)))
    text = draw(st.sampled_from(_WORDS))[:most]
    for _ in range(most):
        pool = _FORMULAS if draw(st.integers(0, 7)) == 0 else _WORDS
        longer = f"{text} {draw(st.sampled_from(pool))}"
        if len(longer) > length:
            return text
        text = longer
    return text


@st.composite
def formulas(draw: st.DrawFn, most: int = 160) -> str:
    """Equations of terms, of at most `most` characters; now and then nothing that TeX accepts."""
    if draw(st.integers(0, 15)) == 0:
        return draw(st.sampled_from((r"\frac{a", "x & y }", r"\undefined{x}")))
    length = draw(st.sampled_from((20, 60, most)))
    tex = draw(st.sampled_from(_TERMS))
    for _ in range(most):
        longer = tex + draw(st.sampled_from((" = ", " + ", " - ", r" \leq "))) + draw(st.sampled_from(_TERMS))
        if len(longer) > length:
            return tex
        tex = longer
    return tex


def _maybe(strategy: st.SearchStrategy[Drawn]) -> st.SearchStrategy[Drawn | None]:
    return st.one_of(st.none(), strategy)


@st.composite
def _title(draw: st.DrawFn) -> TitleCard:
    return TitleCard(heading=draw(texts(80)), subtitle=draw(_maybe(texts(120))))


@st.composite
def _bullets(draw: st.DrawFn) -> BulletPoints:
    return BulletPoints(
        items=[Bullet(text=text) for text in draw(st.lists(texts(120), min_size=1, max_size=6))]
    )


@st.composite
def _derivation(draw: st.DrawFn) -> Derivation:
    steps = []
    for tex in draw(st.lists(formulas(), min_size=1, max_size=6)):
        highlight = [term for term in _TERMS[:6] if term in tex][: draw(st.integers(0, 3))]
        steps.append(Step(tex=tex, note=draw(_maybe(texts(60))), highlight=highlight))
    return Derivation(steps=steps)


@st.composite
def _table(draw: st.DrawFn) -> Table:
    rows, columns = draw(st.integers(1, 8)), draw(st.integers(1, 6))
    cells = st.one_of(st.just(""), texts(6), texts(24))
    is_matrix = draw(st.booleans())
    return Table(
        header=[] if is_matrix or draw(st.booleans()) else [draw(texts(24)) for _ in range(columns)],
        rows=[[draw(cells) for _ in range(columns)] for _ in range(rows)],
        style="matrix" if is_matrix else "table",
        highlight=[
            Cell(row=draw(st.integers(0, rows - 1)), column=draw(st.integers(0, columns - 1)))
            for _ in range(draw(st.integers(0, 4)))
        ],
    )


@st.composite
def _code(draw: st.DrawFn) -> CodeWalk:
    line = st.builds(lambda indent, text: (" " * indent + text)[:72], st.sampled_from((0, 4, 8)), texts(72))
    lines = ["def start():", *draw(st.lists(st.one_of(st.just(""), line), max_size=23))]
    last = len("\n".join(lines).rstrip().splitlines())
    steps = []
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(1, last))
        steps.append(CodeStep(first=first, last=draw(st.integers(first, last)), note=draw(_maybe(texts(60)))))
    language = draw(st.sampled_from(("python", "c", "no such thing")))
    return CodeWalk(code="\n".join(lines), language=language, steps=steps)


@st.composite
def _column(draw: st.DrawFn) -> Column:
    items = [Bullet(text=text) for text in draw(st.lists(texts(120), min_size=1, max_size=5))]
    return Column(heading=draw(texts(60)), items=items)


@st.composite
def _comparison(draw: st.DrawFn) -> Comparison:
    return Comparison(left=draw(_column()), right=draw(_column()))


_EXPRESSIONS = (
    "x", "x**2 - 3", "sin(x)", "1/x", "tan(x)", "sqrt(x)", "log(x)", "floor(x)", "exp(x)", "5", "1e9*x**3",
    "1e-6*sin(x)", "sqrt(-1 - x**2)", "abs(x)", "exp(-x**2)", "1/(x**2 - 4)",
)  # fmt: skip
_NUMBERS = st.one_of(
    st.integers(-6, 6).map(float), st.floats(-10, 10), st.sampled_from((1e9, -1e9, 1e-6, 0.0, 1234.5))
)


@st.composite
def _ranges(draw: st.DrawFn) -> tuple[float, float]:
    start = draw(_NUMBERS)
    end = start + draw(st.sampled_from((1.0, 6.5, 20.0, 1e-5, 2e6))) * max(1.0, abs(start))
    return (start, end) if end <= 1e9 else (min(start, 9e8), 1e9)


@st.composite
def _plot(draw: st.DrawFn) -> FunctionPlot:
    low, high = draw(_ranges())
    inside = st.floats(0, 1).map(lambda share: low + share * (high - low))
    curves = draw(st.lists(st.sampled_from(_EXPRESSIONS), min_size=1, max_size=4))
    point = st.builds(PlotPoint, x=inside, y=_NUMBERS, label=_maybe(texts(24)))
    ends = sorted((draw(inside), draw(inside)))
    area = ShadedArea(curve=0, start=ends[0], end=ends[1], label=draw(_maybe(texts(24))))
    return FunctionPlot(
        curves=[Curve(expression=curve, label=draw(_maybe(texts(60)))) for curve in curves],
        x_range=(low, high),
        y_range=draw(_maybe(_ranges())),
        points=draw(st.lists(point, max_size=6)),
        area=area if low <= ends[0] < ends[1] <= high and draw(st.booleans()) else None,
        x_label=draw(texts(24)),
        y_label=draw(st.one_of(st.just("y"), texts(24))),
    )


@st.composite
def _geometry(draw: st.DrawFn) -> GeometricFigure:
    count = draw(st.sampled_from((1, 3, 4, 7, 16)))
    names = [f"the point no. {i}" if draw(st.booleans()) else chr(65 + i) for i in range(count)]
    name, label, some = st.sampled_from(names), _maybe(texts(24)), draw(st.sampled_from((1, 3, 16)))
    segments = st.builds(Segment, start=name, end=name, label=label, dashed=st.booleans())
    polygons = st.builds(Polygon, points=st.lists(name, min_size=3, max_size=8), label=label)
    circles = st.builds(Circle, center=name, radius=st.sampled_from((0.5, 2, 1e9, 1e-3)), label=label)
    angles = st.builds(Angle, start=name, vertex=name, end=name, label=label, right=st.booleans())
    shown = st.integers(0, 5).map(bool)
    return GeometricFigure(
        points=[GeoPoint(name=n, x=draw(_NUMBERS), y=draw(_NUMBERS), show=draw(shown)) for n in names],
        segments=draw(st.lists(segments, max_size=min(some, 16))),
        polygons=draw(st.lists(polygons, max_size=min(some, 6))),
        circles=draw(st.lists(circles, max_size=min(some, 4))),
        angles=draw(st.lists(angles, max_size=min(some, 6))),
    )


@st.composite
def _bars(draw: st.DrawFn) -> BarChart:
    most = draw(st.sampled_from((8, 24)))
    bars = [Bar(label=draw(texts(most)), value=draw(_NUMBERS)) for _ in range(draw(st.integers(1, 10)))]
    return BarChart(bars=bars, unit=draw(_maybe(texts(16))))


@st.composite
def _number_line(draw: st.DrawFn) -> NumberLine:
    start, end = draw(_ranges())
    on_it = st.floats(0, 1).map(lambda share: min(start + share * (end - start), end))
    intervals = []
    for _ in range(draw(st.integers(0, 4))):
        ends = sorted((draw(on_it), draw(on_it)))
        if ends[0] < ends[1]:
            intervals.append(Interval(start=ends[0], end=ends[1], label=draw(_maybe(texts(24)))))
    marks = [Mark(value=draw(on_it), label=draw(_maybe(texts(24)))) for _ in range(draw(st.integers(0, 8)))]
    return NumberLine(start=start, end=end, marks=marks, intervals=intervals)


@st.composite
def _graph(draw: st.DrawFn) -> Graph:
    ids = [f"n{index}" for index in range(draw(st.sampled_from((1, 2, 5, 9, 15))))]
    pairs = [(a, b) for index, a in enumerate(ids) for b in ids[index + 1 :]]
    used = draw(st.lists(st.sampled_from(pairs), max_size=30, unique=True)) if pairs else []
    labels = st.one_of(st.none(), texts(8), texts(24))
    return Graph(
        nodes=[Node(id=node, label=draw(labels)) for node in ids],
        edges=[Edge(source=a, target=b, label=draw(_maybe(texts(16)))) for a, b in used],
        directed=draw(st.booleans()),
        layout=draw(st.sampled_from(("auto", "tree", "circle", "layers"))),
        path=list(draw(st.sampled_from(used))) if used else [],
    )


@st.composite
def _timeline(draw: st.DrawFn) -> Timeline:
    count = draw(st.integers(2, 7))
    return Timeline(events=[Event(when=draw(texts(16)), text=draw(texts(60))) for _ in range(count)])


_VISUALS: dict[str, Callable[[], st.SearchStrategy[Visual]]] = {
    "title": _title,
    "bullets": _bullets,
    "derivation": _derivation,
    "table": _table,
    "code": _code,
    "comparison": _comparison,
    "plot": _plot,
    "geometry": _geometry,
    "bars": _bars,
    "number_line": _number_line,
    "graph": _graph,
    "timeline": _timeline,
}


def visuals(kind: str) -> st.SearchStrategy[Visual]:
    """Valid visuals of `kind`. Raises KeyError for a kind without generators."""
    return _VISUALS[kind]()


def generated_kinds() -> list[str]:
    """The kinds that `visuals` knows."""
    return list(_VISUALS)


@st.composite
def beats(draw: st.DrawFn, kind: str) -> Beat:
    """Beats that show a visual of `kind`, with short and long narrations."""
    words = draw(st.lists(st.sampled_from(_WORDS[:12]), min_size=1, max_size=90))
    return Beat(title=draw(texts(80)), narration=" ".join(words), visual=draw(visuals(kind)))
