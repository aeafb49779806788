r"""A model's words read as JSON: prose, thoughts, fences, and TeX with too few backslashes."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from quantumsketch.agent.answers import read_answer


class Shape(BaseModel):
    text: str = ""
    tex: str = ""
    code: str = ""
    highlight: list[str] = Field(default=[], max_length=2)


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "```json\n{}\n```",
        "Sure! Here it is:\n{}\nAnything else?",
        '<think>Perhaps {{"text": "a much longer thought than the answer that follows it"}}?</think>{}',
        '<thinking>Perhaps {{"text": "a much longer thought than the answer that follows"}}?</thinking>{}',
        'Perhaps {{"text": "a much longer thought than the answer that follows it"}}?</think>\n{}',
        "A set {{1, 2}} comes first, then {} and a {{ brace.",
    ],
)
def test_the_object_is_found_among_whatever_stands_around_it(around: str) -> None:
    assert read_answer(around.format('{"text": "yes {no}"}'), Shape) == Shape(text="yes {no}")


def test_the_largest_object_counts_not_the_first() -> None:
    assert read_answer('{"text": "a"} or {"text": "b", "tex": "x"}', Shape).text == "b"


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{1}{2}",
        r"\beta + \theta",
        r"\nabla f",
        r"\rho",
        r"\sqrt{x}",
        r"\underline{u}",
        r"\left\{x\right\}",
    ],
)
def test_tex_with_single_backslashes_is_what_the_model_meant(tex: str) -> None:
    once = read_answer(f'{{"tex": "{tex}", "text": "so ${tex}$ it is", "highlight": ["{tex}"]}}', Shape)
    assert once == Shape(tex=tex, text=f"so ${tex}$ it is", highlight=[tex])
    assert read_answer(json.dumps({"tex": tex}), Shape).tex == tex


def test_code_keeps_its_tabs_and_lines_and_prose_its_lines() -> None:
    given_ = {"code": "if x:\n\treturn\n", "text": "one\ntwo"}
    assert read_answer(json.dumps(given_), Shape) == Shape(**given_)


@pytest.mark.parametrize("words", ["", "no", "[1, 2]", '{"text": "cut off', "{" * 5000, '{"a":' * 5000])
def test_an_answer_without_an_object_says_so(words: str) -> None:
    with pytest.raises(ValueError, match="JSON object"):
        read_answer(words, Shape)


def test_a_complaint_names_the_place_the_fault_and_what_was_found() -> None:
    with pytest.raises(ValueError, match=r"tex: .*string.*\(found 17\)"):
        read_answer('{"tex": 17}', Shape)


@pytest.mark.parametrize("depth", [600, 900])
def test_json_without_end_of_depth_is_complained_of(depth: int) -> None:
    with pytest.raises(ValueError, match="JSON"):
        read_answer('{"a":' * depth + "1" + "}" * depth, Shape)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_nothing_a_model_says_ends_in_another_error_than_a_complaint(words: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(read_answer(words, Shape), Shape)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.text(alphabet='abc{}"\n', max_size=40))
def test_json_that_is_right_is_left_as_it_is(text: str, before: str) -> None:
    plain = text.replace("$", "").encode("utf-8", "replace").decode()
    answer = json.dumps({"text": plain, "code": "x" * 200})
    assert read_answer(f"{before.replace('{', '')}\n{answer}", Shape).text == plain
