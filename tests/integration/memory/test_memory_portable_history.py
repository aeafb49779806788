"""What is imported could have been recorded: a file that tells what no history can be is refused whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

import psycopg
import pytest

from quantumsketch.errors import BadInput
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.moving.importing import import_tenant
from quantumsketch.memory.moving.portable import PARTS
from tests.sample_videos import video

pytestmark = pytest.mark.slow
Line = tuple[str, dict[str, Any]]
THEN, LATER, STILL_LATER = (f"2026-01-0{day}T00:00:00+00:00" for day in (1, 2, 3))
VIDEO = video("v").model_dump_json()


def _node(number: int, kind: str = "note", **told: Any) -> Line:
    """A node of which only this is told that is not usual."""
    row: dict[str, Any] = {
        "id": str(UUID(int=number)), "kind": kind, "name": f"n{number}", "description": "", "body": "",
        "properties": {}, "document": None, "provenance": {}, "recorded_at": THEN, "changed_at": STILL_LATER,
        "closed_at": None, "merged_into": None,
    }  # fmt: skip
    return "node", {**row, **told}


def _duplicate(number: int, of: int, kind: str = "note", **told: Any) -> Line:
    return _node(number, kind, **{"closed_at": THEN, "merged_into": str(UUID(int=of)), **told})


def _version(of: int, since: str, until: str, **told: Any) -> Line:
    row: dict[str, Any] = {
        "node": str(UUID(int=of)), "description": "", "body": "", "properties": {}, "provenance": {},
        "closed_at": None, "merged_into": None, "recorded_from": since, "recorded_to": until,
    }  # fmt: skip
    return "node_version", {**row, **told}


def _edge(source: int, kind: str, target: int, **told: Any) -> Line:
    row: dict[str, Any] = {
        "source": str(UUID(int=source)), "kind": kind, "target": str(UUID(int=target)), "properties": {},
        "provenance": {}, "recorded_at": STILL_LATER, "valid_from": THEN, "valid_to": None,
    }  # fmt: skip
    return "edge", {**row, **told}


def _edge_version(since: str, until: str) -> Line:
    _, row = _edge(1, "about", 2, recorded_at=since, recorded_to=until)
    return "edge_version", row


def _chunk(of: int) -> Line:
    return "chunk", {"node": str(UUID(int=of)), "place": 0, "text": ""}


def _call(**told: Any) -> Line:
    row: dict[str, Any] = {
        "call_id": "c", "video_id": "v", "beat_id": None, "model": "m", "purpose": "plan", "at": THEN,
        "reserved_usd": 0.5, "ended": "ok", "cost_usd": None, "input_tokens": 1, "output_tokens": 0,
    }  # fmt: skip
    return "model_call", {**row, **told}


def _nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def _file(lines: Sequence[Line]) -> BytesIO:
    counts = Counter(part for part, _ in lines)
    header = {"format": "quantumsketch-memory", "version": 1, "tenant": "x", "exported_at": THEN}
    end = {"end": {part: counts[part] for part in PARTS}}
    told = [header, *({part: row} for part, row in lines), end]
    return BytesIO("".join(f"{json.dumps(each)}\n" for each in told).encode())


A, B, C = _node(1), _node(2), _node(3)
ABOUT = _edge(1, "about", 2)
BY_NEXT = [_edge(1, "next", 2, valid_to=LATER), _edge(1, "next", 3, valid_from=LATER)]
CAN_BE = {
    "notes": [A, B],
    "a video": [_node(1, "video", name="v", document=VIDEO)],
    "duplicates": [A, _duplicate(2, 1), _duplicate(3, 1)],
    "a functional relation that changed": [A, B, C, *BY_NEXT],
    "a fact and what it was": [A, B, ABOUT, _edge_version(THEN, LATER), _edge_version(LATER, STILL_LATER)],
    "earlier versions": [A, _version(1, THEN, LATER), _version(1, LATER, STILL_LATER)],
    "recursion": [_node(1, "function"), _edge(1, "uses", 1)],
    "deep properties": [_node(1, properties=_nested(64))],
    "long numbers": [_node(1, properties={"a": [1e308] * 310, "b": [5e-324] * 2})],
    "a call": [_call(cost_usd=0.1), _call(call_id="d", ended=None)],
}  # fmt: skip
CANNOT_BE: dict[str, tuple[list[Line], str]] = {
    "a kind": ([A, _node(2, "dragon")], "line 3.*'dragon'"),
    "no id": ([_node(1, id="nobody")], "line 2.*id is 'nobody'"),
    "an id that is a number": ([_node(1, id=1)], "line 2.*id is 1"),
    "a version of nothing": ([A, _version(1, THEN, LATER, node=None)], "line 3.*node is None"),
    "a duplicate of no id": ([A, _duplicate(2, 1, merged_into="n1")], "line 3.*merged_into is 'n1'"),
    "a name unseen": ([_node(1, name="\u200b\u2060")], "line 2.*seen"),
    "a long body": ([_node(1, body="x" * 1_000_001)], "line 2.*1000001"),
    "deep properties": ([_node(1, properties=_nested(65))], "line 2.*too deep"),
    "deep properties of a fact": ([A, B, _edge(1, "about", 2, properties=_nested(65))], "line 4.*too deep"),
    "deep provenance": ([_node(1, provenance=_nested(65))], "line 2.*too deep"),
    "deep properties once": ([A, _version(1, THEN, LATER, properties=_nested(65))], "line 3.*too deep"),
    "a provenance that is text": ([_node(1, provenance="somebody")], "line 2.*not an object"),
    "numbers that swell": ([_node(1, properties={"a": [1e308] * 330})], "line 2.*too long"),
    "a node twice": ([A, B, A], "the same twice, in nodes"),
    "a text of nothing": ([A, _chunk(2)], "is not in it: .*nodes"),
    "a fact about nothing": ([A, ABOUT], "is not in it: a fact joins"),
    "two of a name": ([A, _node(2, name="n1")], "the same twice, in nodes: .*n1"),
    "a fact twice": ([A, B, ABOUT, ABOUT], "the same twice, in edges"),
    "no number": ([_node(1, properties={"a": float("nan")})], "line 2"),
    "no time": ([_node(1, recorded_at="infinity")], "line 2.*infinity"),
    "no time either": ([_node(1, changed_at="-infinity")], "line 2.*infinity"),
    "the future": ([_node(1, recorded_at="9999-01-01T00:00:00Z")], "line 2.*future"),
    "a future fact": ([A, B, _edge(1, "about", 2, valid_from="9999-01-01T00:00:00Z")], "line 4.*future"),
    "a fact without end": ([A, B, _edge(1, "about", 2, valid_to="infinity")], "line 4.*infinity"),
    "a cost that is none": ([_call(reserved_usd=float("nan"))], "line 2"),
    "a cost in words": ([_call(cost_usd="NaN")], "line 2.*'NaN'"),
    "a cost without end": ([_call(reserved_usd="Infinity")], "line 2.*Infinity"),
    "a cost beyond all others": ([_call(cost_usd=1.7e308)], "line 2.*1.7e"),
    "a gain": ([_call(cost_usd=-1)], "line 2.*-1"),
    "a video that is none": ([A, _node(2, "video", name="v", document='{"x":1}')], "line 3.*video 'v'"),
    "a video of another name": ([_node(1, "video", name="w", document=VIDEO)], "line 2.*'w'.*'v'"),
    "a video of nothing": ([_node(1, "video", name="v")], "line 2.*no document"),
    "a scene that is none": ([_node(1, "scene", document='{"kind":"evil"}')], "line 2.*scene"),
    "a note with a document": ([_node(1, document="{}")], "line 2.*has a document"),
    "ends that cannot be joined": ([_node(1, "tag"), B, _edge(1, "has_beat", 2)], "does not lead"),
    "a loop": ([A, _edge(1, "supersedes", 1)], "to itself"),
    "two at one time": ([A, B, C, _edge(1, "next", 2), _edge(1, "next", 3)], "holds with several"),
    "its own duplicate": ([_duplicate(1, 1)], "cannot be a duplicate"),
    "duplicates of each other": ([_duplicate(1, 2), _duplicate(2, 1)], "fits no memory"),
    "a duplicate of a duplicate": ([A, _duplicate(2, 1), _duplicate(3, 2)], "cannot be a duplicate"),
    "a duplicate of another kind": ([A, _duplicate(2, 1, "tag")], "cannot be a duplicate"),
    "a duplicate that goes on": ([A, _duplicate(2, 1, closed_at=None)], "cannot be a duplicate"),
    "versions that overlap": (
        [A, _version(1, THEN, STILL_LATER), _version(1, LATER, STILL_LATER)], "two ways",
    ),
    "a version of now": ([_node(1, changed_at=LATER), _version(1, THEN, STILL_LATER)], "two ways at once"),
    "a fact known twice": (
        [A, B, ABOUT, _edge_version(THEN, STILL_LATER), _edge_version(LATER, STILL_LATER)],
        "two ways",
    ),
    "a fact known now and before": (
        [A, B, _edge(1, "about", 2, recorded_at=LATER), _edge_version(THEN, STILL_LATER)], "two ways",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CAN_BE)
async def test_what_can_be_a_history_is_imported(
    database_url: str, graph: Graph, tenant: str, what: str
) -> None:
    counts = await import_tenant(database_url, tenant, _file(CAN_BE[what]))
    assert sum(counts.model_dump().values()) == len(CAN_BE[what])


@pytest.mark.parametrize("what", CANNOT_BE)
async def test_what_no_history_can_be_is_refused_and_leaves_nothing(
    database_url: str, tenant: str, what: str, administrator: psycopg.Connection
) -> None:
    lines, complaint = CANNOT_BE[what]
    with pytest.raises(BadInput, match=complaint):
        await import_tenant(database_url, tenant, _file(lines))
    left = administrator.execute("SELECT FROM nodes WHERE tenant = %s", [tenant]).fetchall()
    assert (
        left == administrator.execute("SELECT FROM model_calls WHERE tenant = %s", [tenant]).fetchall() == []
    )
