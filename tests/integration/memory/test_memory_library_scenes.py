"""Scenes of earlier videos are found for the same and for similar beats; on the real Postgres."""

from __future__ import annotations

import pytest

from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.storyboard import Aspect, Look, Quality
from quantumsketch.video import Finding, Outcome
from tests.animated_videos import NOW, animated, code_of, to_animate
from tests.integration.memory.libraries import record

LOOK = Look()
FAULT = Finding(rule="overlap", objects=[], at_s=1.0, message="they touch")


async def test_the_scene_of_the_same_beat_is_found_with_who_wrote_it(
    graph: Graph, library: Library, tenant: str
) -> None:
    beat = to_animate()
    made = animated("v1", tenant, to_animate("Other"), beat, outcome=Outcome.REPAIRED)
    await record(graph, library, made)
    spaced = beat.model_copy(update={"narration": f" {beat.narration}\n"})
    for same, look in ((beat, LOOK), (spaced, LOOK), (beat, Look(quality=Quality.DRAFT))):
        found = await library.scene_for(tenant, same, look, NOW)
        assert found
        assert (found.video_id, found.by, found.repaired) == ("v1", "a/model", True)
        assert found.beat == made.beats[1].beat
    newer = animated("v2", tenant, beat)
    await record(graph, library, newer)
    latest = await library.scene_for(tenant, beat, LOOK, NOW)
    assert latest
    assert latest.video_id == "v2"


async def test_no_scene_is_found_for_another_beat_look_version_or_tenant(
    graph: Graph, library: Library, tenant: str
) -> None:
    beat = to_animate()
    await record(graph, library, animated("v1", tenant, beat))
    assert await library.scene_for(tenant, beat, LOOK, NOW)
    assert await library.scene_for(tenant, to_animate("Another"), LOOK, NOW) is None
    shouted = beat.model_copy(update={"title": beat.title.upper()})
    assert await library.scene_for(tenant, shouted, LOOK, NOW) is None
    assert await library.scene_for(tenant, beat, Look(aspect=Aspect.TALL), NOW) is None
    assert await library.scene_for(f"{tenant}-2", beat, LOOK, NOW) is None
    newer = NOW.model_copy(update={"manim": "0.21"})
    assert await library.scene_for(tenant, beat, LOOK, newer) is None


@pytest.mark.parametrize(
    ("outcome", "findings"), [(Outcome.SIMPLIFIED, ()), (Outcome.CARD, ()), (Outcome.PLANNED, (FAULT,))]
)
async def test_a_scene_that_did_not_come_out_well_is_neither_used_again_nor_an_example(
    graph: Graph, library: Library, tenant: str, outcome: Outcome, findings: tuple[Finding, ...]
) -> None:
    beat = to_animate()
    await record(graph, library, animated("bad", tenant, beat, outcome=outcome, findings=findings))
    assert await library.scene_for(tenant, beat, LOOK, NOW) is None
    assert await library.examples(tenant, beat) == []
    await record(graph, library, animated("good", tenant, beat))
    found = await library.scene_for(tenant, beat, LOOK, NOW)
    assert found
    assert found.video_id == "good"
    assert [each.video_id for each in await library.examples(tenant, beat)] == ["good"]


async def test_examples_are_of_similar_beats_the_likest_first_and_each_code_once(
    graph: Graph, library: Library, tenant: str
) -> None:
    squares = to_animate("Squares")
    waves = to_animate("Waves", "Two waves meet and add up where they cross.", "Two waves add up")
    sums = to_animate("Interest", "Money in the bank grows by interest every year.", "Stacks of coins grow")
    await record(graph, library, animated("v1", tenant, squares, waves, sums))
    await record(graph, library, animated("v2", tenant, squares))
    found = await library.examples(tenant, "a square is transformed into a circle")
    assert [each.beat.title for each in found] == ["Squares"]
    like = to_animate("Ripples", "Two ripples on water meet, and where they cross they add up.", "Waves add")
    assert (await library.examples(tenant, like))[0].beat.visual.model_dump()["code"] == code_of(waves)
    assert await library.examples(tenant, like, aspect=Aspect.TALL) == []
    assert await library.examples(tenant, "the history of Rome") == []
    assert await library.examples(f"{tenant}-2", squares) == []
