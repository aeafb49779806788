"""A model's words read as a typed answer: the JSON is found among them, mended, and checked.

Knows how models spoil JSON (prose around it, thoughts before it, TeX with single backslashes); knows
no model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Shape = TypeVar("Shape", bound=BaseModel)

_LONGEST_ANSWER = 200_000
_MOST_STARTS = 100
_MOST_COMPLAINTS = 8
_THOUGHTS = re.compile(
    # some templates open the thoughts themselves, so that only their end is in the answer
    r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)|\A(?:(?!<think).)*</think(?:ing)?>",
    re.DOTALL,
)
_BACKSLASH = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\')
_FORMULA = re.compile(r"\$[^$]*\$")
_UNESCAPED = {"\b": r"\b", "\f": r"\f", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_TEX_FIELDS = {"tex", "highlight"}
_VERBATIM_FIELDS = {"code"}


def read_answer(text: str, shape: type[Shape]) -> Shape:
    """The answer in `text`; raises ValueError whose message tells the model what to mend."""
    try:
        return shape.model_validate(_mended(_largest_object(text)))
    except ValidationError as error:
        raise ValueError(_complaint(error)) from None
    except RecursionError:
        raise ValueError("the JSON is nested far too deep. Answer with one JSON object that fits") from None


def without_thoughts(text: str) -> str:
    """What a model says beside its thoughts, of a bounded length."""
    return _THOUGHTS.sub("", text[:_LONGEST_ANSWER])


def _largest_object(text: str) -> dict[str, Any]:
    """The longest JSON object in the text, whatever stands around it."""
    text = without_thoughts(text)
    # TeX such as \sqrt, written with one backslash, is no JSON; with two it is
    doubled = _BACKSLASH.sub(lambda match: match[0] if len(match[0]) > 1 else "\\\\", text)
    found = [*_objects(text), *_objects(doubled)]
    if not found:
        raise ValueError("there is no complete JSON object in the answer. Answer with one JSON object only")
    return max(found, key=lambda pair: pair[0])[1]


def _objects(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The outermost JSON objects in the text, each with its length."""
    decoder, at = json.JSONDecoder(strict=False), -1
    for _ in range(_MOST_STARTS):
        at = text.find("{", at + 1)
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        yield end - at, value
        at = end - 1


def _mended(value: Any, field: str = "") -> Any:
    r"""Give TeX its backslashes back: JSON reads "\frac" as a form feed and "rac"."""
    if isinstance(value, dict):
        return {key: _mended(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_mended(item, field) for item in value]
    if not isinstance(value, str) or field in _VERBATIM_FIELDS:
        return value
    if field in _TEX_FIELDS:
        return _backslashed(value)
    return _FORMULA.sub(lambda formula: _backslashed(formula[0]), value)


def _backslashed(tex: str) -> str:
    return re.sub(r"[\b\f\t\n\r](?=[A-Za-z])", lambda match: _UNESCAPED[match[0]], tex)


def _complaint(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False)
    lines = [f"- {_place(fault['loc'])}: {fault['msg']}{_found(fault['input'])}" for fault in faults]
    more = [f"- and {len(lines) - _MOST_COMPLAINTS} more"] if len(lines) > _MOST_COMPLAINTS else []
    return "\n".join(["The JSON does not fit:", *lines[:_MOST_COMPLAINTS], *more])


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "the whole answer"


def _found(value: Any) -> str:
    return f" (found {value!r:.80})" if isinstance(value, str | int | float) else ""
