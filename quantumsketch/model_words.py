"""A model's words: what stands in them beside its thoughts, which JSON objects, and how others' are marked.

Pure. Knows neither who asks nor who answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

_THOUGHTS = re.compile(
    # some templates open the thoughts themselves, so that only their end is in the answer
    r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A(?:(?!<think).)*</think(?:ing)?>",
    re.DOTALL,
)
_MOST_STARTS = 100


def without_thoughts(text: str) -> str:
    """What a model says beside its thoughts."""
    return _THOUGHTS.sub("", text)


def objects_in(text: str) -> Iterator[tuple[range, dict[str, Any]]]:
    """The outermost JSON objects in a text and their places, whatever stands around them."""
    decoder, at = json.JSONDecoder(strict=False), -1
    for _ in range(_MOST_STARTS):
        at = text.find("{", at + 1)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        yield range(at, end), value
        at = end - 1


def data_tag(text: str) -> str:
    """A tag named after the hash of the text that it is put around: no text can hold the one that ends it."""
    return f"data-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"
