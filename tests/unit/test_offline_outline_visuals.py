"""What the parts of a text become, and that nothing is shown or said that the text does not hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.llm.offline.outline import outline
from quantumsketch.llm.offline.outline.tex import spoken
from quantumsketch.llm.offline.outline.wording import fitted, sentences, shown
from quantumsketch.narration import phrase_at
from quantumsketch.storyboard import Beat
from quantumsketch.visuals import (
    BarChart,
    BulletPoints,
    CodeWalk,
    Comparison,
    Derivation,
    FunctionPlot,
    Table,
    Timeline,
    Visual,
)

_EXAMPLES = Path(__file__).parents[2] / "examples"


def _beats(text: str) -> list[Beat]:
    return outline(text, 24)[0].beats


def _only(text: str) -> Visual:
    """The visual of the one beat that follows the title card."""
    [_, beat] = _beats("# A title\n\n" + text)
    return beat.visual


def test_headings_become_the_titles_of_the_beats_below_them() -> None:
    titles = [beat.title for beat in _beats("# Moss\n\nIt is green.\n\n## Where\n\nIn the shade.\n")]
    assert titles == ["Moss", "Moss", "Where"]


def test_a_list_becomes_points_with_cues_that_are_said() -> None:
    [_, beat] = _beats("# Moss\n\n- it is green\n- it loves shade and rain\n")
    assert isinstance(beat.visual, BulletPoints)
    assert [item.text for item in beat.visual.items] == ["it is green", "it loves shade and rain"]
    assert all(item.cue and phrase_at(beat.narration, item.cue) for item in beat.visual.items)


def test_a_list_of_dates_becomes_a_timeline() -> None:
    visual = _only("- 1914: war begins\n- 1918: war ends\n- May 1968: unrest\n")
    assert isinstance(visual, Timeline)
    assert [(event.when, event.text) for event in visual.events][2] == ("May 1968", "unrest")


@pytest.mark.parametrize(
    "text",
    [
        "The mix is: coal 30 %, gas 20 % and wind 50 %.",
        "30 % coal, 20 % gas, 50 % wind",
        "- coal: 30 %\n- gas: 20 %\n- wind: 50 %\n",
        "| Source | Share |\n|---|---|\n| coal | 30 % |\n| gas | 20 % |\n| wind | 50 % |\n",
        "source,share\ncoal,30 %\ngas,20 %\nwind,50 %\n",
    ],
)
def test_labels_with_numbers_become_bars(text: str) -> None:
    visual = _only(text)
    assert isinstance(visual, BarChart)
    assert [(bar.label, bar.value) for bar in visual.bars] == [("coal", 30), ("gas", 20), ("wind", 50)]
    assert visual.unit == "%"


def test_numbers_in_different_units_are_no_bars() -> None:
    assert isinstance(_only("- mass: 3 kg\n- height: 2 m\n"), BulletPoints)


@pytest.mark.parametrize(
    "text", ["$$E = mc^2$$", "\\[E = mc^2\\]", "Einstein: $E = mc^2$.", "$$\nE = mc^2\n$$"]
)
def test_formulas_become_a_derivation(text: str) -> None:
    visual = _only(text)
    assert isinstance(visual, Derivation)
    assert [step.tex for step in visual.steps] == ["E = mc^2"]


@pytest.mark.parametrize("text", ["$a^2 + b^2 = c^2$", "The theorem says $a^2 + b^2 = c^2$:"])
def test_a_formula_above_a_list_is_shown_and_not_only_said(text: str) -> None:
    _, formula, points = _beats(f"# Pythagoras\n\n{text}\n\n- first\n- second")
    assert isinstance(formula.visual, Derivation)
    assert [step.tex for step in formula.visual.steps] == ["a^2 + b^2 = c^2"]
    assert isinstance(points.visual, BulletPoints)


def test_aligned_equations_become_one_step_each() -> None:
    visual = _only("$$\\begin{aligned} a &= b + c \\\\ a - c &= b \\end{aligned}$$")
    assert isinstance(visual, Derivation)
    assert [step.tex for step in visual.steps] == ["a = b + c", "a - c = b"]


@pytest.mark.parametrize(
    "tex",
    [
        r"\input{/etc/passwd}", r"\write18{ls}", r"\def\x{\x}\x", r"\loop\iftrue\repeat",
        r"\csname x\endcsname",
        r"\catcode`\^=7", r"^^5cinput{x}", r"\begin{document}", r"x^2^3", r"\frac{1}{", r"{a}}", r"\left( x",
        r"\frac12\right)", "x_", "50 % off", r"\text{a$b}", "π" * 90, r"\href{x}{y}", "#1", "~",
        r"\special{x}", r"\openin", r"\includegraphics{x}", "é",
    ],
)  # fmt: skip
def test_what_is_not_plain_mathematics_is_never_a_formula(tex: str) -> None:
    assert spoken(tex) is None
    for beat in _beats(f"# Notes\n\nSee $x = {tex}$ and\n\n$$x = {tex}$$\n"):
        assert not isinstance(beat.visual, Derivation)
        assert "$" not in beat.visual.model_dump_json()


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        ("a^2 + b^2 = c^2", "a squared plus b squared equals c squared"),
        (r"\frac{1}{2}mv^2", "1 over 2 m v squared"),
        (r"\int_0^1 x\,dx", "the integral from 0 to 1 x d x"),
        (r"(a+b)^2", "a plus b all squared"),
        (r"e^{i\pi} = -1", "e to the i pi equals minus 1"),
        (r"\sqrt{2} \approx 1.41", "the square root of 2 is about 1.41"),
    ],
)
def test_formulas_are_read_aloud(tex: str, words: str) -> None:
    assert spoken(tex) == words


@pytest.mark.parametrize(
    ("text", "expressions", "span"),
    [
        ("y = sin(x)", ["sin(x)"], (-6.28, 6.28)),
        ("f(x) = log2(x)", ["log2(x)"], (0, 10)),
        ("f(x) = 2log10(20x)", ["2*log10(20*x)"], (0, 10)),
        ("y = log_2 x and $g(x) = \\log_{10}(x)$", ["log2(x)", "log10(x)"], (0, 10)),
        ("y = log₂(x)", ["log2(x)"], (0, 10)),
        ("$y = \\log{2x}$", ["log(2*x)"], (0, 10)),
        ("The line f(x) = 2x + 1 rises.", ["2*x + 1"], (-5, 5)),
        ("f(x) = x^2 and g(x) = 3x(x - 1) for x from -2 to 4", ["x^2", "3*x*(x - 1)"], (-2, 4)),
        ("$f(x) = \\frac{1}{x}$", ["((1)/(x))"], (-5, 5)),
        ("y = √(x)", ["sqrt(x)"], (0, 10)),
        ("f(x) = |x - 2|, the distance from 2", ["abs(x - 2)"], (-5, 5)),
        ("g(x)=sqrt(4-x^2) draws half a circle", ["sqrt(4-x^2)"], (-2, 2)),
    ],
)
def test_functions_become_a_plot(text: str, expressions: list[str], span: tuple[float, float]) -> None:
    visual = _only(text)
    assert isinstance(visual, FunctionPlot)
    assert [curve.expression for curve in visual.curves] == expressions
    assert visual.x_range == pytest.approx(span, abs=0.01)


def test_a_curve_is_called_what_the_text_calls_it_unless_that_is_tex() -> None:
    visual = _only("y = sin x + cos 2x and $g(x) = \\frac{x}{2}$")
    assert isinstance(visual, FunctionPlot)
    assert [curve.label for curve in visual.curves] == ["y = sin x + cos 2x", "g(x) = ((x)/(2))"]


def test_a_short_comment_is_said_while_the_curve_before_it_stays() -> None:
    [_, beat] = _beats("# Waves\n\ny = sin(x)\n\nIt goes up and down.\n")
    assert isinstance(beat.visual, FunctionPlot)
    assert beat.narration == "y = sin(x). It goes up and down."


def test_words_after_an_equals_sign_are_no_function() -> None:
    assert isinstance(_only("Here y = whatever you like, and f(x) = unknown."), BulletPoints)


def test_a_table_keeps_its_cells_and_long_ones_go_on_to_a_next_page() -> None:
    rows = "".join(f"| r{n} | a | b |\n" for n in range(9))
    pages = [
        b.visual
        for b in _beats("# T\n\n| x | y | z |\n|---|---|---|\n" + rows)
        if isinstance(b.visual, Table)
    ]
    assert [row[0] for page in pages for row in page.rows] == [f"r{n}" for n in range(9)]
    assert {tuple(page.header) for page in pages} == {("x", "y", "z")}


def test_two_columns_of_words_and_pros_and_cons_become_a_comparison() -> None:
    for text in (
        "| Cats | Dogs |\n|---|---|\n| purr | bark |\n| climb | swim |\n",
        "Pros:\n\n- quiet\n- clean\n\nCons:\n\n- slow\n",
    ):
        assert isinstance(_only(text), Comparison)


def test_code_is_paged_and_wide_lines_are_wrapped_without_losing_a_character() -> None:
    wide = "total = " + " + ".join(f"x{n}" for n in range(40))
    code = "\n".join([*(f"step_{n} = compute({n})" for n in range(40)), wide])
    walks = [
        b.visual for b in _beats(f"# Code\n\n```python\n{code}\n```\n") if isinstance(b.visual, CodeWalk)
    ]
    assert len(walks) >= 3
    assert re.sub(r"\s", "", "".join(w.code for w in walks)) == re.sub(r"\s", "", code)
    assert {walk.language for walk in walks} == {"python"}


def test_a_bare_question_is_answered_honestly() -> None:
    board, by = outline("Explain black holes", 24)
    assert [beat.visual.kind for beat in board.beats] == ["title", "bullets"]
    assert "No language model is connected" in board.beats[1].narration
    assert by == "offline: outline of your text"


def test_what_was_left_out_is_said() -> None:
    text = "".join(f"# Part {n}\n\nSentence about {n}. It goes on.\n\n" for n in range(1, 11))
    board, by = outline(text, 5)
    assert len(board.beats) == 5
    assert by == "offline: outline of your text (4 of 10 parts)"


def test_shortening_cuts_at_a_clause_and_never_inside_a_formula() -> None:
    text = "Green plants make sugar from light and water, and they give off oxygen as they do so"
    assert fitted(text, 60) == "Green plants make sugar from light and water…"
    assert fitted("The sum of all of these is $a + b + c + d$ and more", 40) == "The sum of all of these is…"


def test_money_and_abbreviations_are_not_taken_for_formulas_and_sentence_ends() -> None:
    assert shown("It costs $5 to $6 million.") == "It costs 5 dollars to 6 million dollars."
    assert sentences("Ask Dr. Who, e.g. Today. Then go.") == ["Ask Dr. Who, e.g. Today.", "Then go."]


_WORD = st.from_regex(r"[a-z]{2,9}", fullmatch=True)
_LINE = st.lists(_WORD, min_size=1, max_size=30).map(lambda line: " ".join(line).capitalize() + ".")
_TEXT = st.lists(_LINE | _LINE.map("- {}".format) | _LINE.map("# {}".format), min_size=3, max_size=30).map(
    "\n\n".join
)


@given(text=_TEXT)
@settings(max_examples=60, deadline=None)
def test_every_word_that_is_shown_or_said_stands_in_the_text(text: str) -> None:
    known = set(re.findall(r"\w+", text.casefold())) | {"your", "text"}  # the title of a text without any
    for beat in _beats(text):
        visual = beat.visual.model_dump(exclude={"kind"})
        seen = re.findall(r"'(?:text|heading)': '([^']*)'", str(visual))
        for piece in [beat.title, beat.narration, *seen]:
            whole = piece.removesuffix("…") if piece.endswith("…") else piece
            cut = {whole.split()[-1].casefold()} if piece.endswith("…") and whole.split() else set()
            assert set(re.findall(r"\w+", whole.casefold())) - cut <= known


@pytest.mark.parametrize("name", ["photosynthesis.txt", "waves.txt", "electricity.txt"])
def test_the_examples_of_notes_become_several_kinds_of_visuals(name: str) -> None:
    kinds = {beat.visual.kind for beat in _beats((_EXAMPLES / name).read_text(encoding="utf-8"))}
    assert len(kinds) >= 4
