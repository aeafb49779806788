"""Videos go into a real Postgres and come out of it."""

from __future__ import annotations

import asyncio
from collections import Counter

import psycopg
import pytest

from quantumsketch.errors import BadInput, NotFound, QuantumSketchError, ServiceUnavailable
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.ontology import NodeKind
from tests.sample_videos import video

Administrator = psycopg.Connection


def _rows(administrator: Administrator, tenant: str) -> list[tuple[object, ...]]:
    """Everything that `tenant` has, with the number of the transaction that wrote each row last."""
    nodes = administrator.execute("SELECT xmin::text, * FROM nodes WHERE tenant = %s ORDER BY id", [tenant])
    edges = administrator.execute(
        "SELECT xmin::text, * FROM edges WHERE tenant = %s ORDER BY source, kind, target", [tenant]
    )
    return [*nodes.fetchall(), *edges.fetchall()]


async def test_a_video_comes_back_exactly_as_it_was_recorded(graph: Graph, tenant: str) -> None:
    made = video(tenant=tenant, prompt="Why?\x00 “∑”\U0001f3ac  ", scenes=("a", "b"))
    await graph.record_video(made)
    assert await graph.video(tenant, "v1") == made


async def test_recording_a_video_twice_changes_nothing(
    graph: Graph, tenant: str, administrator: Administrator
) -> None:
    await graph.record_video(video(tenant=tenant))
    before = _rows(administrator, tenant)
    await graph.record_video(video(tenant=tenant))
    assert len(before) == 17 + 19
    assert _rows(administrator, tenant) == before


async def test_many_recordings_at_once_add_every_fact_once(
    graph: Graph, tenant: str, administrator: Administrator
) -> None:
    scenes = ("a", "b", "c", "d")
    videos = [
        video(f"v{n % 4}", tenant, scenes=scenes[n % 4 :] + scenes[: n % 4], prompt=f"Explain {n % 4}")
        for n in range(16)
    ]
    await asyncio.gather(*(graph.record_video(made) for made in videos))
    kinds = Counter(
        row[0] for row in administrator.execute("SELECT kind FROM nodes WHERE tenant = %s", [tenant])
    )
    assert kinds == {
        "video": 4, "prompt": 4, "storyboard": 4, "model": 1, "beat": 16, "scene": 4, "clip": 4, "asset": 16,
    }  # fmt: skip
    edges = administrator.execute("SELECT count(*), count(valid_to) FROM edges WHERE tenant = %s", [tenant])
    assert edges.fetchone() == (4 * (7 + 4 * 4), 0)


async def _until_waiting(administrator: Administrator, many: int) -> None:
    """Return when so many recordings wait for a lock; raises TimeoutError after 20 s."""
    waiting = (
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = %s"
    )
    for _ in range(2_000):
        if administrator.execute(waiting, [administrator.info.dbname]).fetchone() == (many,):
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_two_videos_that_share_scenes_in_opposite_order_do_not_block_each_other(
    graph: Graph, tenant: str, database_url: str, administrator: Administrator
) -> None:
    await graph.record_video(video("v0", tenant, scenes=("a", "b")))
    forth = video("v1", tenant, "One", scenes=("a", "b"), model="one")
    back = video("v2", tenant, "Two", scenes=("b", "a"), model="two")
    # of one process the second would wait without a connection
    async with Graph.open(database_url) as other, asyncio.TaskGroup() as recordings:
        with psycopg.connect(database_url) as holder:
            held = holder.execute(
                "SELECT FROM quantumsketch.nodes "
                "WHERE tenant = %s AND (name = %s OR document->>'heading' = 'a') FOR UPDATE",
                [tenant, forth.beats[0].clip.asset.sha256],
            )
            assert held.rowcount == 2
            for number, (one, made) in enumerate(((graph, forth), (other, back)), start=1):
                recordings.create_task(one.record_video(made))
                await _until_waiting(administrator, number)
    assert {summary.id for summary in await graph.videos(tenant)} == {"v0", "v1", "v2"}


async def test_a_video_recorded_anew_closes_what_no_longer_holds_and_deletes_nothing(
    graph: Graph, tenant: str, administrator: Administrator
) -> None:
    await graph.record_video(video(tenant=tenant, scenes=("a", "b")))
    await graph.record_video(video(tenant=tenant, scenes=("a", "z")))
    await graph.record_video(video(tenant=tenant, scenes=("a", "b")))
    parts = (await graph.provenance(tenant, "v1")).nodes
    documents = administrator.execute(
        "SELECT document::text FROM nodes WHERE tenant = %s AND kind = 'scene' ORDER BY document::text",
        [tenant],
    )
    assert ["heading" in row[0] for row in documents] == [True, True, True]
    assert sum(part.kind == NodeKind.SCENE for part in parts) == 2
    closed = administrator.execute(
        "SELECT count(*) FROM edges WHERE tenant = %s AND valid_to > valid_from", [tenant]
    ).fetchone()
    assert closed == (6,)  # twice: the storyboard, the second beat's scene and its clip


async def test_videos_are_listed_newest_first_and_as_many_as_asked_for(graph: Graph, tenant: str) -> None:
    for number in range(4):
        await graph.record_video(video(f"v{number}", tenant, title=f"Title {number}"))
    found = await graph.videos(tenant, limit=3)
    assert [summary.title for summary in found] == ["Title 3", "Title 2", "Title 1"]
    assert (found[0].id, found[0].beats, found[0].duration_s) == ("v3", 3, 9.0)
    assert found[0].storyboard_by == "offline: worked example 'x'"
    assert await graph.videos("nobody") == []


async def test_a_video_is_found_by_what_it_means(graph: Graph, tenant: str) -> None:
    prompts = {
        "Pythagoras": "Explain the theorem of Pythagoras",
        "Sorting": "Show how bubble sort orders a list of numbers",
        "Acids": "What is the difference between acids and bases?",
    }
    for title, prompt in prompts.items():
        await graph.record_video(video(title.lower(), tenant, prompt, title))
    hits = await graph.similar(tenant, "the sides of a right triangle", limit=2)
    assert hits[0].title == "Pythagoras"
    assert len(hits) == 2
    assert 1 > hits[0].similarity > hits[1].similarity
    assert (await graph.similar(tenant, "litmus and pH\x00"))[0].title == "Acids"


async def test_provenance_names_everything_that_a_video_is_made_of_and_nothing_of_others(
    graph: Graph, tenant: str
) -> None:
    await graph.record_video(video("v1", tenant, scenes=("a", "b")))
    await graph.record_video(video("v2", tenant, scenes=("b", "c")))
    found = await graph.provenance(tenant, "v1")
    assert not found.truncated
    assert Counter(node.kind for node in found.nodes) == {
        "video": 1, "prompt": 1, "storyboard": 1, "model": 1, "beat": 2, "scene": 2, "clip": 2, "asset": 4,
    }  # fmt: skip
    assert {node.name for node in found.nodes if node.kind == "beat"} == {"v1/b01", "v1/b02"}
    assert len(found.edges) == 7 + 2 * 4


async def test_the_longest_video_has_its_whole_provenance(graph: Graph, tenant: str) -> None:
    await graph.record_video(video(tenant=tenant, scenes=tuple(f"scene {n}" for n in range(24))))
    found = await graph.provenance(tenant, "v1")
    assert not found.truncated
    assert len(found.nodes) == 1 + 3 + 4 + 3 * 24


async def test_what_is_not_there_is_not_found(graph: Graph, tenant: str) -> None:
    for ask in (graph.video, graph.provenance):
        with pytest.raises(NotFound, match="no-such"):
            await ask(tenant, "no-such\x00")


async def test_a_tenant_that_no_tenant_can_be_called_writes_nothing(graph: Graph) -> None:
    for name in ("", "Robert'); DROP TABLE nodes;--", "a\x00b"):
        with pytest.raises(QuantumSketchError, match="record a video"):
            await graph.record_video(video(tenant=name))


async def test_a_server_that_is_not_there_is_said_to_be_unavailable() -> None:
    with pytest.raises(ServiceUnavailable, match="migrate the database") as caught:
        async with Graph.open("postgresql://someone:sesame@127.0.0.1:1/nowhere"):
            pass
    assert "sesame" not in str(caught.value)


async def test_a_url_that_cannot_be_read_is_bad_input_and_is_not_repeated() -> None:
    for url in ("postgresql://someone:sesame@[::1/x", "sesame"):
        with pytest.raises(BadInput, match="QS_DATABASE_URL") as caught:
            async with Graph.open(url):
                pass
        assert "sesame" not in str(caught.value)


async def test_the_graph_goes_on_after_the_server_has_dropped_its_connections(
    graph: Graph, tenant: str, administrator: Administrator
) -> None:
    await graph.record_video(video(tenant=tenant))
    dropped = administrator.execute(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ).fetchone()
    assert dropped
    assert dropped[0] >= 1
    assert len(await graph.videos(tenant)) == 1
