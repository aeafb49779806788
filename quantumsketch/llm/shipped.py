"""Lists that the installed LiteLLM ships as files: read without importing it, which would take seconds."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


@cache
def provider_names() -> frozenset[str]:
    """The providers that LiteLLM knows, by the names with which its ids start."""
    providers = _shipped("provider_endpoints_support_backup.json")["providers"]
    return frozenset(name for name in providers if "/" not in name)


@cache
def price_list() -> dict[str, dict[str, Any]]:
    """What LiteLLM knows of each model, by its id; takes 20 ms to read."""
    return _shipped("model_prices_and_context_window_backup.json")


def _shipped(name: str) -> dict[str, Any]:
    package = find_spec("litellm")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("litellm is not installed", name="litellm")
    content: dict[str, Any] = json.loads(Path(package.origin).with_name(name).read_text(encoding="utf-8"))
    return content
