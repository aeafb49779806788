"""What videos teach: errors with the repairs that worked, models' failures, render times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest_asyncio

from quantumsketch.call_book import CallEnding, Limits, PlannedCall, Wish
from quantumsketch.errors import NotFound
from quantumsketch.incidents import LONGEST_ERROR, Change, Complaint, Hint, Incident
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.experience import Experience
from quantumsketch.memory.graph import Graph
from quantumsketch.memory.lessons import repair_name
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.memory.store import Store
from quantumsketch.usage import ModelCall
from quantumsketch.video import Video
from tests.sample_videos import video

OVERLAP = Complaint(
    error="overlap: a text and a text overlap by # x # units", message="text 'a' and text 'b' overlap by 1"
)
MISSING = Complaint(
    error="unknown-name: there is nothing named 'showcreation' in this manim or in the code",
    message="there is nothing named 'ShowCreation' in this Manim or in the code",
)
APART = Change(before="b.move_to(a)", after="b.next_to(a, DOWN)", by="a/b")
ABOVE = Change(before="b.shift(LEFT)", after="b.to_edge(UP)", by="a/b")


@pytest_asyncio.fixture
async def experience(graph: Graph, embedder: Embedder) -> Experience:
    """What was learned, in the module's database."""
    return Experience.on(graph.database, embedder)


def mended(change: Change = APART, complaint: Complaint = OVERLAP, *hints: str) -> Incident:
    return Incident(complaint=complaint, mended=True, repair=change, hints=list(hints))


def with_incidents(tenant: str, video_id: str, *incidents: Incident, render_s: float | None = None) -> Video:
    made = video(video_id, tenant, scenes=("one",))
    beats = [
        beat.model_copy(update={"incidents": list(incidents), "render_s": render_s}) for beat in made.beats
    ]
    return made.model_copy(update={"beats": beats})


async def recorded(graph: Graph, experience: Experience, *videos: Video) -> None:
    for made in videos:
        await graph.record_video(made)
        await experience.record(made)


async def hints(experience: Experience, tenant: str, *complaints: Complaint) -> list[Hint]:
    return await experience.hints(tenant, complaints)


def texts(found: Sequence[Hint]) -> str:
    return "\n".join(hint.text for hint in found)


async def test_a_repair_that_worked_is_told_for_the_same_error_and_to_no_other_tenant(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    assert await hints(experience, tenant, OVERLAP) == []
    await recorded(graph, experience, with_incidents(tenant, "v1", mended()))
    [hint] = await hints(experience, tenant, OVERLAP)
    assert (hint.error, "b.move_to(a)" in hint.text, "b.next_to(a, DOWN)" in hint.text) == (
        OVERLAP.error, True, True,
    )  # fmt: skip
    assert await hints(experience, f"{tenant}-other", OVERLAP) == []


async def test_recording_a_video_twice_counts_once(
    graph: Graph, experience: Experience, tenant: str, database_url: str
) -> None:
    made = with_incidents(tenant, "v1", mended())
    await recorded(graph, experience, made)
    before = _state(database_url, tenant)
    await recorded(graph, experience, made)
    assert _state(database_url, tenant) == before
    assert "in an earlier video" in texts(await hints(experience, tenant, OVERLAP))
    await recorded(graph, experience, with_incidents(tenant, "v2", mended()))
    assert "in 2 beats of earlier videos" in texts(await hints(experience, tenant, OVERLAP))


def _state(database_url: str, tenant: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database_url) as connection:
        connection.execute("SET search_path = quantumsketch, public")
        nodes = connection.execute(
            "SELECT xmin::text, id, changed_at FROM nodes WHERE tenant = %s ORDER BY id", [tenant]
        )
        edges = connection.execute(
            "SELECT xmin::text, source, target, valid_from, valid_to FROM edges WHERE tenant = %s"
            " ORDER BY source, kind, target, valid_from",
            [tenant],
        )
        return [*nodes.fetchall(), *edges.fetchall()]


async def test_of_two_repairs_the_one_that_worked_more_often_is_told(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    await recorded(
        graph,
        experience,
        with_incidents(tenant, "v1", mended(ABOVE)),
        with_incidents(tenant, "v2", mended(ABOVE)),
        with_incidents(tenant, "v3", mended(APART)),
    )
    found = await hints(experience, tenant, OVERLAP)
    assert "to_edge" in texts(found)
    assert "next_to" not in texts(found)


async def test_a_repair_that_was_told_in_vain_makes_room_for_another(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    await recorded(graph, experience, with_incidents(tenant, "v1", mended(ABOVE)))
    [told] = await hints(experience, tenant, OVERLAP)
    assert told.repair
    in_vain = Incident(complaint=OVERLAP, hints=[told.repair])
    await recorded(graph, experience, with_incidents(tenant, "v2", in_vain))
    assert await hints(experience, tenant, OVERLAP) == []
    await recorded(graph, experience, with_incidents(tenant, "v3", mended(APART)))
    assert "next_to" in texts(await hints(experience, tenant, OVERLAP))


async def test_a_hint_that_helped_counts_for_its_repair(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    await recorded(graph, experience, with_incidents(tenant, "v1", mended(ABOVE)))
    [told] = await hints(experience, tenant, OVERLAP)
    assert told.repair
    helped = Incident(complaint=OVERLAP, mended=True, hints=[told.repair])
    await recorded(graph, experience, with_incidents(tenant, "v2", helped))
    assert "in 2 beats" in texts(await hints(experience, tenant, OVERLAP))


async def test_an_error_that_nothing_mended_is_known_and_told_of_nothing(
    graph: Graph, experience: Experience, tenant: str, store: Store
) -> None:
    await recorded(graph, experience, with_incidents(tenant, "v1", Incident(complaint=OVERLAP)))
    assert await hints(experience, tenant, OVERLAP) == []
    error = await store.entity(tenant, ("error", OVERLAP.error))
    [met] = await store.facts(tenant, error.id, "failed_with", "in")
    assert (met.properties["mended"], met.provenance["said_by"], met.provenance["run"]) == (
        False, "tool", "v1",
    )  # fmt: skip


async def test_a_like_error_of_the_same_rule_is_found_by_meaning_and_said_to_be_another(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    await recorded(graph, experience, with_incidents(tenant, "v1", mended()))
    like = Complaint(error="overlap: a text and a shape overlap by # x # units", message="they overlap")
    [hint] = await hints(experience, tenant, like)
    assert "a like fault (overlap: a text and a text" in hint.text
    other_rule = Complaint(error=like.error.replace("overlap:", "left-over:"), message="they overlap")
    assert await hints(experience, tenant, other_rule) == []


async def test_one_missing_name_tells_nothing_of_another(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    change = Change(before="ShowCreation(a)", after="Create(a)", by="a/b")
    await recorded(graph, experience, with_incidents(tenant, "v1", mended(change, MISSING)))
    assert await hints(experience, tenant, MISSING), "not even the same one is found"
    other = Complaint(error=MISSING.error.replace("showcreation", "fadeinfromdown"), message="no such name")
    assert await hints(experience, tenant, other) == []


async def test_what_shortens_a_scene_is_not_told_for_one_that_is_too_short(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    long = Complaint(error="pace: the scene takes # s, its narration # s", message="too long")
    short = Complaint(error="pace: the scene is over after # s, its narration takes # s", message="too short")
    change = Change(before="self.wait(30)", after="self.wait(3)", by="a/b")
    await recorded(graph, experience, with_incidents(tenant, "v1", mended(change, long)))
    assert await hints(experience, tenant, long)
    assert await hints(experience, tenant, short) == []


async def test_a_visual_that_was_replaced_tells_by_what_kind(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    slow = Complaint(
        error="slow: the render took longer than # s", message="the render took longer than 30 s"
    )
    change = Change(before="plot", after="bullets", by="a/b")
    incident = Incident(complaint=slow, visual="plot", mended=True, repair=change)
    quick = with_incidents(tenant, "v1", incident, render_s=6.0)
    await recorded(graph, experience, quick)
    [times, repair] = await experience.hints(tenant, [slow], quality="standard")
    assert times.repair is None
    assert "title 2.0 s" in times.text
    assert "kind 'plot'" in repair.text
    assert "kind 'bullets'" in repair.text


async def test_odd_words_of_models_are_kept_bounded_and_whole(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    odd = Complaint(error="x" * LONGEST_ERROR, message="\x00 “∑” " * 999)
    change = Change(before="\x00" * 800, after="é\n" * 12, by="a/b")
    await recorded(graph, experience, with_incidents(tenant, "v1", mended(change, odd)))
    [hint] = await hints(experience, tenant, odd)
    assert len(hint.text) <= 600


async def test_render_times_are_medians_by_kind_of_those_that_were_really_rendered(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    seconds = (3.0, 6.0, 30.0, None)
    await recorded(
        graph,
        experience,
        *(with_incidents(tenant, f"v{n}", render_s=render_s) for n, render_s in enumerate(seconds)),
    )
    [times] = await experience.render_times(tenant)
    assert (times.kind, times.quality, times.beats) == ("title", "standard", 3)
    assert (times.median_s, times.s_per_film_s) == (6.0, 2.0)
    assert await experience.render_times(f"{tenant}-other") == []


async def test_a_models_failures_are_counted_by_kind_and_become_facts(
    graph: Graph, experience: Experience, tenant: str, postgres_book: PostgresBook, store: Store
) -> None:
    now = datetime.now(UTC)
    endings = ["answered", "RateLimited", "RateLimited", "cancelled", "Overloaded"]
    for number, ended in enumerate(endings):
        call = PlannedCall(tenant, "v1", f"c{number}", "a/b", "scene", "b01", now - timedelta(days=number))
        await postgres_book.reserve(call, Wish(0, 0), Limits())
        await postgres_book.settle(tenant, call.call_id, CallEnding(ended, 0.0))
    [health] = await experience.model_health(tenant, now - timedelta(days=2.5))
    assert (health.model, health.answered) == ("a/b", 1)
    [failure] = health.failures
    assert (failure.kind, failure.times, failure.last_at) == ("RateLimited", 2, now - timedelta(days=1))

    asked = ModelCall(model="a/b", purpose="scene", beat_id="b01", ended="answered", cost_usd=0.0)
    made = video("v1", tenant).model_copy(update={"calls": [asked]})
    await recorded(graph, experience, made, made)
    model = await store.entity(tenant, ("model", "a/b"))
    facts = await store.facts(tenant, model.id, "failed_with")
    assert sorted(str(fact.properties["times"]) for fact in facts) == ["1", "2"]
    assert await experience.model_health(f"{tenant}-other", now - timedelta(days=30)) == []


async def test_a_repair_is_erased_with_the_last_video_that_it_mended(
    graph: Graph, experience: Experience, tenant: str, store: Store
) -> None:
    secret = Change(before=f"Text('{tenant}')", after="Text('x')", by="a/b")
    await recorded(
        graph,
        experience,
        with_incidents(tenant, "v1", mended(secret)),
        with_incidents(tenant, "v2", mended(secret)),
        with_incidents(tenant, "v3", mended(APART)),
    )
    names = [("repair", repair_name(secret)), ("repair", repair_name(APART)), ("error", OVERLAP.error)]
    left = {}
    for video_id in ("v1", "v2", "v3"):
        await store.erase(tenant, ("video", video_id))
        left[video_id] = [await _is_there(store, tenant, name) for name in names]
    assert left == {
        "v1": [True, True, True],
        "v2": [False, True, True],
        "v3": [False, False, False],
    }
    assert await hints(experience, tenant, OVERLAP) == []


async def _is_there(store: Store, tenant: str, key: tuple[str, str]) -> bool:
    try:
        await store.entity(tenant, key)
    except NotFound:
        return False
    return True
