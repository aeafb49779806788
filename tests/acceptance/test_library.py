"""What a finished video gives to the next one: its scenes, as they are or as examples; what is told of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.test_agent import GOOD, OVERLAPPING, REDRAWN, Run, board
from tests.provider_emulator import ProviderEmulator
from tests.scripted_model import ScriptedModel

pytestmark = pytest.mark.slow

EXAMPLE = "the scene of a similar beat of an earlier video"


async def test_the_next_video_uses_the_scene_of_the_same_beat_and_learns_from_a_similar_one(
    qs_home: Path, tmp_path: Path
) -> None:
    first = ScriptedModel(
        board("First", "Second"),
        {"First": [GOOD], "Second": [OVERLAPPING] * 9},
        {"Second": [REDRAWN]},
    )
    async with ProviderEmulator(respond=first) as emulator:
        earlier = await Run(qs_home, tmp_path / "a.mp4", emulator).report()
        assert not any(EXAMPLE in asked.words for asked in emulator.asked)
    assert [beat["outcome"] for beat in earlier["beats"]] == ["planned", "simplified"]
    assert [beat["reused"] for beat in earlier["beats"]] == [None, None]

    # of the same beat nothing is rehearsed: a question for it would fail
    second = ScriptedModel(
        board("First", "Second", "Third"), {"Second": [GOOD], "Third": [GOOD.replace("TEAL", "RED")]}
    )
    async with ProviderEmulator(respond=second) as emulator:
        run = Run(qs_home, tmp_path / "b.mp4", emulator)
        report = await run.report()
        scenes = [asked.words for asked in emulator.asked if "Write the scene" in asked.words]
        told = (await (await run.start("show", report["id"])).communicate())[0].decode()
        related, concept, rebuild = [
            json.loads((await (await run.start(*words, "--json")).communicate())[0])
            for words in (
                ("related", report["id"]),
                ("concept", "squares"),
                ("show", earlier["id"], "--rebuild"),
            )
        ]

    same, tried_again, similar = report["beats"]
    assert sorted(second.asked) == ["scene Second #1", "scene Third #1", "storyboard #1"]
    assert (same["reused"], same["outcome"], same["cached"]) == (earlier["id"], "planned", True)
    assert (same["model"], same["usage"]["calls"]) == (earlier["beats"][0]["model"], 0)
    assert f"b01 First: scene of {earlier['id']} reused, no model was asked" in told
    assert (tried_again["reused"], tried_again["kind"], similar["reused"]) == (None, "manim", None)
    assert len(scenes) == 2
    for words in scenes:
        assert EXAMPLE in words
        assert "# First" in words
        assert "on another" not in words, "a scene that did not come out well was shown as an example"

    assert [
        (each["id"], "was asked for in the same words" in each["why"]) for each in related["related"]
    ] == [(earlier["id"], True)]
    assert _places(concept) >= {(earlier["id"], None), (earlier["id"], "b01"), (report["id"], "b01")}
    assert rebuild["film_is_there"]
    assert [(beat["clip"], beat["needs_model"]) for beat in rebuild["beats"]] == [
        ("there", False),
        ("there", True),
    ]
    assert (rebuild["changed"], rebuild["estimated_s"] is None) == ([], False)
    assert "class Beat" in rebuild["storyboard"]["beats"][0]["visual"]["code"]


def _places(concept: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(each["video_id"], each["beat_id"]) for each in concept["appearances"]}
