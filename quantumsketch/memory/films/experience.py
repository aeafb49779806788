"""What was learned from making videos: errors with the repairs that worked, and how models failed.

One tenant at a time. Knows no model and no workflow: whoever recalls a hint decides who is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from psycopg.rows import DictRow
from pydantic import JsonValue, ValidationError

from quantumsketch.call_book import CoolDown
from quantumsketch.incidents import SLOW, Complaint, Hint
from quantumsketch.memory.database import Database
from quantumsketch.memory.embedding import Embedder, EmbedderFailed
from quantumsketch.memory.films.facts import storable
from quantumsketch.memory.films.lessons import KeptRepair, lessons_of
from quantumsketch.memory.films.track_record import ModelHealth, RenderTime, model_health, render_times
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Entity, Fact, Provenance
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
_COUNTED = timedelta(days=30)
"""How far back failures of models count: what was before says little of now, and would be ever more."""
_NOBODY: Mapping[str, CoolDown] = MappingProxyType({})
_LONGEST_SIDE = 210
"""Characters of each side of a change that a hint quotes."""


class _KnownRepair(NamedTuple):
    repair: KeptRepair
    beats: int
    """In which it worked."""


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

    async def record(self, video: Video, cooling: Mapping[str, CoolDown] = _NOBODY) -> None:
        """Write down what `video` teaches; doing so again changes nothing.

        `cooling` says of the models that failed, by id, until when they are left alone.
        """
        entities, facts = lessons_of(video)
        failed, failures = _failures(await self._health_of_those_asked(video), cooling)
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
        times = await render_times(self._database, tenant) if slow and quality else []
        if slow and (told := [each for each in times if each.quality == quality]):
            hints.insert(0, Hint(error=slow.error, text=_told_times(told)))
        return hints[:_MOST_HINTS]

    async def _health_of_those_asked(self, video: Video) -> list[ModelHealth]:
        """How the newest calls to the models that `video` asked have ended."""
        asked = {call.model for call in video.calls}
        since = datetime.now(UTC) - _COUNTED
        known = await model_health(self._database, video.tenant, since) if asked else []
        return [health for health in known if health.model in asked]

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
            if repair := _as_kept(row):
                found.setdefault(row["error"], _KnownRepair(repair, row["beats"]))
        return found


def _failures(
    healths: Iterable[ModelHealth], cooling: Mapping[str, CoolDown]
) -> tuple[list[Entity], list[Fact]]:
    """Each model with the ways in which it failed: how often of late, when last, what came of the last."""
    entities: dict[tuple[str, str], Entity] = {}
    facts: list[Fact] = []
    for health in healths:
        model = Entity(NodeKind.MODEL.value, storable(health.model))
        cool_down = cooling.get(health.model)
        last = max((failure.last_at for failure in health.failures), default=None)
        for failure in health.failures:
            error = Entity(
                NodeKind.ERROR.value, f"{MODEL_CALL}: {failure.kind}", properties={"rule": MODEL_CALL}
            )
            entities |= {model.key: model, error.key: error}
            counted: dict[str, JsonValue] = {
                "times": failure.times,
                "last_at": failure.last_at.astimezone(UTC).isoformat(),
            }
            if cool_down and failure.last_at == last:
                until = cool_down.until.astimezone(UTC).isoformat()
                counted |= {"left_alone_until": until, "because": cool_down.why}
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
