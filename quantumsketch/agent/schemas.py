"""The JSON schemas of answers, without what only costs tokens or is no JSON Schema to a provider."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from quantumsketch.llm.types import Schema
from quantumsketch.storyboard import Storyboard

_NO_CONSTRAINTS = {"title", "default", "discriminator"}


def storyboard_schema(max_beats: int) -> Schema:
    """The JSON schema of a storyboard of at most `max_beats` beats."""
    schema = answer_schema(Storyboard)
    schema["properties"]["beats"]["maxItems"] = max_beats
    return schema


def answer_schema(shape: type[BaseModel]) -> Schema:
    """The JSON schema of a shape, its constraints and descriptions only."""
    schema: Schema = _bare(shape.model_json_schema())
    return schema


def _bare(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    # below these two the keys are names of ours, and a field may well be called "title"
    named = {
        key: {name: _bare(field) for name, field in schema[key].items()}
        for key in ("properties", "$defs")
        if key in schema
    }
    return {key: named.get(key, _bare(value)) for key, value in schema.items() if key not in _NO_CONSTRAINTS}
