"""Which of OpenRouter's models are free, which of those are asked first, and what a key may do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.llm.free_tier import age, is_free, ranked
from quantumsketch.llm.listing import Listing, free_calls_left, free_limits, listed_models
from quantumsketch.llm.types import Price
from tests.provider_shapes import openrouter_key, openrouter_model, openrouter_models

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = ["tools", "structured_outputs", "response_format"]


def _ranked(*rows: dict[str, Any], cooling: tuple[str, ...] = ()) -> list[str]:
    return [model.id for model in ranked(listed_models({"data": list(rows)}), NOW, cooling)]


def _price(**pricing: Any) -> dict[str, Any]:
    return openrouter_model("a/b:free", pricing=pricing)


@pytest.mark.parametrize(
    "pricing",
    [
        {"prompt": "0", "completion": "0"},
        {"prompt": "0.000", "completion": 0, "image": "-0", "web_search": None, "overrides": []},
        {"prompt": "0", "completion": "0", "tiers": [{"above": "0", "prompt": 0.0}]},
    ],
)
def test_a_free_name_and_nothing_but_zeros_make_a_model_free(pricing: dict[str, Any]) -> None:
    (model,) = listed_models({"data": [_price(**pricing)]})
    assert is_free(model)


@pytest.mark.parametrize(
    "pricing",
    [
        {"prompt": "0", "completion": "0.0000001"},
        {"prompt": "0", "completion": "0", "request": "0.01"},
        {"prompt": "0", "completion": "0", "internal_reasoning": "1e-9"},
        {"prompt": "0", "completion": "0", "tiers": [{"prompt": "0.1"}]},
        {"prompt": "0", "completion": "-1"},
        {"prompt": "0", "completion": "nothing"},
        {"prompt": "0", "completion": "nan"},
        {"prompt": "0", "completion": False},
        {"prompt": "0"},
        {},
    ],
)
def test_one_price_that_is_not_plainly_zero_makes_it_a_paid_one(pricing: dict[str, Any]) -> None:
    (model,) = listed_models({"data": [_price(**pricing)]})
    assert not is_free(model)
    assert ranked([model], NOW) == []


def test_a_price_of_zero_without_the_free_name_is_not_trusted() -> None:
    assert _ranked(openrouter_model("a/b"), openrouter_model("a/free"), openrouter_model("a/c:free")) == [
        "a/c:free"
    ]


@pytest.mark.parametrize(
    "unfit",
    [
        {"context_length": 31_999},
        {"context_length": None},
        {"architecture": {"input_modalities": ["text"], "output_modalities": ["image"]}},
        {"architecture": {"input_modalities": ["text"], "output_modalities": ["text", "audio"]}},
        {"architecture": {"input_modalities": ["audio"], "output_modalities": ["text"]}},
        {"expiration_date": "2026-11-24"},
        {"expiration_date": "2026-11-24T11:59:00Z"},
        {"expiration_date": "2026-11-01"},
    ],
)
def test_a_model_that_is_too_short_mute_or_about_to_go_is_left_out(unfit: dict[str, Any]) -> None:
    assert _ranked(openrouter_model("a/b:free", **unfit)) == []


def test_a_model_that_lasts_or_also_sees_pictures_is_taken() -> None:
    lasting = openrouter_model("a/lasting:free", expiration_date="2026-11-25", context_length=32_000)
    seeing = openrouter_model(
        "a/seeing:free", architecture={"input_modalities": ["image", "text"], "output_modalities": ["text"]}
    )
    assert _ranked(lasting, seeing) == ["a/lasting:free", "a/seeing:free"]


def test_structured_output_counts_before_tools_and_those_before_youth() -> None:
    rows = [
        openrouter_model("a/plain:free", supported_parameters=[], created=9),
        openrouter_model("a/tools:free", supported_parameters=["tools"], created=8),
        openrouter_model("a/json:free", supported_parameters=["response_format", "tools"], created=7),
        openrouter_model("a/old:free", supported_parameters=ALL, created=1),
        openrouter_model("a/new:free", supported_parameters=ALL, created=2),
    ]
    best_first = ["a/new:free", "a/old:free", "a/json:free", "a/tools:free", "a/plain:free"]
    assert _ranked(*rows) == best_first
    assert _ranked(*rows, cooling=("a/new:free",)) == [*best_first[1:], "a/new:free"]


def test_a_row_that_does_not_fit_is_left_out_and_what_is_new_in_one_is_ignored() -> None:
    rows: list[Any] = [
        {"id": "a/nothing:free"}, openrouter_model("a/\x1b[31mred:free"),
        "words", None, {**openrouter_model("a/b:free"), "pricing": "0"},
        {**openrouter_model("a/c:free"), "created": "yesterday"},
        {**openrouter_model("a/good:free"), "benchmarks": {"storyboards": 0.9}},
    ]  # fmt: skip
    assert _ranked(*rows) == ["a/good:free"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["data", "id", "pricing"]) | st.text(), inner)
        ),
        max_leaves=10,
    )
)
def test_any_json_at_all_is_read_without_an_error(answer: Any) -> None:
    assert listed_models(answer) == []
    assert free_limits(answer).per_day > 0
    free_calls_left(answer)


def test_the_price_of_a_paid_model_is_read_and_one_that_varies_is_unknown() -> None:
    rows = [
        openrouter_model("a/b", prompt="0.000003", completion="0.000015"),
        openrouter_model("r/auto", prompt="-1"),
    ]
    fixed, varying = listed_models({"data": rows})
    assert fixed.price == Price(input_usd=3e-06, output_usd=15e-06)
    assert varying.price is None


def test_an_account_without_credit_may_ask_50_times_a_day_and_one_with_credit_1000() -> None:
    without, bought = openrouter_key(is_free_tier=True), openrouter_key(is_free_tier=False)
    assert (free_limits(without.body).per_day, free_limits(bought.body).per_day) == (50, 1000)
    assert free_limits(without.body).per_minute == 20
    assert free_limits({}).per_day == 50


def test_what_openrouter_says_of_the_account_itself_counts_more() -> None:
    told = openrouter_key(free_model_daily_requests={"limit": 1000, "used": 12, "remaining": 988}).body
    assert free_limits(told).per_day == 1000
    assert free_calls_left(told) == 988
    assert free_calls_left(openrouter_key().body) is None


@pytest.mark.parametrize(
    ("old", "words"),
    [(timedelta(minutes=5), "5 min"), (timedelta(hours=7), "7 h"), (timedelta(days=3), "3 days")],
)
def test_the_age_of_a_list_is_told_in_words(old: timedelta, words: str) -> None:
    models = listed_models(openrouter_models(openrouter_model("a/b")).body)
    assert age(Listing(base_url="", fetched_at=NOW - old, models=models), NOW) == words
