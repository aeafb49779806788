"""Labels with one number each, such as "coal 30 %, gas 20 %", and dated entries, read off a text."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBER = (
    r"(?:about |approx\. |ca\. |~ ?)?(?P<sign>[-−+])?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
)
_UNIT = r"(?P<unit>%|percent|°C|°F|[$€£]|[A-Za-z²³/]{1,12})?"
_LABEL_FIRST = re.compile(rf"(?P<label>[^\d:=]{{1,40}}?)\s*(?::|=|–|-(?=\s)|\s)\s*{_NUMBER}\s?{_UNIT}\.?")
_NUMBERED_LABEL = re.compile(rf"(?P<label>[^:=]{{0,39}}[^\W\d_][^:=]{{0,39}}?):\s*{_NUMBER}\s?{_UNIT}\.?")
_NUMBER_FIRST = re.compile(rf"{_NUMBER}\s?(?P<unit>%|percent)\s+(?:of\s+)?(?P<label>[^\d:=]{{1,40}}?)\.?")
_DATE = (
    r"(?:c(?:a|irca)?\.? ?)?(?:\d{1,2} )?"
    r"(?:(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.? )?"
    r"(?:\d{3,4}s?(?:\s?[–-]\s?\d{2,4})?|\d{1,2}:\d{2}|\d{1,4}(?= (?:BC|AD|BCE|CE)))(?: (?:BC|AD|BCE|CE))?"
)
_DATED = re.compile(
    rf"(?P<when>{_DATE})\s*(?::|–|—|-|,|\))\s*(?P<text>\S.*)"
    rf"|(?:In|On|By|Around|Since) (?P<on>{_DATE}),? (?P<then>.*)"
)
_UNIT_AHEAD = re.compile(r"\(([^\s()\d][^()]{0,11})\)\s*:")


class Quantity(NamedTuple):
    label: str
    value: float
    unit: str


class Entry(NamedTuple):
    when: str
    text: str


def quantities(parts: list[str]) -> list[Quantity]:
    """Read every part as a label with a number; all of them in one unit, or nothing."""
    found = [quantity for part in parts if len(part) <= 80 and (quantity := _quantity(part))]
    alike = len({quantity.unit for quantity in found}) == 1
    return found if alike and len(found) == len(parts) >= 2 else []


def listed_quantities(sentence: str) -> list[Quantity]:
    """Read a sentence such as "Power: coal 30 %, gas 20 %"; all parts need one unit, or nothing."""
    listed = sentence.rpartition(": ")[2].rstrip(". ")
    found = quantities([part.strip() for part in re.split(r"[,;]\s+(?:and\s+)?|\s+and\s+", listed)])
    if found and not found[0].unit and (ahead := _UNIT_AHEAD.search(sentence)):
        return [quantity._replace(unit=ahead[1]) for quantity in found]
    return found if found and found[0].unit else []


def _quantity(part: str) -> Quantity | None:
    patterns = (_LABEL_FIRST, _NUMBERED_LABEL, _NUMBER_FIRST)
    found = next((match for pattern in patterns if (match := pattern.fullmatch(part))), None)
    if not found or not (label := found["label"].strip(" *_`$(")):
        return None
    size = float(found["number"].replace(",", ""))
    unit = (found["unit"] or "").replace("percent", "%")
    return Quantity(label, -size if found["sign"] in ("-", "−") else size, unit) if size <= 1e9 else None


def dated(items: list[str]) -> list[Entry]:
    """Read every item as a date with what happened; nothing unless all of at least two items are."""
    found = [
        Entry((m["when"] or m["on"]).strip(), m["text"] or m["then"])
        for item in items
        if (m := _DATED.fullmatch(item))
    ]
    return found if len(found) == len(items) >= 2 and all(len(e.when) <= 16 for e in found) else []
