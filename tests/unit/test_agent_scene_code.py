"""The source in a model's words."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.agent.scene_code import LONGEST_SCENE, code_in

SCENE = "from manim import *\n\nclass Beat(Scene):\n    def construct(self):\n        self.wait()"


@pytest.mark.parametrize(
    "answer",
    [
        SCENE,
        f"```python\n{SCENE}\n```",
        f"```\n{SCENE}\n```",
        f"~~~py\n{SCENE}\n~~~",
        f"Here is the scene:\n\n```python\n{SCENE}\n```\n\nIt draws a circle.",
        f"<think>class Wrong(Scene): a long thought {'x' * 300}</think>\n```python\n{SCENE}\n```",
        f"First a part:\n```python\nc = Circle()\n```\nThen all:\n```python\n{SCENE}\n```",
        f"Install it:\n```\npip install manim {'x' * 300}\n```\n```python\n{SCENE}\n```",
        json.dumps({"code": SCENE}),
        f"```json\n{json.dumps({'code': SCENE})}\n```",
        f"  ```python\n{SCENE}\n  ```",
        f"```python\n{SCENE}",
    ],
)
def test_the_scene_is_found_however_it_is_wrapped(answer: str) -> None:
    assert code_in(answer) == SCENE


@pytest.mark.parametrize(
    "answer", ["", "DONE", "I cannot do that.", '{"code": ""}', "```python\n```", "<think>class A(Scene)"]
)
def test_an_answer_without_a_scene_holds_none(answer: str) -> None:
    assert code_in(answer) is None


def test_far_too_much_is_no_scene() -> None:
    assert code_in(f"```python\n{SCENE}{'#' * LONGEST_SCENE}\n```") is None


def test_half_a_character_is_replaced() -> None:
    assert code_in('{"code": "class A(Scene): x = \'\\ud800\'"}') == "class A(Scene): x = '?'"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300) | st.text(alphabet='`~{}"code:\n class', max_size=300))
def test_whatever_a_model_says_is_read(words: str) -> None:
    code = code_in(words)
    assert code is None or code.strip() == code


@pytest.mark.parametrize("again", ["`", "~", "```\n", "\n", " \t\n", "class "])
def test_a_model_that_repeats_itself_is_read_at_once(again: str) -> None:
    began = time.process_time()
    code_in(f"So:\n{again * (150_000 // len(again))}.")
    assert time.process_time() - began < 1, "a workflow has two seconds for everything"
