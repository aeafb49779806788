"""What a video says of itself, and no more."""

from __future__ import annotations

import json
from collections import Counter

from quantumsketch.memory.films.facts import facts_of, properties_json
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.storyboard import Look, Theme
from quantumsketch.usage import ModelCall
from tests.sample_videos import video


def test_a_video_becomes_nodes_for_all_that_it_is_made_of() -> None:
    facts = facts_of(video(scenes=("a", "b", "a")))
    assert Counter(node.key[0] for node in facts.nodes) == {
        NodeKind.VIDEO: 1,
        NodeKind.PROMPT: 1,
        NodeKind.STORYBOARD: 1,
        NodeKind.MODEL: 1,
        NodeKind.BEAT: 3,
        NodeKind.SCENE: 2,
        NodeKind.CLIP: 2,
        NodeKind.ASSET: 4,
    }
    assert Counter(edge.kind for edge in facts.edges) == {
        EdgeKind.ANSWERS: 1,
        EdgeKind.FOLLOWS: 1,
        EdgeKind.PLANNED_BY: 1,
        EdgeKind.HAS_BEAT: 3,
        EdgeKind.SHOWS: 3,
        EdgeKind.RENDERED_AS: 3,
        EdgeKind.WRITTEN_BY: 3,
        EdgeKind.PUBLISHED_AS: 1,
        EdgeKind.CAPTIONED_BY: 2,
        EdgeKind.PICTURED_BY: 1,
    }


def test_what_the_models_were_asked_is_told_of_the_video_of_each_beat_and_of_each_model() -> None:
    calls = [
        ModelCall(model="a/b", purpose="storyboard", ended="answered", input_tokens=30, cost_usd=0.25),
        ModelCall(model="c/d", purpose="scene", beat_id="b02", ended="Refused", cost_usd=0.0),
        ModelCall(model="a/b", purpose="scene", beat_id="b02", ended="answered", cost_usd=0.5),
    ]  # fmt: skip
    facts = facts_of(video().model_copy(update={"calls": calls, "cost_usd": 0.75}))
    properties = {node.key: node.properties for node in facts.nodes}
    assert properties[NodeKind.VIDEO, "v1"]["model_calls"] == 3
    assert [properties[NodeKind.BEAT, f"v1/b0{n}"]["cost_usd"] for n in (1, 2)] == [0.0, 0.5]
    asked = {(e.source[1], e.target[1]): e.properties["cost_usd"] for e in facts.edges if e.kind == "asked"}
    assert asked == {("v1", "a/b"): 0.25, ("v1/b02", "c/d"): 0.0, ("v1/b02", "a/b"): 0.5}


def test_the_look_of_a_video_is_told_as_a_whole() -> None:
    made = video()
    paper = made.model_copy(update={"look": Look(theme=Theme.PAPER)})
    node = next(node for node in facts_of(paper).nodes if node.key[0] is NodeKind.VIDEO)
    assert {name: node.properties[name] for name in Look.model_fields} == paper.look.model_dump(mode="json")


def test_every_edge_joins_two_nodes_that_are_there() -> None:
    facts = facts_of(video())
    keys = {node.key for node in facts.nodes}
    assert facts.edges
    assert all({edge.source, edge.target} <= keys for edge in facts.edges)


def test_two_videos_share_the_nodes_of_what_they_share_and_own_the_rest() -> None:
    one, other = facts_of(video("v1", scenes=("a", "b"))), facts_of(video("v2", scenes=("b", "c")))
    shared = {node.key for node in one.nodes} & {node.key for node in other.nodes}
    assert Counter(kind for kind, _ in shared) == {
        NodeKind.PROMPT: 1, NodeKind.MODEL: 1, NodeKind.SCENE: 1, NodeKind.CLIP: 1,
    }  # fmt: skip
    assert not set(one.owners) & set(other.owners)


def test_the_prompt_is_kept_as_it_was_written() -> None:
    (prompt,) = [n for n in facts_of(video(prompt="  Why?\n")).nodes if n.key[0] is NodeKind.PROMPT]
    assert prompt.properties == {"text": "  Why?\n"}


def test_a_nul_character_is_replaced_where_postgres_cannot_hold_it() -> None:
    facts = facts_of(video("v\x001", model="m\x00"))
    assert facts.nodes
    assert not any("\x00" in node.key[1] for node in facts.nodes)
    assert json.loads(properties_json({"text": "a\x00b", "number": 1})) == {"text": "a\ufffdb", "number": 1}
