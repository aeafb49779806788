"""Rankings are made one: what several agree on comes first, and what no longer holds comes last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.memory.finding.fusing import (
    RECENCY,
    SUPERSEDED,
    Ranking,
    best_first,
    recency,
    reciprocal_ranks,
)
from quantumsketch.memory.finding.question import LONGEST_QUESTION, MOST_WORDS, Question, parts_of

ORDERS = st.lists(st.integers(0, 30), unique=True, max_size=20)
RANKINGS = st.lists(st.builds(Ranking, st.floats(0.1, 2), ORDERS, st.none()), max_size=5)
SCORES = st.dictionaries(st.integers(0, 50), st.floats(1e-6, 1), max_size=40)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_two_rankings_agree_on_comes_before_the_first_of_either() -> None:
    scores = reciprocal_ranks([Ranking(1, ["a", "both"]), Ranking(1, ["b", "both"])])
    assert max(scores, key=scores.__getitem__) == "both"
    assert scores["a"] == scores["b"]


def test_a_ranking_that_weighs_more_decides() -> None:
    scores = reciprocal_ranks([Ranking(1, ["a", "b"]), Ranking(2, ["b", "a"])])
    assert scores["b"] > scores["a"]


def test_what_was_found_well_comes_before_the_first_of_a_poor_lot() -> None:
    poor = Ranking(1, ["poor", "poorer"], {"poor": 0.2, "poorer": 0.2})
    good = Ranking(1, ["best", "good"], {"best": 0.8, "good": 0.7})
    scores = reciprocal_ranks([poor, good])
    assert sorted(scores, key=lambda thing: -scores[thing]) == ["best", "good", "poor", "poorer"]


@given(RANKINGS)
def test_whatever_is_ranked_has_a_score_and_nothing_else(rankings: list[Ranking[int]]) -> None:
    scores = reciprocal_ranks(rankings)
    assert scores.keys() == {thing for ranking in rankings for thing in ranking.order}
    assert all(score > 0 for score in scores.values())


@given(RANKINGS, ORDERS)
def test_one_ranking_more_takes_from_nobody_and_keeps_its_own_order(
    rankings: list[Ranking[int]], order: list[int]
) -> None:
    before, after = reciprocal_ranks(rankings), reciprocal_ranks([*rankings, Ranking(1, order)])
    gains = [after[thing] - before.get(thing, 0) for thing in order]
    assert gains == sorted(gains, reverse=True)
    assert all(after[thing] >= score for thing, score in before.items())


@given(RANKINGS)
def test_the_order_of_the_rankings_themselves_does_not_matter(rankings: list[Ranking[int]]) -> None:
    there, back = reciprocal_ranks(rankings), reciprocal_ranks(rankings[::-1])
    assert there.keys() == back.keys()
    assert all(abs(there[thing] - back[thing]) < 1e-9 for thing in there)


@given(SCORES, st.sets(st.integers(0, 50)), st.integers(1, 20))
def test_what_is_superseded_stands_behind_what_holds(
    scores: dict[int, float], superseded: set[int], limit: int
) -> None:
    best = best_first(scores, superseded, limit)
    assert len(best) == min(limit, len(scores))
    marks = [thing in superseded for thing, _ in best]
    assert marks == sorted(marks)
    assert [score for _, score in best] == sorted((score for _, score in best), reverse=True)


@given(SCORES, st.sets(st.integers(0, 50)), st.integers(1, 20))
def test_nothing_is_left_out_for_something_that_counts_less(
    scores: dict[int, float], superseded: set[int], limit: int
) -> None:
    counts = {thing: score * (SUPERSEDED if thing in superseded else 1) for thing, score in scores.items()}
    chosen = {thing for thing, _ in best_first(scores, superseded, limit)}
    left = [counts[thing] for thing in counts.keys() - chosen]
    assert not left or not chosen or max(left) <= min(counts[thing] for thing in chosen)


@given(
    st.timedeltas(timedelta(0), timedelta(days=10_000)), st.timedeltas(timedelta(0), timedelta(days=10_000))
)
def test_the_later_something_changed_the_more_it_counts(one: timedelta, other: timedelta) -> None:
    earlier, later = recency(NOW - max(one, other), NOW), recency(NOW - min(one, other), NOW)
    assert 1 <= earlier <= later <= 1 + RECENCY
    assert recency(NOW + one, NOW) == 1 + RECENCY  # clocks differ


@given(st.text())
def test_of_any_text_something_can_be_searched_for(text: str) -> None:
    question = Question.of(text)
    assert "\x00" not in question.text
    question.text.encode()
    assert len(question.parts) == len(question.words) <= MOST_WORDS


def test_a_question_has_bounds() -> None:
    assert len(Question.of("word " * 10_000).text) <= LONGEST_QUESTION
    assert Question.of("x" * 10_000).searchable == ""
    assert len(Question.of(" ".join(map(str, range(1_000)))).words) == MOST_WORDS
    assert Question.of("Axes axes AXES").words == ("Axes",)


def test_identifiers_have_parts_and_words_have_none() -> None:
    question = Question.of("Where is NumberLine.get_tick used, in x3 or manim.Axes?")
    assert dict(zip(question.words, question.parts, strict=True)) == {
        "Where": None, "is": None, "NumberLine.get_tick": "Number Line get tick", "used": None, "in": None,
        "x3": "x3", "or": None, "manim.Axes": "manim Axes",
    }  # fmt: skip
    assert parts_of("_HTTPServer__x") == "HTTPServer x"


def test_who_writes_operators_means_the_words_as_they_are_written() -> None:
    for text in ('the "number line"', "axes -plot", "-plot axes"):
        assert Question.of(text).words == ()
    for text in ("a well-known axis", "3 - 2", "it's", "the flag -v of curl"):
        assert Question.of(text).words
    alone = Question.of("-plot -axes")
    assert (alone.searchable.split(), alone.words) == (["plot", "axes"], ("plot", "axes"))
    assert "-v" not in Question.of("the flag -v of curl").searchable
