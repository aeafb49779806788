"""What mended a fault is told for the next one of its kind, the best of what is known, in a real Postgres."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from quantumsketch.errors import ServiceUnavailable
from quantumsketch.incidents import Change, Complaint, Incident
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.store import Store
from tests.videos_with_incidents import (
    ABOVE,
    APART,
    MISSING,
    OVERLAP,
    hints,
    mended,
    recorded,
    texts,
    with_incidents,
)

pytestmark = pytest.mark.slow


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
    helped = mended(ABOVE, OVERLAP, told.repair)  # and the model mended it in the very same way
    await recorded(graph, experience, with_incidents(tenant, "v2", helped))
    assert "in 2 beats" in texts(await hints(experience, tenant, OVERLAP))
    otherwise = mended(APART, OVERLAP, told.repair)
    await recorded(graph, experience, with_incidents(tenant, "v3", otherwise))
    [best] = await hints(experience, tenant, OVERLAP)
    assert best.repair == told.repair
    assert "in 3 beats" in best.text


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


async def test_without_an_embedder_the_very_same_error_is_found_nevertheless(
    graph: Graph, experience: Experience, tenant: str
) -> None:
    await recorded(graph, experience, with_incidents(tenant, "v1", mended()))
    speechless = Experience.on(graph.database, NeverAnswers())
    like = Complaint(error=OVERLAP.error.replace("and a text", "and a shape"), message="they overlap")
    assert len(await hints(experience, tenant, like)) == 1, "the control"
    assert await hints(speechless, tenant, like) == []
    assert len(await hints(speechless, tenant, like, OVERLAP)) == 1


class NeverAnswers:
    """An embedder whose provider is away."""

    model = "never answers"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise ServiceUnavailable(f"no vectors of {len(texts)} texts")


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
