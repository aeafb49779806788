"""JSON schemas as models and providers take them: without what only costs tokens or means nothing to them."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

Schema = dict[str, Any]
"""A JSON schema, or a part of one."""

NO_CONSTRAINTS = frozenset({"title", "default", "discriminator"})
"""The keywords that forbid nothing, or that are no JSON Schema."""


def without(keywords: Set[str], schema: Schema) -> Schema:
    """Return the schema without these keywords, wherever they stand in it."""
    # below these two the keys are names of ours, and a field may well be called "title"
    named: Schema = {
        key: {name: without(keywords, field) for name, field in schema[key].items()}
        for key in ("properties", "$defs")
        if key in schema
    }
    return {
        key: named.get(key, _deeper(keywords, value)) for key, value in schema.items() if key not in keywords
    }


def _deeper(keywords: Set[str], value: Any) -> Any:
    if isinstance(value, list):
        return [_deeper(keywords, item) for item in value]
    return without(keywords, value) if isinstance(value, dict) else value
