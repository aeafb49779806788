"""Properties as JSON that Postgres can hold, as long as Postgres will tell it. Knows not what they are of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from pydantic import JsonValue

from quantumsketch.errors import BadInput

LONGEST_PROPERTIES = 100_000
"""Characters, of the JSON with its numbers written out: of 1e308 Postgres tells 309 digits ever after."""
DEEPEST_PROPERTIES = 64
"""Objects and lists within each other: what reads them again may be less patient than what wrote them."""
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_TEXT_OR_POWER = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d(?:\.\d+)?e[+-]\d+', re.DOTALL)


def checked_json(what: str, properties: object) -> str:
    """Return `properties` as JSON; raises BadInput for what JSON or Postgres cannot hold, or nobody reads."""
    if not isinstance(properties, Mapping) or not all(isinstance(name, str) for name in properties):
        raise BadInput(f"{what} are not an object with text for names", mend="Give one.")
    try:
        text = json.dumps(dict(properties), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:  # no JSON, NaN or a circle, too deep
        raise BadInput(
            f"{what} cannot be written as JSON: {error}",
            mend="Write NaN and what is endless as text or null.",
        ) from None
    _check_size(what, text)
    if text.count("{") + text.count("[") > DEEPEST_PROPERTIES and _is_deeper(properties, DEEPEST_PROPERTIES):
        raise BadInput(f"{what} are nested too deep", mend=f"At most {DEEPEST_PROPERTIES} deep is possible.")
    if _NUL.search(text):
        raise BadInput(f"{what} hold the character U+0000", mend="Leave it out.")
    return text


def _check_size(what: str, text: str) -> None:
    more = _more_when_written_out(text)
    if (length := len(text) + more) > LONGEST_PROPERTIES:
        counted = "characters, with numbers written out" if more else "characters"
        raise BadInput(f"{what} are too long: {length} {counted}", mend=f"At most {LONGEST_PROPERTIES}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadInput(f"{what} hold half of a surrogate pair", mend="Leave it out.") from None


def _more_when_written_out(text: str) -> int:
    """By how many characters the numbers of a JSON text grow without powers of ten."""
    if "e+" not in text and "e-" not in text:
        return 0
    powers = [found[0] for found in _TEXT_OR_POWER.finditer(text) if found[0][0] != '"']
    return sum(len(f"{Decimal(power):f}") - len(power) for power in powers)


def _is_deeper(properties: Mapping[str, JsonValue], most: int) -> bool:
    """Whether there are more than `most` objects and lists within each other."""
    level: list[Iterable[object]] = [properties]
    for _ in range(most):
        inside = (outer.values() if isinstance(outer, Mapping) else outer for outer in level)
        level = [each for values in inside for each in values if isinstance(each, (dict, list, tuple))]
    return bool(level)
