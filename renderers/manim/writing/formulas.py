"""Typesets formulas: all that a beat needs in one run of LaTeX. Runs inside the sandbox; knows no Manim.

A formula that TeX refuses is not an error here: there is simply no outline for it, the caller shows its
source instead, and `refusal` tells why.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from renderers.manim.writing.braces import unpaired
from renderers.manim.writing.characters import declarations
from renderers.manim.writing.complaints import complaint, widen_log
from renderers.manim.writing.outlines import Outline, read_outlines

EM = 10.0
"""TeX's font size, in its points."""
_POINTS_PER_BP = 72.27 / 72
_TEX_TIMEOUT_S = 8.0
_OVERFLOW_EM = 0.3
_HIGHLIGHT_FILL = "#f00"

_DOCUMENT = r"""\documentclass{article}
\usepackage{amsmath,amssymb}
%s
\begin{document}
%s
\end{document}
"""
_PAGE = r"""\typeout{}\typeout{BEGINS %(index)d}\setbox0%(box)s
\typeout{}\typeout{ENDS %(index)d \the\wd0 \the\ht0 \the\dp0}\shipout\box0
"""
_ENDS = re.compile(r"ENDS (\d+) ([-\d.]+)pt([-\d.]+)pt([-\d.]+)pt")
_PROGRAMMING = re.compile(
    r"\\(?:[egx]?def|let|loop|repeat|csname|input|include|open(?:in|out)|read|write|immediate|special"
    r"|catcode|(?:re)?newcommand|providecommand|every[a-z]+|shipout|usepackage|document[a-z]+|batchmode"
    r"|end\s*\{document\}|stop|tracing[a-z]+|typeout|message|show[a-z]*|scrollmode)(?![a-zA-Z])"
)


@dataclass(frozen=True)
class TexSource:
    """A formula as it is asked for."""

    tex: str
    display: bool = False
    highlight: tuple[str, ...] = ()
    line_width: float | None = None
    """Break lines at this many em, where TeX allows it."""


@dataclass(frozen=True)
class Formula:
    """A formula as TeX set it. Lengths in em; outlines in big points, the baseline at y = `height`."""

    outlines: tuple[Outline, ...]
    width: float
    height: float
    depth: float

    @property
    def unit(self) -> float:
        """Em in one unit of the outlines' coordinates."""
        return _POINTS_PER_BP / EM

    @property
    def overflows(self) -> bool:
        """Whether a line could not be broken where it had to be, and goes on beyond the formula's width."""
        reach = max(float(outline.curves[:, 0].max()) for outline in self.outlines)
        return reach * self.unit > self.width + _OVERFLOW_EM

    def is_highlighted(self, outline: Outline) -> bool:
        """Whether `outline` belongs to a highlighted part."""
        return outline.fill == _HIGHLIGHT_FILL


_typeset: dict[TexSource, Formula | None] = {}
_refusals: dict[TexSource, str] = {}
_HARMLESS = ("Undefined control sequence", "Double sub", "Double super", "Unicode character", "Environment ")
"""Complaints after which TeX goes on as if nothing had happened."""
_NOT_REACHED = "TeX gave up on it"
_NOT_OUTLINES = "it holds something that is neither letters nor lines, such as a picture or a rotated box"


def formula(source: TexSource) -> Formula | None:
    """The formula for `source`, None if TeX does not accept it. Quick if it was prepared."""
    if source not in _typeset:
        prepare([source])
    return _typeset[source]


def refusal(source: TexSource) -> str | None:
    """Why TeX does not take `source`, in its own words with the offending part; None if it does."""
    return None if formula(source) else _refusals.get(source, _NOT_REACHED)


def asked_for() -> frozenset[TexSource]:
    """Everything that this process has had typeset so far, accepted or not."""
    return frozenset(_typeset)


def prepare(sources: Iterable[TexSource]) -> None:
    """Typeset `sources` in as few runs of LaTeX as possible, and keep the results for this process."""
    asked = [source for source in dict.fromkeys(sources) if source not in _typeset]
    for source in asked:
        if why := unfit(source.tex):
            _typeset[source] = None
            _refusals[source] = why
    pending = [source for source in asked if source not in _typeset]
    while pending:
        pending = _run(pending)
    plain = [replace(source, highlight=()) for source in asked if source.highlight and not _typeset[source]]
    if plain:
        prepare(plain)
        for source in asked:
            without = replace(source, highlight=())
            _typeset[source] = _typeset[source] or _typeset[without]
            if without in _refusals:  # TeX's complaint without our colours in it
                _refusals[source] = _refusals[without]


def unfit(tex: str) -> str | None:
    """Why TeX need not even be asked, None if it must be."""
    if program := _PROGRAMMING.search(tex):
        return f"{program.group()} is for programs, not for formulas: leave it out"
    return unpaired(tex)


def _run(sources: Sequence[TexSource]) -> list[TexSource]:
    """Typeset in one run; returns what an earlier formula kept it from, by ending or spoiling it."""
    with tempfile.TemporaryDirectory() as folder:
        printed = run_latex(_document(sources), Path(folder))
        complaints = _complaints(printed)
        spoilt_from = min(
            (index for index, said in complaints.items() if _spoils(said)), default=len(sources)
        )
        sizes = {index: size for index, size in _sizes_of_accepted(printed).items() if index < spoilt_from}
        pages = pages_in(Path(folder))
        shipped = [int(match.group(1)) for match in _ENDS.finditer(printed)]
        for index, page in zip(shipped, pages, strict=False):
            if index in sizes:
                _typeset[sources[index]] = found = _read(page, sizes[index])
                if found is None:
                    _refusals[sources[index]] = _NOT_OUTLINES
    reached = {int(index) for index in re.findall(r"^BEGINS (\d+)", printed, re.MULTILINE)} or {0}
    done = {index for index in reached if index <= spoilt_from}
    for index in done:
        _typeset.setdefault(sources[index], None)
        if index in complaints:
            _refusals[sources[index]] = complaints[index]
    return [source for index, source in enumerate(sources) if index not in done]


def _document(sources: Sequence[TexSource]) -> str:
    pages = "".join(_PAGE % {"index": index, "box": _box(source)} for index, source in enumerate(sources))
    return _DOCUMENT % (declarations(), pages)


def run_latex(document: str, folder: Path) -> str:
    """Run LaTeX and dvisvgm in `folder`, which then holds page-1.svg, page-2.svg, … Returns TeX's log."""
    widen_log()
    (folder / "page.tex").write_text(document, encoding="utf-8")
    latex = ["latex", "-interaction=nonstopmode", "-no-shell-escape", "page.tex"]
    dvisvgm = ["dvisvgm", "--no-fonts", "--page=1-", "--output=%f-%p.svg", "--verbosity=0", "page.dvi"]
    for command in (latex, dvisvgm):
        try:
            subprocess.run(  # noqa: S603  (a fixed command; the formula is a file it reads)
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, timeout=_TEX_TIMEOUT_S, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            break
    log = folder / "page.log"
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def pages_in(folder: Path) -> list[Path]:
    """The pages that a run left in `folder`, in order."""
    return sorted(folder.glob("page-*.svg"), key=lambda page: int(page.stem.partition("-")[2]))


def _box(source: TexSource) -> str:
    style = r"\displaystyle" if source.display else r"\textstyle"
    tex = highlighted(source.tex, source.highlight)
    if ("&" in tex or r"\\" in tex) and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    body = f"${style}\n{tex}\n$"  # complaints quote its line, and a new line ends a comment
    if source.line_width is None:
        return rf"\hbox{{{body}}}"
    centred = r"\parindent=0pt \leftskip=0pt plus 1fil \rightskip=\leftskip \parfillskip=0pt"
    penalties = r"\relpenalty=0 \binoppenalty=100 \lineskip=5pt \lineskiplimit=4pt"
    return rf"\vbox{{\hsize={source.line_width * EM:.2f}pt {centred} {penalties} \noindent {body}\par}}"


def _complaints(log: str) -> dict[int, str]:
    """What TeX says of each formula that it does not take."""
    pieces = [piece.partition("\n") for piece in re.split(r"^BEGINS ", log, flags=re.MULTILINE)[1:]]
    said = {int(number): complaint(_ENDS.split(rest)[0]) for number, _, rest in pieces}
    return {index: words for index, words in said.items() if words}


def _spoils(said: str) -> bool:
    """Whether TeX may have taken what follows for a part of the formula: no later page can be trusted."""
    return not said.startswith(_HARMLESS)


def _sizes_of_accepted(log: str) -> dict[int, tuple[float, float, float]]:
    """Width, height and depth in points of each formula that TeX set without an error."""
    sizes: dict[int, tuple[float, float, float]] = {}
    for piece in re.split(r"^BEGINS ", log, flags=re.MULTILINE)[1:]:
        ends = _ENDS.search(piece)
        if ends and not re.search(r"^!", piece[: ends.start()], re.MULTILINE):
            sizes[int(ends.group(1))] = (float(ends.group(2)), float(ends.group(3)), float(ends.group(4)))
    return sizes


def _read(page: Path, size: tuple[float, float, float]) -> Formula | None:
    try:
        outlines = read_outlines(page)
    except ValueError:  # something beyond glyphs and rules, such as a rotated box
        return None
    return Formula(tuple(outlines), *(length / EM for length in size)) if outlines else None


def highlighted(tex: str, parts: Sequence[str]) -> str:
    r"""Mark every occurrence of `parts` in `tex` for colour, but not inside a name such as `\frac`."""
    spans: list[tuple[int, int]] = []
    for part in parts:
        for match in re.finditer(re.escape(part), tex):
            start, end = match.span()
            if _is_whole(tex, start, end) and all(end <= a or start >= b for a, b in spans):
                spans.append((start, end))
    for start, end in sorted(spans, reverse=True):
        marked = r"\special{color push rgb 1 0 0}" + tex[start:end] + r"\special{color pop}"
        is_argument = tex[:start].rstrip().endswith(("^", "_"))
        tex = tex[:start] + (f"{{{marked}}}" if is_argument else marked) + tex[end:]
    return tex


def _is_whole(tex: str, start: int, end: int) -> bool:
    part = tex[start:end]
    cuts = any(start < word.start() + len(word.group()) and word.start() < end
               and not (start <= word.start() and word.end() <= end)
               for word in re.finditer(r"\\(?:begin|end)\s*\{[^}]*\}|\\(?:[a-zA-Z]+|.)", tex))  # fmt: skip
    bare = re.sub(r"\\.", "", part)
    return not cuts and bare.count("{") == bare.count("}")
