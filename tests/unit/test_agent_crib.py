"""What the models are told of Manim is true of the Manim that is installed."""

from __future__ import annotations

import inspect
import re

import manim
import pytest

from quantumsketch.agent.scene_prompts import Canvas, scene_messages
from quantumsketch.agent.worked_beats import ANIMATION

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
