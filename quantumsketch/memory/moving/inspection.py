"""Rows of an exported memory, each held against what could have been written: kinds, texts, times, costs.

A file is believed as far as it is the product's own history; what would break the product later is refused
here. Knows one row at a time and no database: how rows fit together is looked at when all are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from quantumsketch.errors import BadInput
from quantumsketch.memory.films.facts import storable
from quantumsketch.memory.ontology import NodeKind, relation
from quantumsketch.memory.properties import checked_json
from quantumsketch.memory.statements import (
    CLOCKS_DIFFER_BY,
    LONGEST_NAME,
    Entity,
    Fact,
    check_text,
    checked_entities,
    checked_facts,
    checked_time,
)
from quantumsketch.storyboard import Storyboard
from quantumsketch.video import Video
from quantumsketch.visuals import Visual

_LONGEST_DOCUMENT = 16_000_000
_LONGEST_CHUNK = 20_000
"""Characters."""
_MOST_USD = 1_000_000
"""For one call: of what is finite alone, the sum need not be."""
Row = Mapping[str, Any]
_VISUAL: TypeAdapter[Visual] = TypeAdapter(Visual)
_DOCUMENTS: Mapping[str, Callable[[str], object]] = {
    NodeKind.VIDEO: Video.model_validate_json,
    NodeKind.STORYBOARD: Storyboard.model_validate_json,
    NodeKind.SCENE: _VISUAL.validate_json,
}
"""What the documents of these kinds are read as; no other kind has any."""


def check_row(part: str, row: Row) -> None:
    """Raise BadInput unless `row` can be one of what `part` names."""
    _CHECKS[part](row)


def check_join(kind: str, source: str, target: str, *, to_itself: bool) -> None:
    """Raise BadInput unless the relation may lead from such a source to such a target, or to itself."""
    checked_facts([Fact((source, "a"), kind, (target, "a" if to_itself else "b"))])


def _check_node(row: Row) -> None:
    kind, name, document = row.get("kind"), row.get("name"), row.get("document")
    entity = Entity(kind, name, row.get("description"), row.get("body"), row.get("properties"))  # type: ignore[arg-type]  # looked at there
    (checked,) = checked_entities([entity])
    _check_ids(row, "id", "merged_into")
    checked_json(f"the provenance of {checked.key!r}", row.get("provenance"))
    if document is not None:
        _check_document(checked.key[0], checked.key[1], document)
    elif kind == NodeKind.VIDEO and row.get("closed_at") is None:
        raise BadInput(f"the video {name!r} has no document")
    _check_times(row, "recorded_at", "changed_at")
    _check_times({"closed_at": None, **row}, "closed_at", optional=True)


def _check_document(kind: str, name: str, document: object) -> None:
    if kind not in _DOCUMENTS:
        raise BadInput(f"the {kind} {name!r} has a document")
    check_text(f"the document of {name!r}", document, 1, _LONGEST_DOCUMENT)
    try:
        read = _DOCUMENTS[kind](str(document))
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]
        raise BadInput(f"the document of the {kind} {name!r} is none: {reason['msg']}") from None
    if isinstance(read, Video) and storable(read.id) != name:
        raise BadInput(f"the document of the video {name!r} is that of {read.id!r}")


def _check_node_version(row: Row) -> None:
    told = Entity(NodeKind.NOTE, "a", row.get("description"), row.get("body"), row.get("properties"))
    checked_entities([told])
    _check_ids(row, "node", "merged_into")
    checked_json("the provenance of an earlier version", row.get("provenance"))
    _check_times(row, "recorded_from", "recorded_to")
    _check_times({"closed_at": None, **row}, "closed_at", optional=True)


def _check_edge(row: Row) -> None:
    what = f"the relation {relation(row.get('kind')).kind.value!r}"
    _check_ids(row, "source", "target")
    checked_json(f"the properties of {what}", row.get("properties"))
    checked_json(f"the provenance of {what}", row.get("provenance"))
    _check_times(row, "recorded_at", "valid_from")
    _check_times({"valid_to": None, **row}, "valid_to", optional=True)


def _check_edge_version(row: Row) -> None:
    _check_edge(row)
    _check_times(row, "recorded_to")


def _check_chunk(row: Row) -> None:
    _check_ids(row, "node")
    check_text("a chunk's text", row.get("text"), 0, _LONGEST_CHUNK)


def _check_model_call(row: Row) -> None:
    for name in ("call_id", "video_id", "model", "purpose"):
        check_text(f"a call's {name}", row.get(name), 1, LONGEST_NAME)
    for name in ("reserved_usd", "cost_usd"):
        usd = row.get(name)
        if usd is None and name == "cost_usd":
            continue
        if isinstance(usd, bool) or not isinstance(usd, int | float) or not 0 <= usd <= _MOST_USD:
            raise BadInput(f"the {name} of the call {row['call_id']!r} is {usd!r}, which nothing can cost")
    _check_times(row, "at")


def _check_ids(row: Row, *names: str) -> None:
    """Raise BadInput unless these are ids; only what a node became part of may be None."""
    for name in names:
        told = row.get(name)
        if told is None and name == "merged_into":
            continue
        try:
            UUID(told)
        except (TypeError, ValueError, AttributeError):  # no text is none either
            raise BadInput(f"{name} is {told!r}, which is no id") from None


def _check_times(row: Row, *names: str, optional: bool = False) -> None:
    """Raise BadInput unless these are points in time, with their zones, that are not in the future."""
    latest = datetime.now(UTC) + CLOCKS_DIFFER_BY
    for name in names:
        told = row.get(name)
        if told is None and optional:
            continue
        try:
            checked_time(datetime.fromisoformat(told), latest)  # type: ignore[arg-type]  # a TypeError then
        except (TypeError, ValueError):  # 'infinity' is none either
            raise BadInput(f"{name} is {told!r}, which is no point in time") from None


_CHECKS: Mapping[str, Callable[[Row], None]] = {
    "node": _check_node,
    "node_version": _check_node_version,
    "edge": _check_edge,
    "edge_version": _check_edge_version,
    "chunk": _check_chunk,
    "model_call": _check_model_call,
}
