"""Asks the questions in each way of searching and grades what is found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import mean

from benchmarks.retrieval.corpus import Question, notes, statements
from benchmarks.retrieval.grading import ndcg, recall
from quantumsketch.memory.finding.search import Hit, Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Provenance

LIMIT = 10
CLASSES = ("why", "now", "cross")
ABSTAIN = "abstain"
_BY_BENCH = Provenance("benchmark", "retrieval", "user")

Way = Callable[[str, str, int], Awaitable[list[Hit]]]


@dataclass(frozen=True)
class Answered:
    """A question and what was found."""

    question: Question
    found: list[str]
    """Ids of notes, the best first."""
    similarity: float
    """Of the hit that is nearest to the question."""

    @property
    def ndcg(self) -> float:
        return ndcg(self.found, self.question.relevant)

    @property
    def recall(self) -> float:
        return recall(self.found, self.question.relevant)

    @property
    def in_order(self) -> bool:
        """Whether nothing outdated stands above what answers now."""
        answers = [note for note, grade in self.question.relevant.items() if grade == 3]
        first = min(
            (self.found.index(note) for note in answers if note in self.found), default=len(self.found)
        )
        return all(note not in self.found[:first] for note in self.question.outdated)


async def write_notes(store: Store, tenant: str) -> None:
    """Have the notes in the memory of `tenant`."""
    await store.upsert(tenant, *statements(), _BY_BENCH)


async def ask(way: Way, tenant: str, questions: Sequence[Question]) -> list[Answered]:
    """Ask one way of searching all these questions."""
    ids = {note.key: note.id for note in notes()}
    answered = []
    for question in questions:
        hits = await way(tenant, question.question, LIMIT)
        found = [ids[hit.kind, hit.name] for hit in hits]
        answered.append(Answered(question, found, max((hit.similarity or 0 for hit in hits), default=0)))
    return answered


def ways(search: Search) -> dict[str, Way]:
    """Return the ways of searching that are compared."""
    return {"fused": search.find, "vectors only": search.by_meaning, "words only": search.by_words}


def of_class(answered: Sequence[Answered], *kinds: str) -> list[Answered]:
    return [each for each in answered if each.question.kind in kinds]


def mean_ndcg(answered: Sequence[Answered], *kinds: str) -> float:
    """Return the mean nDCG@10 of the questions of these classes."""
    return mean(each.ndcg for each in of_class(answered, *kinds))
