"""From what a person handed in to a VideoRequest. Every refusal is one line: what, where, what to do. No I/O.

Both doors take their words in here, so that a prompt is refused for the same reasons at each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from quantumsketch.errors import BadInput
from quantumsketch.preferences import Preferring
from quantumsketch.storyboard import PROMPT_LIMIT, USUAL_WORDING, Look, Storyboard, VideoRequest, Wording

_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Control characters that no text file holds; white space and escape are not among them."""
LONGEST_CONCEPT = 200
"""Characters that the name of a concept may have when it is looked for."""
_VISUAL_KINDS = re.compile(r"(\.visual)\.[a-z_]+")
"""Pydantic names the chosen kind of a union as if it were a field; no file has a field of that name."""


def text_of(data: bytes, name: str) -> str:
    """Decode bytes that should be UTF-8 text, with or without a byte order mark.

    Raises BadInput if they are in another encoding or no text at all; `name` says where they came from.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(f"{name} is in UTF-16, not UTF-8", mend="Save it as UTF-8")
    if b"\x00" in data:
        raise BadInput(f"{name} is binary, not text", mend="Give a plain text file in UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"{name} is not UTF-8: byte {error.start} is 0x{data[error.start]:02x}"
        raise BadInput(what, mend="Save it as UTF-8") from None
    if found := _CONTROL.search(text):
        what = f"{name} is binary, not text: character {found.start()} is {found[0]!r}"
        raise BadInput(what, mend="Give a plain text file in UTF-8")
    return text


def prompt_of(text: str, name: str = "the prompt") -> str:
    """Check a prompt's text; return it with plain line ends and no white space around it; raise BadInput."""
    prompt = text.replace("\r\n", "\n").strip()
    if found := _CONTROL.search(prompt):
        raise BadInput(f"{name} holds the control character {found[0]!r}", mend="Give plain text")
    if not any(char.isprintable() and not char.isspace() for char in prompt):
        raise BadInput(f"{name} is empty", mend="Write what the video should explain")
    if len(prompt) > PROMPT_LIMIT:
        what = f"{name} has {len(prompt):,} characters, the limit is {PROMPT_LIMIT:,}"
        raise BadInput(what, mend="Shorten it, or make several videos")
    return prompt


def storyboard_of(text: str, name: str) -> Storyboard:
    """Read an edited storyboard from JSON text; raise BadInput that names the first field that is wrong."""
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"{name} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        raise BadInput(what, mend="Mend it there, or write a new one with `qs render --plan`") from None
    except RecursionError:
        raise BadInput(f"{name} is nested too deeply to be a storyboard") from None
    except ValueError:  # Python reads no number of thousands of digits
        raise BadInput(f"{name} holds a number that is too long to be read", mend="Shorten it") from None
    try:
        return Storyboard.model_validate(parsed)
    except ValidationError as error:
        raise BadInput(
            f"{name} breaks the schema of a storyboard: {complaint(error)}", mend="Mend that field"
        ) from None


def concept_of(text: str) -> str:
    """Check the name of a concept that somebody looks for; return it without white space around it."""
    name = " ".join(text.split())
    if found := _CONTROL.search(name):
        raise BadInput(f"the concept's name holds the control character {found[0]!r}", mend="Give plain text")
    if not 0 < len(name) <= LONGEST_CONCEPT:
        what = f"the concept's name has {len(name)} characters: {name[:40]!r}"
        raise BadInput(what, mend=f"Give 1 to {LONGEST_CONCEPT}")
    return name


def look_of(**options: str | None) -> Look:
    """Make a look of the options that a person gave; what is None is left open, and may be as preferred."""
    return Look.model_validate({name: value for name, value in options.items() if value is not None})


def preferring_of(values: Mapping[str, str | Sequence[str] | None]) -> Preferring:
    """Make what a person prefers of values by name; raise BadInput."""
    try:
        return Preferring.model_validate(values)
    except ValidationError as error:
        raise BadInput(f"that cannot be preferred: {complaint(error)}", mend="Give another value") from None


def request_of(
    prompt: str,
    look: Look,
    max_beats: int,
    storyboard: Storyboard | None = None,
    *,
    audience: str | None = None,
    max_cost_usd: float | None = None,
) -> VideoRequest:
    """Make the request for a video; raise BadInput."""
    try:
        return VideoRequest(
            prompt=prompt,
            look=look,
            wording=USUAL_WORDING if audience is None else Wording(audience=audience),
            max_beats=max_beats,
            storyboard=storyboard,
            max_cost_usd=max_cost_usd,
        )
    except ValidationError as error:
        raise BadInput(f"the request is not usable: {complaint(error)}", mend="Mend that value") from None


def complaint(error: ValidationError) -> str:
    """Tell the first problem of a validation in one line: the field's path, then what is wrong with it."""
    first, *others = error.errors(include_url=False)
    where = field_path(first["loc"])
    what = first["msg"].removeprefix("Value error, ").replace("\n", " ")
    more = f" (and {len(others)} more)" if others else ""
    return f"{where}: {what}{more}" if where else f"{what}{more}"


def field_path(location: Sequence[str | int]) -> str:
    """Write a location as one would in code: `beats[2].visual.curves[0].expression`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return _VISUAL_KINDS.sub(r"\1", path).lstrip(".")
