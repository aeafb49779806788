"""The JSON schemas of answers: what a model is asked to write, and in which kinds of visual."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter

from quantumsketch.agent.revision import Revision
from quantumsketch.json_schema import NO_CONSTRAINTS, Schema, without
from quantumsketch.storyboard import Storyboard
from quantumsketch.visuals import ManimCode, Visual

_TOLD_ELSEWHERE = NO_CONSTRAINTS | {"description"}
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
    return without(_TOLD_ELSEWHERE, with_drawn_only(shape.model_json_schema()))


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
    return without(_TOLD_ELSEWHERE, with_ideas_only(shape.model_json_schema()))
