"""A preference reaches the model's question, the picture and the report; edits of plans become one."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.provider_emulator import ProviderEmulator
from tests.scripted_model import ScriptedModel

pytestmark = pytest.mark.slow

Qs = Callable[..., subprocess.CompletedProcess[str]]
NARRATION = "We {} a long bar to lift the {} that nobody could lift before with bare hands."


def board(subject: str, verb: str) -> dict[str, Any]:
    """A storyboard of one plain beat."""
    visual = {"kind": "title", "heading": f"The {subject}"}
    beat = {"title": f"A {subject}", "narration": NARRATION.format(verb, subject), "visual": visual}
    return {"title": f"The {subject}", "summary": f"How a {subject} is lifted.", "beats": [beat]}


def printed(ran: subprocess.CompletedProcess[str]) -> Any:
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


async def test_what_a_person_prefers_is_told_to_the_model_drawn_and_reported(
    run_qs: Qs, tmp_path: Path
) -> None:
    for words in ("theme paper", "aspect 9:16", "audience beginners", "avoid utilize,leverage"):
        assert run_qs("preference", "set", *words.split()).returncode == 0
    film = tmp_path / "stone.mp4"
    async with ProviderEmulator(respond=ScriptedModel(board("stone", "utilize"))) as emulator:
        keys = {"ANTHROPIC_API_KEY": "sk-test", "ANTHROPIC_API_BASE": emulator.url}
        render = ["render", "-", "--quality", "draft", "--json", "-o", film]
        told = printed(await asyncio.to_thread(run_qs, *render, typed="Levers?", env=keys))
    assert (told["width"], told["height"]) == (480, 854)
    first, second, *_ = emulator.asked
    for word in ("beginners", "utilize", "leverage"):
        assert word in first.words
    complaint = "beat 1: the narration says 'utilize', which is to be avoided"
    assert complaint in second.words
    assert f"left as it is: {complaint}" in told["notes"]
    assert [reason.partition(" because you set that on ")[0] for reason in told["because"]] == [
        "the theme 'paper'",
        "9:16",
        "said for 'beginners'",
        "without 'leverage'",
    ]
    shown = run_qs("show", told["id"])
    assert told["because"][0] in shown.stdout.splitlines()

    offline = run_qs("render", "-", "--plan", "--aspect", "1:1", typed="# Bars\n\n- Bars utilize force\n")
    assert "the theme 'paper' because you set" in offline.stderr
    assert "without '" not in offline.stderr
    assert "note: not said for 'beginners': that takes a model" in offline.stderr
    assert "says 'utilize', which is to be avoided" in offline.stderr


def test_a_word_that_is_taken_out_of_two_plans_is_avoided_in_the_next_and_said_to_be(
    run_qs: Qs, tmp_path: Path
) -> None:
    for subject in ("stone", "wheel"):
        typed = f"# The {subject}\n\n- We utilize a long bar to lift the {subject} with bare hands\n"
        planned = printed(run_qs("render", "-", "--plan", typed=typed))
        edited = json.dumps(planned).replace("utilize", "use")
        assert edited != json.dumps(planned), "the plan does not say the word"
        (tmp_path / "edited.json").write_text(edited)
        film = tmp_path / f"{subject}.mp4"
        words = ["--quality", "draft", "--aspect", "1:1", "-o", film]
        assert run_qs("render", "--storyboard", tmp_path / "edited.json", *words).returncode == 0
    [known] = printed(run_qs("preference", "list", "--json"))["preferences"]
    assert (known["about"], known["value"], known["known_by"]) == ("avoid", "utilize", "edits")
    assert known["why"] == "you took it out of two storyboards"
