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

Report = dict[str, Any]
EXAMPLE = "the scene of a similar beat of an earlier video"


async def test_the_next_video_uses_the_scene_of_the_same_beat_and_learns_from_a_similar_one(
    qs_home: Path, tmp_path: Path
) -> None:
    scenes = {"First": [GOOD], "Second": [OVERLAPPING] * 9}
    first = ScriptedModel(board("First", "Second"), scenes, {"Second": [REDRAWN]})
    async with ProviderEmulator(respond=first) as emulator:
        earlier = await Run(qs_home, tmp_path / "a.mp4", emulator).report()
        assert not any(EXAMPLE in asked.words for asked in emulator.asked)
    assert [beat["outcome"] for beat in earlier["beats"]] == ["planned", "simplified"]
    assert [beat["reused"] for beat in earlier["beats"]] == [None, None]

    # of the same beat nothing is rehearsed: a question for it would fail
    second = ScriptedModel(board("First", "Second", "Third"), {"Second": [GOOD], "Third": [GOOD]})
    async with ProviderEmulator(respond=second) as emulator:
        run = Run(qs_home, tmp_path / "b.mp4", emulator)
        later = await run.report()
        questions = [asked.words for asked in emulator.asked if "Write the scene" in asked.words]
        _check_beats(earlier, later)
        await _check_doors(run, earlier, later)
    assert sorted(second.asked) == ["scene Second #1", "scene Third #1", "storyboard #1"]
    assert len(questions) == 2
    for words in questions:
        assert EXAMPLE in words
        assert "# First" in words
        assert "on another" not in words, "a scene that did not come out well was shown as an example"


def _check_beats(earlier: Report, later: Report) -> None:
    """What was verified is used again without a model; what was simplified is written anew."""
    same, tried_again, similar = later["beats"]
    assert (same["reused"], same["outcome"], same["cached"]) == (earlier["id"], "planned", True)
    assert (same["model"], same["usage"]["calls"]) == (earlier["beats"][0]["model"], 0)
    assert (tried_again["reused"], tried_again["kind"], similar["reused"]) == (None, "manim", None)


async def _check_doors(run: Run, earlier: Report, later: Report) -> None:
    """What the commands tell of both videos."""
    told = await _said(run, "show", later["id"])
    assert f"b01 First: scene of {earlier['id']} reused, no model was asked" in told
    related = json.loads(await _said(run, "related", later["id"], "--json"))["related"]
    assert [each["id"] for each in related] == [earlier["id"]]
    assert "was asked for in the same words" in related[0]["why"]
    concept = json.loads(await _said(run, "concept", "squares", "--json"))
    places = {(each["video_id"], each["beat_id"]) for each in concept["appearances"]}
    assert places >= {(earlier["id"], None), (earlier["id"], "b01"), (later["id"], "b01")}
    rebuild = json.loads(await _said(run, "show", earlier["id"], "--rebuild", "--json"))
    needed = [(beat["clip"], beat["needs_model"]) for beat in rebuild["beats"]]
    assert needed == [("there", False), ("there", True)]
    assert (rebuild["film_is_there"], rebuild["changed"]) == (True, [])
    assert rebuild["estimated_s"] is not None
    assert "class Beat" in rebuild["storyboard"]["beats"][0]["visual"]["code"]


async def _said(run: Run, *words: str) -> str:
    out, err = await (await run.start(*words)).communicate()
    assert out, err.decode()
    return out.decode()
