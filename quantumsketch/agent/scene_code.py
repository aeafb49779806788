"""The source of a scene in a model's answer: in a fence, in a JSON object, or the whole of it."""

from __future__ import annotations

import json
import re

from quantumsketch.agent.answers import LONGEST_ANSWER
from quantumsketch.model_words import without_thoughts

LONGEST_SCENE = 18_000
"""Characters; with room for what the check mends in it."""
# possessive and by the line: a model that repeats itself must not keep a workflow for seconds
_FENCED = re.compile(r"^[ \t]*+(`{3,}+|~{3,}+)[^\n]*\n(.*?)(?:^[ \t]*+\1|\Z)", re.DOTALL | re.MULTILINE)
_SCENE = re.compile(r"^[ \t]*+(?:class[ \t]++\w|def[ \t]++construct\b)", re.MULTILINE)
_CODE_FIELD = re.compile(r'^\s*\{\s*"code"\s*:')


def code_in(text: str) -> str | None:
    """The code that a model answered with, None if there is none or far too much; not checked in any way.

    Of several pieces in fences the longest counts that holds a scene.
    """
    code = _found(without_thoughts(text[:LONGEST_ANSWER]).strip())
    return code if code and len(code) <= LONGEST_SCENE else None


def _found(text: str) -> str | None:
    if code := _field(text):
        return code
    pieces = [_field(match[2].strip()) or match[2].strip("\n") for match in _FENCED.finditer(text)]
    scenes = [piece for piece in pieces if _SCENE.search(piece)]
    if scenes or pieces:
        return max(scenes or pieces, key=len).strip()
    return text if _SCENE.search(text) else None


def _field(text: str) -> str | None:
    """The field `code` of a JSON object, None if the text is none."""
    if not _CODE_FIELD.match(text):
        return None
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text[text.index("{") :])
    except (ValueError, RecursionError):
        return None
    code = value.get("code") if isinstance(value, dict) else None
    # JSON can hold half a character, which no source can
    return code.strip().encode("utf-8", "replace").decode() if isinstance(code, str) else None
