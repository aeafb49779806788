"""How models did, and what renders took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from quantumsketch.call_book import CallEnding, CoolDown, Limits, PlannedCall, Wish
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.track_record import model_health, render_times
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.model_calls import PostgresBook
from quantumsketch.usage import ModelCall
from tests.sample_videos import video
from tests.videos_with_incidents import (
    recorded,
    with_incidents,
)


async def test_render_times_are_medians_by_kind_of_those_that_were_really_rendered(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    seconds = (3.0, 6.0, 30.0, None)
    await recorded(
        graph,
        experience,
        *(with_incidents(tenant, f"v{n}", render_s=render_s) for n, render_s in enumerate(seconds)),
    )
    [times] = await render_times(graph.database, tenant)
    assert (times.kind, times.quality, times.beats) == ("title", "standard", 3)
    assert (times.median_s, times.s_per_film_s) == (6.0, 2.0)
    assert await render_times(graph.database, f"{tenant}-other") == []


async def test_a_models_failures_are_counted_by_kind_and_become_facts(
    graph: Graph, experience: Experience, tenant: str, postgres_book: PostgresBook, store: Store
) -> None:
    now = datetime.now(UTC)
    endings = ["answered", "RateLimited", "RateLimited", "cancelled", "Overloaded"]
    ages = [*enumerate(endings), (40, "RateLimited"), (50, "LongAgo")]
    for days, ended in ages:
        call = PlannedCall(tenant, "v1", f"c{days}", "a/b", "scene", "b01", now - timedelta(days=days))
        await postgres_book.reserve(call, Wish(0, 0), Limits())
        await postgres_book.settle(tenant, call.call_id, CallEnding(ended, 0.0))
    [health] = await model_health(graph.database, tenant, now - timedelta(days=2.5))
    assert (health.model, health.answered) == ("a/b", 1)
    [failure] = health.failures
    assert (failure.kind, failure.times, failure.last_at) == ("RateLimited", 2, now - timedelta(days=1))

    asked = ModelCall(model="a/b", purpose="scene", beat_id="b01", ended="answered", cost_usd=0.0)
    made = video("v1", tenant).model_copy(update={"calls": [asked]})
    await recorded(graph, experience, made, made)
    model = await store.entity(tenant, ("model", "a/b"))
    facts = await store.facts(tenant, model.id, "failed_with")
    told = sorted(str(fact.properties["times"]) for fact in facts)
    assert told == ["1", "2"], "what was more than a month ago counts no more"
    await experience.record(
        made, {"a/b": CoolDown(now, "it was asked too often"), "c/d": CoolDown(now, "no")}
    )
    [last, other] = await store.facts(tenant, model.id, "failed_with")
    last, other = (last, other) if "because" in last.properties else (other, last)
    assert last.properties == {
        "times": 2,
        "last_at": (now - timedelta(days=1)).isoformat(),
        "left_alone_until": now.isoformat(),
        "because": "it was asked too often",
    }
    assert sorted(other.properties) == ["last_at", "times"]
    assert await model_health(graph.database, f"{tenant}-other", now - timedelta(days=30)) == []
