"""All ways of searching together find what the benchmark's notes tell, hardly ever worse than one by itself.

The notes, the questions and the model are fixed: so is every number here. Of the held-out questions only
the form is tested: a bound to how well they are answered would be something to choose by.
"""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.memory_retrieval import retrieval
from benchmarks.retrieval.corpus import HELD_OUT, QUESTIONS, notes, questions
from benchmarks.retrieval.grading import ndcg, recall, separation
from benchmarks.retrieval.measuring import (
    ABSTAIN,
    CLASSES,
    Answered,
    ask,
    mean_ndcg,
    of_class,
    ways,
    write_notes,
)
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store

pytestmark = pytest.mark.slow

A_LITTLE = 0.02


def test_the_notes_are_as_many_as_they_should_be() -> None:
    assert sum(note.kind in ("note", "decision") for note in notes()) == 150


@pytest.mark.parametrize(("of", "count"), [(QUESTIONS, 68), (HELD_OUT, 60)])
def test_a_set_of_questions_is_graded_by_notes_that_there_are(of: str, count: int) -> None:
    assert len(questions(of)) == count
    ids = {note.id for note in notes()}
    for question in questions(of):
        assert question.relevant.keys() | set(question.outdated) <= ids, question
        assert set(question.relevant.values()) <= {1, 2, 3}, question
        assert (3 in question.relevant.values()) is (question.kind != ABSTAIN), question
        assert bool(question.relevant) is (question.kind != ABSTAIN), question
        assert all(question.relevant[note] == 1 for note in question.outdated), question


def test_the_held_out_questions_have_the_classes_of_the_first_in_about_their_shares() -> None:
    first, second = (Counter(question.kind for question in questions(of)) for of in (QUESTIONS, HELD_OUT))
    assert first.keys() == second.keys() == {*CLASSES, ABSTAIN}
    for kind in first:
        assert second[kind] / second.total() == pytest.approx(first[kind] / first.total(), abs=0.02)


def test_no_question_stands_in_both_sets_or_twice_in_one() -> None:
    asked = [question.question.casefold() for of in (QUESTIONS, HELD_OUT) for question in questions(of)]
    assert [question for question, times in Counter(asked).items() if times > 1] == []


def test_grades_are_counted_as_the_field_counts_them() -> None:
    relevant = {"a": 3, "b": 1}
    assert ndcg(["a", "b", "x"], relevant) == 1
    assert ndcg(["x", "a", "b"], relevant) == pytest.approx(
        (7 / 1.584963 + 1 / 2) / (7 + 1 / 1.584963), abs=1e-5
    )
    assert ndcg(["x"], relevant) == 0
    assert recall(["x", "a"], relevant) == 1
    assert separation([0.5, 0.2], [0.1, 0.2]) == 0.875


async def test_all_ways_together_are_hardly_worse_than_the_best_of_them(
    database_url: str, graph: Graph, embedder: Embedder, tenant: str
) -> None:
    async with open_database(database_url) as database:
        answered = await _answered(database, embedder, tenant)
    fused = answered["fused"]
    for kinds in (*((kind,) for kind in CLASSES), CLASSES):
        best = max(mean_ndcg(answered[name], *kinds) for name in ("vectors only", "words only"))
        assert mean_ndcg(fused, *kinds) > best - A_LITTLE, kinds
    assert all(each.in_order for each in fused)
    unknown = [each.similarity for each in of_class(fused, ABSTAIN)]
    assert separation([each.similarity for each in of_class(fused, *CLASSES)], unknown) > 0.9


async def test_the_benchmark_tells_of_both_sets_and_which_of_them_is_held_out(
    database_url: str, graph: Graph, embedder: Embedder, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_database(database_url) as database:
        await retrieval(database, embedder)
    first, held_out = capsys.readouterr().out.split("held out: nothing was chosen by these questions")
    for table, answerable in ((first, 53), (held_out, 47)):
        assert f"all of these ({answerable})" in table
        assert "fused" in table
        assert "similarity of the nearest hit" in table


async def _answered(database: Database, embedder: Embedder, tenant: str) -> dict[str, list[Answered]]:
    await write_notes(Store(database, embedder), tenant)
    return {
        name: await ask(way, tenant, questions(QUESTIONS))
        for name, way in ways(Search(database, embedder)).items()
    }
