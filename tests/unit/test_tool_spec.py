"""A model's arguments, held against a tool's request: what fits is taken, all else is told in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from quantumsketch.tool_spec import MALFORMED, Misfit, arguments_schema, no_such_tool, read_arguments, spec_of


class Strict(BaseModel):
    """Ask for something."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, description="what of")
    count: int = 1


class Lenient(BaseModel):
    """Minds nothing."""

    anything: Any = None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)


def deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


def test_what_fits_is_the_request() -> None:
    assert read_arguments({"title": "x", "count": 3}, Strict) == Strict(title="x", count=3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "title: Field required"),
        ({"title": ""}, "title: String should have at least 1 character"),
        ({"title": "x", "domains": ["*"]}, "domains: Extra inputs are not permitted"),
        ({MALFORMED: '{"title": "x'}, "they are no JSON object"),
        ({"title": "half \ud83d a character"}, "title: Input should be a valid string"),
        ({"title": "x", "half \ud83d": 1}, "Input should be a valid string"),
    ],
)
def test_what_does_not_fit_is_told_with_the_schema(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(Misfit, match="the arguments do not fit") as misfit:
        read_arguments(arguments, Strict)
    assert told in str(misfit.value)
    assert "'minLength': 1" in str(misfit.value)


@pytest.mark.parametrize("arguments", [{MALFORMED: "no JSON"}, {"anything": deep(100_000)}])
def test_a_shape_that_minds_nothing_still_takes_json_objects_only(arguments: dict[str, Any]) -> None:
    with pytest.raises(Misfit):
        read_arguments(arguments, Lenient)


@given(st.dictionaries(st.text(st.characters()), JSON, max_size=4))
def test_whatever_a_model_writes_is_a_request_or_a_misfit_in_words(arguments: dict[str, Any]) -> None:
    for shape in (Strict, Lenient):
        told = ""
        try:
            read_arguments(arguments, shape).model_dump_json()
        except Misfit as misfit:
            told = str(misfit)
        assert len(told.encode()) < 5000  # no half characters: a history could not keep them


def test_a_schema_holds_what_binds_and_fields_may_be_called_as_keywords_are() -> None:
    schema = arguments_schema(Strict)
    assert schema["properties"]["title"] == {"type": "string", "minLength": 1, "description": "what of"}
    assert schema["properties"]["count"] == {"type": "integer"}
    assert (schema["additionalProperties"], "title" in schema) == (False, False)


def test_a_spec_is_the_tool_as_a_model_is_told_of_it() -> None:
    spec = spec_of("ask", "Asks.", Strict)
    assert (spec.name, spec.description, spec.parameters) == ("ask", "Asks.", arguments_schema(Strict))


def test_a_tool_that_is_not_there_is_told_short_and_with_those_that_are() -> None:
    told = no_such_tool("x\n" * 5000, ["a", "b"])
    assert told.endswith("The tools are: a, b.")
    assert len(told) < 200
    assert "\n" not in told
