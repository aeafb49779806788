"""How well the memory finds what is asked for: all ways of searching together against each by itself.

Twice: with the questions by which the ways were weighed, and with those by which nothing was chosen.
"""

from __future__ import annotations

from statistics import mean

from benchmarks.retrieval.corpus import HELD_OUT, QUESTIONS, Question, notes, questions
from benchmarks.retrieval.grading import separation
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
from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.finding.rankings import LEAST_SIMILARITY
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store

TENANT = "retrieval"


async def retrieval(database: Database, embedder: Embedder) -> None:
    """Write the notes, ask both sets of questions, tell how good the answers are."""
    await write_notes(Store(database, embedder), TENANT)
    search = Search(database, embedder)
    print(f"\n{len(notes())} notes; nDCG@10 (recall@10 in brackets)")
    print("questions by whose answers the ways of searching were weighed:")
    await answering(search, questions(QUESTIONS))
    print("\nheld out: nothing was chosen by these questions:")
    await answering(search, questions(HELD_OUT))


async def answering(search: Search, asked: list[Question]) -> None:
    """Ask each way of searching these questions, and tell how good the answers are."""
    answered = {name: await ask(way, TENANT, asked) for name, way in ways(search).items()}
    print(f"{f'{len(asked)} questions':<16}{''.join(f'{name:>18}' for name in answered)}")
    for kinds in (*((kind,) for kind in CLASSES), CLASSES):
        name = kinds[0] if len(kinds) == 1 else "all of these"
        count = len(of_class(answered["fused"], *kinds))
        cells = [
            f"{mean_ndcg(each, *kinds):10.3f} ({mean(one.recall for one in of_class(each, *kinds)):.2f})"
            for each in answered.values()
        ]
        print(f"{name + f' ({count})':<16}{''.join(f'{cell:>18}' for cell in cells)}")
    told_once = [each for each in answered["fused"] if each.question.outdated]
    in_order = sum(each.in_order for each in told_once)
    print(f"fused: what holds stands above what held in {in_order} of {len(told_once)}")
    abstaining(answered["fused"])


def abstaining(answered: list[Answered]) -> None:
    """Tell how well the nearest hit's similarity separates what can be answered from what cannot."""
    known = [each.similarity for each in of_class(answered, *CLASSES)]
    unknown = [each.similarity for each in of_class(answered, ABSTAIN)]
    line = max(sorted([*known, *unknown]), key=lambda s: _right(known, unknown, s))
    drawn, present = (_right(known, unknown, each) for each in (line, LEAST_SIMILARITY))
    print(
        f"similarity of the nearest hit: {mean(known):.2f} with an answer (least {min(known):.2f}), ", end=""
    )
    print(f"{mean(unknown):.2f} without one (most {max(unknown):.2f}); the former is higher in ", end="")
    print(
        f"{separation(known, unknown):.3f} of all pairs; the best line to draw, {line:.2f}, is right ", end=""
    )
    print(f"in {drawn:.3f}, {LEAST_SIMILARITY} in {present:.3f}")


def _right(known: list[float], unknown: list[float], line: float) -> float:
    """The mean of both shares that stand on the right side."""
    return (mean(each >= line for each in known) + mean(each < line for each in unknown)) / 2
