"""All ways of searching together find what the benchmark's notes tell, hardly ever worse than one by itself.

The notes, the questions and the model are fixed: so is every number here.
"""

from __future__ import annotations

import pytest

from benchmarks.retrieval.corpus import notes, questions
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
from quantumsketch.memory.graph import Graph
from quantumsketch.memory.search import Search
from quantumsketch.memory.store import Store

pytestmark = pytest.mark.slow

A_LITTLE = 0.02


def test_the_notes_and_questions_are_as_many_as_they_should_be() -> None:
    assert sum(note.kind in ("note", "decision") for note in notes()) == 150
    assert len(questions()) >= 60
    ids = {note.id for note in notes()}
    for question in questions():
        assert set(question.relevant) | set(question.outdated) <= ids
        assert bool(question.relevant) is (question.kind != ABSTAIN)


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


async def _answered(database: Database, embedder: Embedder, tenant: str) -> dict[str, list[Answered]]:
    await write_notes(Store(database, embedder), tenant)
    return {name: await ask(way, tenant) for name, way in ways(Search(database, embedder)).items()}
