"""What a call costs at most: never less than a tokenizer counts, never more than was granted."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from quantumsketch.call_book import Limits, Spent
from quantumsketch.llm.budget import MOST_TOKENS, affordable_tokens, input_tokens, wish
from quantumsketch.llm.types import Message, Price, Question
from quantumsketch.storyboard import Storyboard
from quantumsketch.tool_spec import ToolSpec

SONNET = Price(input_usd=3e-6, output_usd=15e-6)
TEXTS = {
    "prose": "Explain the theorem of Pythagoras with a proof by rearrangement, slowly. " * 30,
    "TeX": r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}, \begin{pmatrix}1&2\\3&4\end{pmatrix} " * 20,
    "code": "for i in range(10):\n    self.play(FadeIn(dots[i]), run_time=0.5)  # one after the other\n" * 20,
    "digits": "31415926535897932384626433832795028841971693993751058209749445" * 20,
    "Chinese": "请解释勾股定理，并用一个直角三角形的图形来证明它。" * 30,
    "Russian": "Объясните теорему Пифагора и докажите её. " * 30,
    "Hindi": "पाइथागोरस प्रमेय को समझाइए और सिद्ध कीजिए। " * 30,
    "symbols": "∀ε>0 ∃δ>0: |x−a|<δ ⇒ |f(x)−f(a)|<ε; ∑ᵢ αᵢ² ≤ ∫₀^∞ " * 30,
    "emoji": "🎬😀👍🏽🚀🧮" * 60,
    "schema": json.dumps(Storyboard.model_json_schema()),
}

usd_per_token = st.just(0.0) | st.floats(1e-10, 1e-3)
prices = st.builds(Price, input_usd=usd_per_token, output_usd=usd_per_token)


def _question(text: str) -> Question:
    return Question(messages=[Message(role="user", content=text)])


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """A tokenizer that Anthropic has published."""
    spec = find_spec("litellm")
    assert spec
    assert spec.origin
    return Tokenizer.from_file(
        str(Path(spec.origin).parent / "litellm_core_utils/tokenizers/anthropic_tokenizer.json")
    )


@pytest.mark.parametrize("kind", TEXTS)
def test_no_text_has_more_tokens_than_it_is_said_to_have_at_most(tokenizer: Tokenizer, kind: str) -> None:
    text = TEXTS[kind]
    counted = len(tokenizer.encode(text).ids)
    assert counted > 300
    overhead = input_tokens(_question(""))
    assert counted <= input_tokens(_question(text)) - overhead <= 2.6 * counted


def test_tools_and_the_schema_count_as_well() -> None:
    plain = _question("Explain primes")
    schema = {"type": "object", "description": "x" * 1000}
    tool = ToolSpec(name="find", description="y" * 1000, parameters=schema)
    with_schema = plain.model_copy(update={"answer_schema": schema})
    with_tools = plain.model_copy(update={"tools": [tool]})
    assert input_tokens(with_schema) >= input_tokens(plain) + 500
    assert input_tokens(with_tools) >= input_tokens(plain) + 1000


def test_a_call_wishes_for_a_whole_answer_and_needs_a_useful_one() -> None:
    question = _question("Explain primes")
    asking_usd = input_tokens(question) * 3e-6
    wanted = wish(SONNET, question)
    assert wanted.least_usd == pytest.approx(asking_usd + question.least_tokens * 15e-6)
    assert wanted.most_usd == pytest.approx(asking_usd + MOST_TOKENS * 15e-6)
    assert wish(SONNET, question, most_tokens=100).least_usd == pytest.approx(asking_usd + 100 * 15e-6)


def test_a_question_says_how_long_an_answer_to_it_has_to_be() -> None:
    short, long = (
        _question("Explain primes"),
        _question("Explain primes").model_copy(update={"least_tokens": 4_000}),
    )
    more_usd = wish(SONNET, long).least_usd - wish(SONNET, short).least_usd
    assert more_usd == pytest.approx(2_500 * 15e-6, rel=0.01)


@given(price=prices, text=st.text(max_size=500), left_usd=st.floats(0, 20))
def test_whatever_is_left_the_call_costs_no_more_and_the_answer_is_long_enough(
    price: Price, text: str, left_usd: float
) -> None:
    question = _question(text)
    granted = wish(price, question).granted(Limits(video_usd=left_usd), Spent())
    if granted is None:
        assert input_tokens(question) * price.input_usd + question.least_tokens * price.output_usd > left_usd
        return
    tokens = affordable_tokens(price, question, granted)
    assert question.least_tokens <= tokens <= MOST_TOKENS
    cost = input_tokens(question) * price.input_usd + tokens * price.output_usd
    assert cost <= left_usd * (1 + 1e-9) + 1e-12


@given(price=prices, text=st.text(max_size=100))
def test_without_a_limit_the_answer_may_be_as_long_as_any(price: Price, text: str) -> None:
    question = _question(text)
    granted = wish(price, question).granted(Limits(), Spent())
    assert granted is not None
    assert affordable_tokens(price, question, granted) == MOST_TOKENS
