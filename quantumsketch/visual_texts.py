"""The texts that a visual is made of, whatever its kind. Pure; what they are for is its callers' business."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import BaseModel


def texts_of(part: object, besides: Collection[str]) -> Iterator[str]:
    """Yield every text of a visual, or of a part of it, in order; without the fields named in `besides`."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for item in part:
            yield from texts_of(item, besides)
    elif isinstance(part, BaseModel):
        for name, value in part:
            if name not in besides:
                yield from texts_of(value, besides)
