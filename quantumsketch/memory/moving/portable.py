"""The file that a memory becomes: lines of JSON; the first says what it is, the last that it is whole.

Between them one line for each row: {"node": {...}}, in the order of PARTS. No line names the tenant but the
first, which nobody has to believe. Knows no database.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field, ValidationError

from quantumsketch.errors import BadInput
from quantumsketch.memory.moving.inspection import check_row
from quantumsketch.memory.records import Record

FORMAT: Literal["quantumsketch-memory"] = "quantumsketch-memory"
VERSION = 1
PARTS = ("node", "node_version", "edge", "edge_version", "chunk", "model_call")
"""What lines are of: each refers only to what lies before it."""

_LONGEST_NUMBER = 400
"""Characters: the smallest number above 0 has 326 of them, written out."""


class Header(Record):
    """The first line."""

    format: Literal["quantumsketch-memory"] = FORMAT
    version: int = VERSION
    tenant: str = Field(description="whose memory it was")
    exported_at: datetime


class Counts(Record):
    """How many there are of each."""

    node: int = 0
    node_version: int = 0
    edge: int = 0
    edge_version: int = 0
    chunk: int = 0
    model_call: int = 0


def read_header(line: bytes) -> Header:
    """Return what the first line says; raises BadInput if this version reads no file that begins so."""
    try:
        header = Header.model_validate_json(line)
    except ValidationError:
        raise BadInput(
            "the file is not an exported memory", mend="Give one that `qs memory export` wrote."
        ) from None
    if header.version != VERSION:
        raise BadInput(
            f"the file is of version {header.version}, and this program reads version {VERSION}",
            mend="Use the version of QuantumSketch that wrote it, or a newer one.",
        )
    return header


def end_line(counts: Counts) -> bytes:
    """Return the last line of a file."""
    return f'{{"end": {counts.model_dump_json()}}}\n'.encode()


def read_lines(file: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Yield the lines behind the first, each with what it is of; raises BadInput at the first that is wrong.

    So too if the file does not end with its last line, or has not as many lines as that says.
    """
    counts = dict.fromkeys(PARTS, 0)
    for number, line in enumerate(file, 2):
        text, part, row = _read(number, line)
        if part == "end":
            if row != counts or next(file, None) is not None:
                raise BadInput(f"line {number} ends the file, and does not fit what it holds", mend=_AGAIN)
            return
        try:
            check_row(part, row)
        except BadInput as refused:
            raise BadInput(
                f"line {number} of the file cannot be: {refused.what}", mend=refused.mend
            ) from None
        counts[part] += 1
        yield part, text
    raise BadInput("the file is cut short: its last line is missing", mend=_AGAIN)


_AGAIN = "Export it again, or get the whole file."


def _read(number: int, line: bytes) -> tuple[str, str, dict[str, object]]:
    """A line as text, what it is of, and its row."""
    try:
        text = line.decode()
        told = json.loads(text, parse_constant=_refuse, parse_float=_number)
    except (ValueError, RecursionError):  # no UTF-8, no JSON, too deep
        told = None
    match told:
        case dict() if len(told) == 1:
            ((part, row),) = told.items()
            if part in (*PARTS, "end") and isinstance(row, dict) and line.endswith(b"\n"):
                return text, part, row
    raise BadInput(f"line {number} of the file is none of an exported memory", mend=_AGAIN)


def _number(told: str) -> float:
    """Read a number, of no more digits than any of ours has: Postgres would write out all of 1e-9999."""
    if max(len(told), abs(Decimal(told).adjusted())) > _LONGEST_NUMBER:
        raise ValueError(f"{told[:40]} is no number that was written here")
    return float(told)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
