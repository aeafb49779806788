"""What was learned from making videos: errors with the repairs that worked, models' failures, render times.

One tenant at a time. Knows no model and no workflow: whoever recalls a hint decides who is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from psycopg.rows import DictRow
from pydantic import Field, JsonValue, ValidationError

from quantumsketch.call_book import LONGEST_CALL, NEVER_ENDED
from quantumsketch.incidents import SLOW, Complaint, Hint
from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder, EmbedderFailed
from quantumsketch.memory.facts import storable
from quantumsketch.memory.lessons import KeptRepair, lessons_of
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import Record
from quantumsketch.memory.search import Search
from quantumsketch.memory.statements import Entity, Fact, Provenance
from quantumsketch.memory.store import Store
from quantumsketch.video import Video

LIKE_ENOUGH = 0.8
"""Cosine from which on the repair of one error is told for another of the same rule."""
MODEL_CALL = "model call"
"""The rule of a model's failures."""
_MOST_HINTS = 2
_OPPOSITES = {SLOW, "pace"}
"""Rules whose errors sound alike and are none: too long, too short."""
_LOOKED_UP_BY_MEANING = 2
"""Complaints that nothing is known of, the first ones."""
_LIKE_ERRORS = 3
_VIDEOS_TIMED = 200
_LONGEST_SIDE = 210
"""Characters of each side of a change that a hint quotes."""
_ANSWERED = "answered"
_CANCELLED = "cancelled"
"""By whoever asked: no failure of the model's."""


class FailureCount(Record):
    """One way in which a model failed."""

    kind: str = Field(description="such as RateLimited")
    times: int
    last_at: datetime


class ModelHealth(Record):
    """How the calls to one model ended."""

    model: str
    answered: int
    failures: list[FailureCount]


class RenderTime(Record):
    """What the beats with one kind of visual took to render; medians."""

    kind: str
    quality: str
    beats: int
    median_s: float = Field(description="wall seconds a beat")
    s_per_film_s: float = Field(description="wall seconds for a second of film")


class _KnownRepair(NamedTuple):
    repair: KeptRepair
    beats: int
    """In which it worked, as far as is known."""


class Experience:
    """What the videos of a tenant taught. Its methods raise ServiceUnavailable if nobody answers."""

    def __init__(self, database: Database, store: Store, search: Search) -> None:
        self._database = database
        self._store = store
        self._search = search

    @classmethod
    def on(cls, database: Database, embedder: Embedder) -> Experience:
        """Return what was learned as `database` keeps it."""
        return cls(database, Store(database, embedder), Search(database, embedder))

    async def record(self, video: Video) -> None:
        """Write down what `video` teaches; doing so again changes nothing."""
        entities, facts = lessons_of(video)
        failed, failures = _failures(await self._endings_of(video))
        if facts or failures:
            provenance = Provenance(storable(video.id), "record_experience", "tool")
            await self._store.upsert(video.tenant, [*entities, *failed], [*facts, *failures], provenance)

    async def hints(
        self, tenant: str, complaints: Sequence[Complaint], *, quality: str | None = None
    ) -> list[Hint]:
        """Return what is known of these complaints: of the very same errors first, then of like ones.

        At most two. With `quality`, what takes too long is told what else takes.
        """
        known = await self._known_repairs(tenant, [complaint.error for complaint in complaints])
        hints = [_hint(each, known[each.error]) for each in complaints if each.error in known]
        unknown = [each for each in complaints if each.error not in known and each.rule not in _OPPOSITES]
        for complaint in unknown[:_LOOKED_UP_BY_MEANING] if len(hints) < _MOST_HINTS else []:
            hints += await self._of_like_errors(tenant, complaint)
        slow = next((each for each in complaints if each.rule == SLOW), None)
        times = await self.render_times(tenant) if slow and quality else []
        if slow and (told := [each for each in times if each.quality == quality]):
            hints.insert(0, Hint(error=slow.error, text=_told_times(told)))
        return hints[:_MOST_HINTS]

    async def model_health(self, tenant: str, since: datetime) -> list[ModelHealth]:
        """Return how the tenant's calls to each model ended since then."""
        return _healths(await self._endings(tenant, since))

    async def render_times(self, tenant: str) -> list[RenderTime]:
        """Return what the beats of the newest videos took to render, by kind of visual and quality."""
        async with self._database.transaction(tenant, "look up render times") as connection:
            rows = await connection.execute(query("render_times"), {"videos": _VIDEOS_TIMED})
            return [RenderTime.model_validate(row) for row in await rows.fetchall()]

    async def _of_like_errors(self, tenant: str, complaint: Complaint) -> list[Hint]:
        kinds = [NodeKind.ERROR.value]
        try:
            hits = await self._search.by_meaning(tenant, complaint.error, _LIKE_ERRORS, kinds)
        except EmbedderFailed:  # the very same errors are found without it
            return []
        like = [
            hit.name
            for hit in hits
            if (hit.similarity or 0) >= LIKE_ENOUGH and hit.name.startswith(f"{complaint.rule}:")
        ]
        known = await self._known_repairs(tenant, like)
        return [_hint(complaint, known[error], like=error) for error in like if error in known]

    async def _known_repairs(self, tenant: str, errors: Sequence[str]) -> dict[str, _KnownRepair]:
        """The best repair of each error that helped more often than it was told in vain."""
        if not errors:
            return {}
        async with self._database.transaction(tenant, "look up repairs") as connection:
            parameters = {"errors": [storable(error) for error in errors]}
            rows = await (await connection.execute(query("known_repairs"), parameters)).fetchall()
        found: dict[str, _KnownRepair] = {}
        for row in rows:
            counted = row["worked"] + row["helped"]
            if row["worked"] and row["in_vain"] < counted and (repair := _as_kept(row)):
                found.setdefault(row["error"], _KnownRepair(repair, counted))
        return found

    async def _endings(self, tenant: str, since: datetime) -> list[DictRow]:
        parameters = {"since": since, "begun_after": datetime.now(UTC) - LONGEST_CALL}
        async with self._database.transaction(tenant, "look up how calls ended") as connection:
            return await (await connection.execute(query("model_endings"), parameters)).fetchall()

    async def _endings_of(self, video: Video) -> list[ModelHealth]:
        """Of the models that `video` asked, ever since."""
        asked = {call.model for call in video.calls}
        endings = await self._endings(video.tenant, datetime.min.replace(tzinfo=UTC)) if asked else []
        return [health for health in _healths(endings) if health.model in asked]


def _healths(rows: Iterable[DictRow]) -> list[ModelHealth]:
    answered: dict[str, int] = {}
    failures: dict[str, list[FailureCount]] = {}
    for row in rows:
        model, kind = row["model"], row["ended"] or NEVER_ENDED
        answered.setdefault(model, 0)
        if kind == _ANSWERED:
            answered[model] = row["times"]
        elif kind != _CANCELLED:
            count = FailureCount(kind=kind, times=row["times"], last_at=row["last_at"])
            failures.setdefault(model, []).append(count)
    return [
        ModelHealth(model=model, answered=times, failures=failures.get(model, []))
        for model, times in answered.items()
    ]


def _failures(healths: Iterable[ModelHealth]) -> tuple[list[Entity], list[Fact]]:
    """Each model with the ways in which it failed: how often so far, and when last."""
    entities: dict[tuple[str, str], Entity] = {}
    facts: list[Fact] = []
    for health in healths:
        model = Entity(NodeKind.MODEL.value, storable(health.model))
        for failure in health.failures:
            error = Entity(
                NodeKind.ERROR.value, f"{MODEL_CALL}: {failure.kind}", properties={"rule": MODEL_CALL}
            )
            entities |= {model.key: model, error.key: error}
            counted: dict[str, JsonValue] = {
                "times": failure.times,
                "last_at": failure.last_at.isoformat(),
            }
            facts.append(Fact(model.key, EdgeKind.FAILED_WITH, error.key, counted))
    return list(entities.values()), facts


def _as_kept(row: DictRow) -> KeptRepair | None:
    """The repair, unless somebody has changed it since it was recorded."""
    try:
        kept = KeptRepair.model_validate(row["properties"])
    except ValidationError:
        return None
    return kept if kept.name == row["repair"] else None


def _hint(complaint: Complaint, known: _KnownRepair, like: str | None = None) -> Hint:
    """What a repair is told as, in at most 600 characters."""
    repair = known.repair
    what = "the same fault" if like is None else f"a like fault ({_cut(like, 80)})"
    so = f"in {known.beats} beats of earlier videos" if known.beats > 1 else "in an earlier video"
    if repair.of == "visual":
        text = (
            f"A visual of kind {repair.before!r} had {what}; one of kind {repair.after!r} in its place"
            f" was rendered without it, {so}."
        )
    else:
        before, after = _cut(repair.before, _LONGEST_SIDE), _cut(repair.after, _LONGEST_SIDE)
        text = f"A scene had {what} and was mended so, {so}.\nBefore:\n{before}\nAfter:\n{after}"
    return Hint(error=complaint.error, text=text, repair=repair.name)


def _told_times(times: Sequence[RenderTime]) -> str:
    by_speed = sorted(times, key=lambda time: time.s_per_film_s)
    told = ", ".join(f"{time.kind} {time.s_per_film_s:.1f} s" for time in by_speed)
    return f"Here each second of film took to render, by kind of visual: {told}."


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
