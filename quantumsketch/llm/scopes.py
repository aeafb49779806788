"""The names under which cool-downs and free calls are kept, equal in every worker. They hold no key.

A mark in them tells a key from the one that it replaced, so that a mended key is tried at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pydantic import SecretStr

from quantumsketch.llm.reactions import Scope
from quantumsketch.llm.types import ModelEntry

_DIGITS = 8


def key_marks(keys: Mapping[str, SecretStr]) -> dict[str, str]:
    """Return a short mark of each key, by variable name: too short to find the key from it."""
    return {name: _mark(key.get_secret_value()) for name, key in keys.items()}


def account(entry: ModelEntry, marks: Mapping[str, str]) -> str:
    """Return the name of whoever is billed: a key at an address, of both of which only marks are shown."""
    name = entry.key_name or "no key"
    parts = [name, marks.get(name, ""), _mark(entry.base_url) if entry.base_url else ""]
    return " ".join(filter(None, parts))


def scope_name(scope: Scope, entry: ModelEntry, marks: Mapping[str, str]) -> str:
    """Return the name of what cools down if `entry` does, as widely as `scope` says.

    Without a key, nothing but the model itself cools down.
    """
    if scope is Scope.MODEL or entry.key_name is None:
        return f"model {entry.litellm_id} with {account(entry, marks)}"
    if scope is Scope.TIER:
        return f"{'free' if entry.free else 'paid'} models with {account(entry, marks)}"
    return f"all models with {account(entry, marks)}"


def scope_names(entry: ModelEntry, marks: Mapping[str, str]) -> list[str]:
    """Return every name under which `entry` may be cooling down."""
    return list(dict.fromkeys(scope_name(scope, entry, marks) for scope in Scope))


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
