"""The outline of a text: always a valid storyboard, quick, and made of the text's own words only."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.llm.offline.outline import outline
from quantumsketch.storyboard import PROMPT_LIMIT, Storyboard

_ANY_TEXT = st.text(st.characters(), min_size=1, max_size=400)
_PIECES = st.sampled_from([
    "# ", "## ", "- ", "1. ", "```", "```python\n", "$", "$$", "\\[", "\\]", "\\(", "\\)", "|", "|---|---|",
    "\n", "\n\n", "x^2", "y = ", "sin(x)", "f(x) = 1/x", "\\frac{a}{b}", "{", "}", "^", "_", "\\input{x}",
    "\\left(", "\\text{", "**", "coal 30 %", ", ", "gas 20 %", "1914: war", " vs ", "Pros:\n", ": ", ". ",
    "word ", "$5 ", "漢字。", "שלום ", "\u202e", "[a](b)", "===", "---", ";", "1,2\n", "\x00", "\ud7ff",
    "log2(x)", "sin", "e.g. ", "A. ", "   ", "\\\\", "&", "%", "9" * 30,
])  # fmt: skip
_SOUP = st.lists(_PIECES | st.text(max_size=5), min_size=1, max_size=60).map("".join)
_NASTY = [
    "a" * PROMPT_LIMIT,
    "a " * (PROMPT_LIMIT // 2),
    "A. " * (PROMPT_LIMIT // 3),
    "$" * PROMPT_LIMIT,
    "$x" * (PROMPT_LIMIT // 2),
    "*a" * (PROMPT_LIMIT // 2),
    " *a" * (PROMPT_LIMIT // 3),
    "[" * PROMPT_LIMIT,
    "[a](" * (PROMPT_LIMIT // 4),
    "{" * PROMPT_LIMIT,
    "\\(" * (PROMPT_LIMIT // 2),
    "y=" * (PROMPT_LIMIT // 2),
    "y = x" + "+x" * 9000,
    "y = " + "(" * 19000 + "x",
    "y = x^x" * 2800,
    "y = x x x x x x x x x x x x x x x " * 580,
    "|\n" * (PROMPT_LIMIT // 2),
    "a|b\n" * (PROMPT_LIMIT // 4),
    "a,\n" * (PROMPT_LIMIT // 3),
    "a,1\n" * (PROMPT_LIMIT // 4),
    "- a\n" * (PROMPT_LIMIT // 4),
    "- \n" * (PROMPT_LIMIT // 3),
    "# a\n" * (PROMPT_LIMIT // 4),
    "```\n" * (PROMPT_LIMIT // 4),
    "```\n" + "x" * 19000,
    "```\n" + "a\n\n" * 6000,
    "1 " * (PROMPT_LIMIT // 2),
    "a 1, " * (PROMPT_LIMIT // 5),
    "=" * PROMPT_LIMIT,
    "漢字" * (PROMPT_LIMIT // 2),
    "漢字。" * (PROMPT_LIMIT // 3),
    "\x00\u202e\u200d",
    "…!?",
    "$$\n" * 6000,
    "\\[" * 10000,
    "of " * 6000 + ": 3 %, 4 %",
]


def _check(prompt: str, max_beats: int) -> None:
    board, by = outline(prompt, max_beats)
    assert 1 <= len(board.beats) <= max_beats
    assert by.startswith("offline: outline of your text")
    assert Storyboard.model_validate_json(board.model_dump_json()) == board


@given(prompt=_ANY_TEXT | _SOUP, max_beats=st.integers(1, 24))
@settings(max_examples=300, deadline=None)
def test_any_text_becomes_a_valid_storyboard(prompt: str, max_beats: int) -> None:
    _check(prompt, max_beats)


@pytest.mark.timeout(60)  # each takes half a second; a search that backtracks would take for ever
@pytest.mark.parametrize("number", range(len(_NASTY)))
def test_the_longest_prompts_do_not_hang(number: int) -> None:
    _check(_NASTY[number], 24)


_QUESTION = "How does binary search find a name in a sorted list of a million names so quickly?"
_LEVER = (
    "A bar that turns about a point lifts what is heavy, if it is long enough on your side of that point."
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{_QUESTION}\n\n- Halve it\n- 20 steps", [_QUESTION, "Halve it. 20 steps."]),
        (f"{_LEVER}\n\n- Bar\n- Point", [_LEVER, "Bar. Point."]),
        (f"What is a lever? {_LEVER}\n\n{_LEVER}", ["What is a lever?", _LEVER, _LEVER]),
    ],
)
def test_the_sentence_that_opens_a_text_is_said_whole_and_once(text: str, said: list[str]) -> None:
    board, _ = outline(text, 6)
    assert [beat.narration for beat in board.beats] == said


def test_a_text_of_one_beat_has_its_first_sentence_in_it() -> None:
    board, _ = outline("Plants make sugar from light.\n\n- Roots drink\n- Leaves breathe", 1)
    assert [beat.narration for beat in board.beats] == [
        "Plants make sugar from light. Roots drink. Leaves breathe."
    ]
