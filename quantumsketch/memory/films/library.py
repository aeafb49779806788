"""The library of finished videos: found by meaning and words, by what they explain, by what they share.

Says of a recorded video what `Graph.record_video` does not: the texts that it is found by, and its concepts.
All of it is read off the video by code; no model is asked. Knows neither workflows nor files.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from uuid import UUID

from quantumsketch.connections import Concept, EarlierScene, RelatedVideo
from quantumsketch.errors import NotFound, QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.embedding import EmbedderFailed
from quantumsketch.memory.films.appearing import appearances_of
from quantumsketch.memory.films.concepts import (
    by_normal_form,
    concepts_in,
    normal_form,
    subject_of,
    without_article,
)
from quantumsketch.memory.films.depicted import words_on_screen
from quantumsketch.memory.films.facts import starts, storable
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.ideas import has_verified_scene, idea_of
from quantumsketch.memory.films.near_names import near_names
from quantumsketch.memory.films.relatives import best_related, shared_with, told
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.upkeep import Upkeep
from quantumsketch.memory.meaning import meaning_of
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.statements import Entity, Fact, Key, Provenance
from quantumsketch.storyboard import Aspect, Beat, Look
from quantumsketch.video import MadeWith, Outcome, RenderedBeat, Video

ACTIVITY = "record_library"
"""In the provenance of whatever a recording says here."""
MOST_CONCEPTS = 20_000
"""Of a tenant with more, those that changed last are looked for in a video."""
LIKE_ENOUGH = 0.45
"""Cosine from which on two subjects have something to do with each other, by our sentence vectors."""
_SAME_BEATS_TRIED = 5
_BEATS_LOOKED_AT = 30


class Library:
    """The finished videos of every tenant; each call sees those of one.

    All raise ServiceUnavailable if the database is away.
    """

    def __init__(self, graph: Graph, store: Store, search: Search, upkeep: Upkeep) -> None:
        self._graph = graph
        self._database = graph.database
        self._store = store
        self._search = search
        self._upkeep = upkeep
        self._unreadable: dict[str, set[str]] = {}
        """Videos that an older version recorded and this one does not read: they keep no other waiting."""

    async def record(self, video: Video) -> None:
        """Make a recorded video findable, with its beats and concepts; doing so again changes nothing.

        While the embedder is away it is found by words alone; its vectors are made later.
        """
        provenance = Provenance(storable(video.id), ACTIVITY, "tool")
        names = by_normal_form(await self._concept_names(video.tenant))
        known = set(names)
        entities, facts = _told(video, names)
        if (subject := subject_of(video)) and by_normal_form([(subject, subject)]).keys() - known:
            facts += await self._mentioned_before(video, storable(subject))
        written = await self._store.upsert(video.tenant, entities, facts, provenance)
        owners = [written.ids[entity.key] for entity in entities if entity.kind != NodeKind.CONCEPT]
        self._upkeep.wanted(video.tenant, owners if written.without_vectors else ())
        video_node = written.ids[NodeKind.VIDEO, storable(video.id)]
        for stale in await self._said_no_more(video.tenant, video_node, owners, facts):
            await self._store.close(video.tenant, stale, provenance)

    async def catch_up(self, tenant: str, most: int = 20) -> int:
        """Record anew at most so many videos that an older version recorded; return how many those were."""
        unreadable = self._unreadable.setdefault(tenant, set())
        async with self._database.transaction(tenant, "find videos without texts") as connection:
            parameters = {"limit": most, "but": [*unreadable]}
            rows = await connection.execute(query("videos_without_texts"), parameters)
            names = [row["name"] for row in await rows.fetchall()]
        done = 0
        for name in names:
            if video := await self.readable(tenant, name):
                await self._graph.record_video(video)
                await self.record(video)
                done += 1
            else:
                unreadable.add(name)
        return done

    async def readable(self, tenant: str, video_id: str) -> Video | None:
        """Return a video; None if it is gone, or was recorded in a form that is not read any more."""
        try:
            return await self._graph.video(tenant, video_id)
        except ServiceUnavailable:
            raise
        except QuantumSketchError:
            return None

    async def scene_for(
        self, tenant: str, beat: Beat, look: Look, made_with: MadeWith
    ) -> EarlierScene | None:
        """Return the scene that the same beat had in an earlier video, if it can be used as it is.

        The same are title, narration and idea, whatever their white space. The scene was made for
        such a look in whatever quality, with the same versions of all that draws and checks, and nothing was
        wrong with it.
        """
        if not (idea := idea_of(beat)):
            return None
        parameters = {"idea": idea, "aspect": look.aspect.value, "limit": _SAME_BEATS_TRIED}
        async with self._database.transaction(tenant, "find a beat's scene") as connection:
            rows = await (await connection.execute(query("beats_of_idea"), parameters)).fetchall()
        async for video, rendered in self._rendered(tenant, [row["name"] for row in rows]):
            same_look = video.look.model_copy(update={"quality": look.quality}) == look
            same = idea_of(rendered.beat) == idea and same_look and video.made_with == made_with
            if same and has_verified_scene(rendered):
                return _scene(video, rendered)
        return None

    async def examples(
        self,
        tenant: str,
        like: Beat | str,
        *,
        least: float = LIKE_ENOUGH,
        limit: int = 3,
        aspect: Aspect | None = None,
        manim: str | None = None,
    ) -> list[EarlierScene]:
        """Return scenes in Manim code that came out without a fault, of beats that mean nearly `like`.

        The likest first, each code once; `least` is the cosine that they have at least. With `manim` they
        were made with that version, whatever its third number.
        """
        text = like if isinstance(like, str) else _said_in(like)
        near = await self._near(tenant, text, _BEATS_LOOKED_AT, NodeKind.BEAT, least)
        found: dict[str, EarlierScene] = {}
        async for video, rendered in self._rendered(tenant, near):
            fits = aspect in (None, video.look.aspect) and (manim is None or _runs_on(manim, video))
            if has_verified_scene(rendered) and fits:
                found.setdefault(rendered.beat.visual.model_dump_json(), _scene(video, rendered))
            if len(found) == limit:
                break
        return list(found.values())

    async def related(self, tenant: str, video_id: str, limit: int = 10) -> list[RelatedVideo]:
        """Return the other videos that have most to do with this one, each with the reasons.

        Raises NotFound.
        """
        video = await self._graph.video(tenant, video_id)
        near = await self._near(tenant, meaning_of(video), 2 * limit, NodeKind.VIDEO, LIKE_ENOUGH)
        node = await self._store.entity(tenant, (NodeKind.VIDEO, storable(video_id)))
        near.pop(node.name, None)
        async with self._database.transaction(tenant, "find related videos") as connection:
            shared = await shared_with(connection, node.id)
            return await told(connection, best_related(near, shared, limit), near)

    async def appearances(self, tenant: str, concept: str) -> Concept:
        """Return every video and beat in which `concept` appears, the newest video first; raises NotFound.

        An article in front of it does not matter. What no recording knew as a concept is looked for by its
        words. Raises BadInput for what is no name.
        """
        names = by_normal_form(await self._concept_names(tenant))
        for name in dict.fromkeys([concept, without_article(concept)]):
            known = names.get(normal_form(name), name)
            found = await appearances_of(self._database, self._search, tenant, known)
            if found.recorded or found.appearances:
                return found
        near = await asyncio.to_thread(near_names, concept, set(names.values()))
        meant = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
        what = f"no video of the tenant {tenant!r} speaks of {concept!r}"
        raise NotFound(what, mend=f"{meant}'qs list' shows the videos.")

    async def _near(
        self, tenant: str, text: str, limit: int, kind: NodeKind, least: float
    ) -> dict[str, float]:
        """What means nearly `text`: names with their cosines, nearest first; nothing without an embedder."""
        try:
            hits = await self._search.by_meaning(tenant, text, limit, [kind])
        except EmbedderFailed:
            return {}
        near = {hit.name: hit.similarity or 0.0 for hit in hits if not hit.superseded}
        return {name: similarity for name, similarity in near.items() if similarity >= least}

    async def _concept_names(self, tenant: str) -> list[tuple[str, str]]:
        """Every name of a concept, and the concept that it stands for."""
        async with self._database.transaction(tenant, "read the concepts") as connection:
            rows = await connection.execute(query("concept_names"), {"limit": MOST_CONCEPTS})
            return [(row["name"], row["concept"]) for row in await rows.fetchall()]

    async def _mentioned_before(self, video: Video, concept: str) -> list[Fact]:
        """Which beats recorded before `video` speak of a concept that is new with it; of very many some."""
        found = await appearances_of(self._database, self._search, video.tenant, concept)
        return [
            Fact(
                (NodeKind.BEAT, storable(f"{each.video_id}/{each.beat_id}")),
                EdgeKind.MENTIONS,
                (NodeKind.CONCEPT, concept),
                {"at_s": each.at_s},
            )
            for each in found.appearances
            if each.beat_id and each.video_id != storable(video.id)
        ]

    async def _said_no_more(
        self, tenant: str, video: UUID, owners: Sequence[UUID], facts: Iterable[Fact]
    ) -> list[Fact | Key]:
        """What an earlier recording said of the same video, and this one does not."""
        said = {(fact.source, fact.relation, fact.target) for fact in facts}
        parameters = {"nodes": list(owners), "activity": ACTIVITY}
        async with self._database.transaction(tenant, "read a video's concepts") as connection:
            rows = await (await connection.execute(query("concepts_recorded"), parameters)).fetchall()
            gone = await (await connection.execute(query("beats_no_more"), {"video": video})).fetchall()
        spoken = [
            Fact((row["source_kind"], row["source_name"]), row["kind"], (NodeKind.CONCEPT, row["concept"]))
            for row in rows
        ]
        stale = [fact for fact in spoken if (fact.source, fact.relation, fact.target) not in said]
        return [*stale, *((NodeKind.BEAT.value, row["name"]) for row in gone)]

    async def _rendered(self, tenant: str, beats: Iterable[str]) -> AsyncIterator[tuple[Video, RenderedBeat]]:
        """Yield the beats of these names, each with its video, in order; what cannot be read is left out."""
        videos: dict[str, Video | None] = {}
        for name in beats:
            video_id, _, beat_id = name.rpartition("/")
            if video_id not in videos:
                videos[video_id] = await self.readable(tenant, video_id)
            if video := videos[video_id]:
                for rendered in video.beats:
                    if rendered.id == beat_id:
                        yield video, rendered


def _told(video: Video, names: dict[str, str]) -> tuple[list[Entity], list[Fact]]:
    """What is said of a video and its beats, given the tenant's concepts by their normal forms."""
    key = (NodeKind.VIDEO.value, storable(video.id))
    entities = [
        Entity(
            *key,
            f"{storable(video.storyboard.title)}. {storable(video.storyboard.summary)}",
            storable(video.prompt),
        )
    ]
    facts: list[Fact] = []
    if subject := subject_of(video):
        subject = names.setdefault(normal_form(subject), storable(subject))
        entities.append(Entity(NodeKind.CONCEPT, subject))
        facts.append(Fact(key, EdgeKind.EXPLAINS, (NodeKind.CONCEPT, subject)))
    for rendered, at_s in zip(video.beats, starts(video), strict=True):
        beat = (NodeKind.BEAT.value, storable(f"{video.id}/{rendered.id}"))
        entities.append(Entity(*beat, storable(_said_in(rendered.beat))))
        texts = [rendered.beat.title, rendered.beat.narration, words_on_screen(rendered.beat.visual)]
        facts += [
            Fact(beat, EdgeKind.MENTIONS, (NodeKind.CONCEPT, name), {"at_s": at_s})
            for name in concepts_in(texts, names)
        ]
    return entities, facts


def _said_in(beat: Beat) -> str:
    """The text by which a beat is found."""
    return f"{beat.title}. {beat.narration}\n{words_on_screen(beat.visual)}".strip()


def _runs_on(manim: str, video: Video) -> bool:
    """Whether `video` was made with this release of Manim; another one may have other names."""
    return video.made_with is not None and video.made_with.manim.split(".")[:2] == manim.split(".")[:2]


def _scene(video: Video, rendered: RenderedBeat) -> EarlierScene:
    return EarlierScene(
        video_id=rendered.reused or video.id,
        video_title=video.storyboard.title,
        beat=rendered.beat,
        by=rendered.model,
        repaired=rendered.outcome is Outcome.REPAIRED,
        mended=rendered.mended,
        complaint=rendered.complaint,
    )
