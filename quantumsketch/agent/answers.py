"""A model's words read as a typed answer: the JSON is found among them, mended, and checked.

Knows how models spoil JSON (prose around it, thoughts before it, TeX with single backslashes); knows
no model.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from quantumsketch.model_words import objects_in, without_thoughts

Shape = TypeVar("Shape", bound=BaseModel)

LONGEST_ANSWER = 200_000
"""Characters of an answer that are read."""
_MOST_COMPLAINTS = 8
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


def _largest_object(text: str) -> dict[str, Any]:
    """The longest JSON object in the text, whatever stands around it."""
    text = without_thoughts(text[:LONGEST_ANSWER])
    # TeX such as \sqrt, written with one backslash, is no JSON; with two it is
    doubled = _BACKSLASH.sub(lambda match: match[0] if len(match[0]) > 1 else "\\\\", text)
    found = [*objects_in(text), *objects_in(doubled)]
    if not found:
        raise ValueError("there is no complete JSON object in the answer. Answer with one JSON object only")
    return max(found, key=lambda pair: len(pair[0]))[1]


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
