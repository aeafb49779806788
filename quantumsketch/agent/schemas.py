"""The JSON schemas of answers, without what only costs tokens or is no JSON Schema to a provider."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from quantumsketch.agent.revision import Revision
from quantumsketch.llm.types import Schema
from quantumsketch.storyboard import Storyboard
from quantumsketch.visuals import ManimCode, Visual

_NO_CONSTRAINTS = {"title", "default", "discriminator"}
_TOLD_ELSEWHERE = _NO_CONSTRAINTS | {"description"}
"""The catalogue of visuals says in fewer words what each field is."""
_ANIMATION = ManimCode.__name__


def storyboard_schema(max_beats: int) -> Schema:
    """The JSON schema of a storyboard of at most `max_beats` beats, its animations told as ideas."""
    schema = deepcopy(_schema_with_ideas(Storyboard))
    schema["properties"]["beats"]["maxItems"] = max_beats
    return schema


def revision_schema() -> Schema:
    """The JSON schema of what changes in a storyboard."""
    return deepcopy(_schema_with_ideas(Revision))


def drawn_schema(shape: type[BaseModel]) -> Schema:
    """The JSON schema of a shape that holds a visual, of the kinds that the kit draws by itself."""
    return _without(_TOLD_ELSEWHERE, with_drawn_only(shape.model_json_schema()))


def arguments_schema(shape: type[BaseModel]) -> Schema:
    """The JSON schema of a tool's arguments."""
    return _without(_NO_CONSTRAINTS, shape.model_json_schema())


def visual_schema() -> Schema:
    """The full JSON schema of a visual, its discriminator included."""
    return TypeAdapter[Any](Visual).json_schema()


def with_ideas_only(schema: Schema) -> Schema:
    """The schema with animations as ideas: their code is written afterwards, with tools and checks."""
    animation = schema["$defs"][_ANIMATION]
    idea = animation["properties"]["idea"]
    (text,) = [option for option in idea.pop("anyOf") if option["type"] != "null"]
    told = {
        **animation,
        "description": "An animation of its own; a programmer writes its code from the idea.",
    }
    told["properties"] = {"kind": animation["properties"]["kind"], "idea": {**idea, **text}}
    told["required"] = ["kind", "idea"]
    return {**schema, "$defs": {**schema["$defs"], _ANIMATION: told}}


def with_drawn_only(schema: Schema) -> Schema:
    """The schema without the kind of visual that is code."""
    definitions = {name: part for name, part in schema["$defs"].items() if name != _ANIMATION}
    pruned: Schema = _without_references({**schema, "$defs": definitions}, f"#/$defs/{_ANIMATION}")
    return pruned


def _without_references(schema: Any, target: str) -> Any:
    if isinstance(schema, list):
        kept = [item for item in schema if not (isinstance(item, dict) and item.get("$ref") == target)]
        return [_without_references(item, target) for item in kept]
    if isinstance(schema, dict):
        return {key: _without_references(value, target) for key, value in schema.items() if value != target}
    return schema


@cache
def _schema_with_ideas(shape: type[BaseModel]) -> Schema:
    return _without(_TOLD_ELSEWHERE, with_ideas_only(shape.model_json_schema()))


def _without(keywords: set[str], schema: Schema) -> Schema:
    """The schema without these keywords, wherever they stand in it."""
    # below these two the keys are names of ours, and a field may well be called "title"
    named: Schema = {
        key: {name: _without(keywords, field) for name, field in schema[key].items()}
        for key in ("properties", "$defs")
        if key in schema
    }
    return {
        key: named.get(key, _deeper(keywords, value)) for key, value in schema.items() if key not in keywords
    }


def _deeper(keywords: set[str], value: Any) -> Any:
    if isinstance(value, list):
        return [_deeper(keywords, item) for item in value]
    return _without(keywords, value) if isinstance(value, dict) else value
