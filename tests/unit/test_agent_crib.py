"""What the models are told of Manim is true of the Manim that is installed."""

from __future__ import annotations

import inspect
import re

import manim
import pytest

from quantumsketch.agent.scene_prompts import Canvas, scene_messages
from quantumsketch.agent.worked_beats import ANIMATION
from quantumsketch.agent.worked_scene import WORKED_SCENE
from quantumsketch.checking import SceneCheckRequest
from quantumsketch.storyboard import Look
from quantumsketch.visuals import ManimCode
from renderers.manim.checking.scene_check import check_scene

TOLD = scene_messages(ANIMATION, Canvas(14.2, 8, 6.6, 3.5, -3.0, manim.__version__))[0].content
CLASSES = [value for value in vars(manim).values() if inspect.isclass(value)]
OURS = {"Beat", "Tools"}


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"\b([A-Z][a-z]\w+|[A-Z_]{2,})(?=\(| for text)", TOLD)) - OURS)
)
def test_every_class_that_is_named_is_there(name: str) -> None:
    assert hasattr(manim, name)


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"\b(?:[A-Z]+_[A-E]|UP|DOWN|LEFT|RIGHT|U[LR]|D[LR]|PI)\b", TOLD)))
)
def test_every_constant_that_is_named_is_there(name: str) -> None:
    assert hasattr(manim, name)


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"[a-z)]\.(\w+)\(", TOLD)) | {"to_edge", "move_to", "align_to"})
)
def test_every_method_that_is_named_is_there(name: str) -> None:
    assert any(hasattr(one, name) for one in CLASSES)


@pytest.mark.parametrize("call", re.findall(r"\b([A-Z][a-z]\w+)\(([^()]*=[^()]*)\)", TOLD), ids=str)
def test_every_keyword_that_is_named_is_taken(call: tuple[str, str]) -> None:
    name, arguments = call
    taken = {
        parameter
        for ancestor in inspect.getmro(getattr(manim, name))
        for parameter in inspect.signature(vars(ancestor).get("__init__", object.__init__)).parameters
    }
    assert set(re.findall(r"\b(\w+)=", arguments)) <= taken


def test_the_crib_is_read_at_all() -> None:
    assert len(re.findall(r"\b[A-Z][a-z]\w+\(", TOLD)) > 30
    assert len(re.findall(r"[a-z)]\.(\w+)\(", TOLD)) > 12


def test_the_worked_scene_passes_the_check_that_it_prepares_for() -> None:
    beat = ANIMATION.model_copy(update={"visual": ManimCode(code=WORKED_SCENE)})
    check = check_scene(SceneCheckRequest(beat=beat, look=Look()), 25)
    assert (check.faults, check.findings, check.mended) == ([], [], [])
    assert check.code == WORKED_SCENE
    assert 14 < check.duration_s < 20, "as long as its narration"
