"""Names for work by what goes into it, so that the same work is found and not done twice.

Knows nothing of what the parts mean, nor of where the work's result is kept.
"""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel


def content_key(*parts: str | BaseModel) -> str:
    """Return the sha256 (64 hex digits) of `parts` in order; equal keys mean equal parts.

    A model counts by its class's name and its fields, whatever their order; a string by its characters.
    Raises ValueError for a number that is not finite.
    """
    canonical = json.dumps(
        [_canonical(part) for part in parts], sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _canonical(part: str | BaseModel) -> object:
    # A model becomes an object and a string stays one, so no text can pass for a model.
    if isinstance(part, str):
        return part
    return {type(part).__name__: part.model_dump(mode="json")}
