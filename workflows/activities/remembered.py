"""Finds what was made before of the same things, if its record can be read and its files are whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import AssetCorrupt, NotFound
from quantumsketch.video import AssetRef

Record = TypeVar("Record", bound=BaseModel)


async def remembered(
    store: AssetStore, key: str, shape: type[Record], files: Callable[[Record], Iterable[AssetRef]]
) -> Record | None:
    """The record under `key`; None if there is none, or none that serves: then it is made again."""

    def look() -> Record | None:
        record = store.find(key)
        if record is None:
            return None
        try:
            found = shape.model_validate_json(record)
            for ref in files(found):
                store.path(ref)
        except (ValidationError, NotFound, AssetCorrupt):
            return None
        return found

    return await asyncio.to_thread(look)


async def remember(store: AssetStore, key: str, record: BaseModel) -> None:
    """Keep `record` for the next time."""
    await asyncio.to_thread(store.remember, key, record.model_dump_json().encode())
