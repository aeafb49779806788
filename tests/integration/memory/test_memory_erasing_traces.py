"""A video's id is made of its prompt's words: once it is erased, nothing that stays says either."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import JsonValue

from quantumsketch.edits import VIDEOS_NEEDED
from quantumsketch.intake import look_of
from quantumsketch.memory.embedding import Embedder
from quantumsketch.memory.films.experience import Experience
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.memory.films.preferences import THE_USER, PreferenceBook
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.migrate import migrate, migrations
from quantumsketch.memory.moving.exporting import export_tenant
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.preferences import Preference, Preferring, held
from quantumsketch.storyboard import Beat, Storyboard, Theme
from quantumsketch.video import Video
from quantumsketch.visuals import TitleCard
from tests.animated_videos import NOW, animated, to_animate
from tests.integration.memory.libraries import record
from tests.integration.memory.traces import tables_that_hold
from tests.sample_videos import video
from tests.videos_with_incidents import ABOVE, APART, mended

Administrator = psycopg.Connection
SECRET = "walrus-tooth-0a1b2c"
ODD = "narwhal-horn-0a1b2c"
"""Of a video whose id stays in what others wrote."""
"""The id of the video that is erased; the first words are of its prompt, and nobody else says them."""
USER = ("user", THE_USER)


@pytest.fixture
def book(store: Store) -> PreferenceBook:
    return PreferenceBook(store)


def secret_and_another(tenant: str) -> tuple[Video, Video]:
    """Two videos of one scene, which the second took from the first, with the same fault and subject."""
    secret, other = (
        animated(video_id, tenant, to_animate(), title="Squares", prompt=prompt)
        for video_id, prompt in ((SECRET, "Explain the walrus tooth"), ("v2", "Explain squares"))
    )
    of_secret = secret.beats[0].model_copy(update={"incidents": [mended(APART), mended(ABOVE)]})
    of_other = other.beats[0].model_copy(update={"incidents": [mended(APART)], "reused": SECRET})
    board = secret.storyboard.model_copy(update={"title": "The Walrus Tooth"})
    return (
        secret.model_copy(update={"beats": [of_secret], "storyboard": board}),
        other.model_copy(update={"beats": [of_other]}),
    )


def _plan(title: str, verb: str) -> Storyboard:
    narrations = (f"We {verb} a long bar to lift the {title}.", "Archimedes knew that already.")
    beats = [
        Beat(title=f"Beat {number}", narration=narration, visual=TitleCard(heading="A lever"))
        for number, narration in enumerate(narrations)
    ]
    return Storyboard(title=title, summary=f"About {title}.", beats=beats)


async def edit(book: PreferenceBook, tenant: str, title: str, video_id: str) -> None:
    """Take one word out of a plan, of which then a video is made."""
    await book.planned(tenant, _plan(title, "utilize"))
    await book.edited(tenant, video_id, _plan(title, "use"))


async def _exported(graph: Graph, tenant: str) -> str:
    file = BytesIO()
    await export_tenant(graph.database, tenant, file)
    return file.getvalue().decode()


async def _known(book: PreferenceBook, tenant: str) -> dict[str, Preference]:
    return {one.key: one for one in held(await book.known(tenant))}


async def test_of_an_erased_video_no_row_and_no_export_says_the_id_or_a_word_of_the_prompt(
    graph: Graph,
    library: Library,
    experience: Experience,
    book: PreferenceBook,
    store: Store,
    tenant: str,
    administrator: Administrator,
) -> None:
    secret, other = secret_and_another(tenant)
    for video_id in (SECRET, "v2", "v3"):
        await book.chosen(tenant, video_id, look_of(theme="paper", aspect="9:16"))
    await book.change(tenant, Preferring(theme=Theme.NIGHT))
    await edit(book, tenant, "Walrus Tooth", SECRET)
    await edit(book, tenant, "box", "v2")
    for made in (secret, other):
        await record(graph, library, made)
        await experience.record(made)
    await record(graph, library, secret.model_copy(update={"cost_usd": 1.0}))
    before = await graph.provenance(tenant, "v2")
    everywhere = {"nodes", "edges", "chunks", "node_versions", "edge_versions"}
    assert tables_that_hold(administrator, SECRET) == everywhere
    assert tables_that_hold(administrator, "walrus") == everywhere
    assert (await _known(book, tenant))["aspect"].evidence == [SECRET, "v2", "v3"]

    await store.erase(tenant, ("video", SECRET))

    for trace in (SECRET, "walrus", "tooth"):
        assert tables_that_hold(administrator, trace) == set()
    exported = (await _exported(graph, tenant)).lower()
    assert "walrus" not in exported
    assert "v2" in exported
    assert await graph.provenance(tenant, "v2") == before
    (left,) = (await graph.video(tenant, "v2")).beats
    assert left == other.beats[0].model_copy(update={"reused": None})
    known = await _known(book, tenant)
    assert (known["aspect"].value, known["aspect"].evidence) == ("9:16", ["v2", "v3"])
    assert known["avoid/utilize"].evidence == ["box"]
    assert await library.scene_for(tenant, to_animate(), other.look, NOW)


async def test_what_others_said_too_stays_said_in_a_run_without_a_name(
    graph: Graph, store: Store, tenant: str, administrator: Administrator
) -> None:
    for name in (SECRET, "v2"):
        await graph.record_video(video(name, tenant, f"Explain {name}", scenes=("shared",)))
    model = ("model", "offline: worked example 'x'")
    said = (await store.entity(tenant, model)).provenance
    assert said["run"] == SECRET
    await store.erase(tenant, ("video", SECRET))
    kept = await store.entity(tenant, model)
    assert kept.provenance == {**said, "run": None}
    versions = administrator.execute("SELECT count(*) FROM node_versions WHERE tenant = %s", [tenant])
    assert versions.fetchone() == (0,)
    await store.erase(tenant, ("video", "v2"))
    left = administrator.execute("SELECT kind, name FROM nodes WHERE tenant = %s", [tenant]).fetchall()
    assert left == []


async def test_a_preference_that_only_erased_videos_showed_is_none(
    book: PreferenceBook, graph: Graph, store: Store, tenant: str, administrator: Administrator
) -> None:
    names = [f"v{number}" for number in range(VIDEOS_NEEDED)]
    for name in names:
        await graph.record_video(video(name, tenant))
        await book.chosen(tenant, name, look_of(theme="paper"))
    for erased, name in enumerate(names, 1):
        assert (await _known(book, tenant))["theme"].value == "paper"
        await store.erase(tenant, ("video", name))
        user = await store.entity(tenant, USER)
        assert user.properties["chosen"] == {
            "theme": [{"video": left, "value": "paper"} for left in names[erased:]]
        }
    assert await book.known(tenant) == []
    nodes = administrator.execute("SELECT kind FROM nodes WHERE tenant = %s", [tenant]).fetchall()
    assert nodes == [("user",)]
    for name in names:
        await book.chosen(tenant, f"{name}-again", look_of(theme="paper"))
    assert (await _known(book, tenant))["theme"].value == "paper"


async def test_what_a_person_said_stays_whatever_is_erased(
    book: PreferenceBook, graph: Graph, store: Store, tenant: str
) -> None:
    await book.change(tenant, Preferring(theme=Theme.PAPER, avoid=("utilize",)))
    before = await book.known(tenant)
    await graph.record_video(video(SECRET, tenant))
    await book.chosen(tenant, SECRET, look_of(theme="paper"))
    await store.erase(tenant, ("video", SECRET))
    assert await book.known(tenant) == before


async def test_odd_choices_and_evidence_that_others_wrote_stop_no_erasing(
    graph: Graph, store: Store, tenant: str, administrator: Administrator
) -> None:
    odd: list[JsonValue] = [
        {"theme": ODD},
        [ODD],
        {"theme": [ODD, {"video": [1]}, {"video": ODD}]},
        ODD,
    ]
    for number, chosen in enumerate(odd):
        told = [Entity("user", f"u{number}", properties={"chosen": chosen})]
        await store.upsert(tenant, told, [], Provenance("r", "import", "import"), embed=False)
    await graph.record_video(video(ODD, tenant))
    await store.erase(tenant, ("video", ODD))
    kept = await store.entity(tenant, ("user", "u2"))
    assert kept.properties == {"chosen": {"theme": [ODD, {"video": [1]}]}}


async def test_where_the_owner_of_the_tables_is_walled_too_no_trace_is_left(
    ordinary_login: str, another_database: Callable[[], str], embedder: Embedder, tenant: str
) -> None:
    url = another_database()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"GRANT CREATE ON DATABASE {server.info.dbname} TO {ordinary_login}".encode())
        server.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
        server.execute(b"CREATE EXTENSION vector")
        secret, other = secret_and_another(tenant)
        async with Graph.open(make_conninfo(url, user=ordinary_login), embedder) as graph:
            store = Store(graph.database, embedder)
            for made in (secret, other):
                await graph.record_video(made)
                await PreferenceBook(store).chosen(tenant, made.id, made.look)
            server.execute(b"SET search_path = quantumsketch, public")
            assert tables_that_hold(server, SECRET) >= {"nodes", "edges"}
            await store.erase(tenant, ("video", SECRET))
            assert (await graph.video(tenant, "v2")).beats[0].reused is None
        assert tables_that_hold(server, "walrus") == set()


_FORGOTTEN_BEFORE = """
SET search_path = quantumsketch, public;
SET app.tenant = 't';
INSERT INTO nodes (tenant, kind, name, provenance, properties)
VALUES ('t', 'concept', 'squares', '{"run": "walrus-1", "activity": "record_library"}', '{}'),
       ('t', 'concept', 'circles', '{"run": "kept-1", "activity": "record_library"}', '{}'),
       ('t', 'note', 'n', '{"run": "r", "activity": "test"}', '{"odd": [1]}'),
       ('t', 'video', 'kept-1', '{"run": "kept-1", "activity": "record_video"}', '{}'),
       ('u', 'video', 'walrus-1', '{"run": "walrus-1", "activity": "record_video"}', '{}'),
       ('t', 'preference', 't/theme', '{"run": "preferences"}', '{}'),
       ('t', 'user', 't', '{"run": "preferences"}',
        '{"chosen": {"theme": [{"video": "kept-1", "value": 1}, {"video": "walrus-1", "value": 1}]}}');
UPDATE nodes SET description = 'told', changed_at = clock_timestamp() WHERE name IN ('squares', 'circles');
INSERT INTO edges (tenant, source, kind, target, provenance, properties)
SELECT 't', whole.id, 'mentions', part.id, part.provenance, '{}'::jsonb FROM nodes AS whole, nodes AS part
 WHERE whole.name = 'n' AND part.name = 'squares'
UNION ALL
SELECT 't', whole.id, 'prefers', part.id, '{}', '{"known_by": "edits", "evidence": ["walrus-1", "kept-1"]}'
  FROM nodes AS whole, nodes AS part
 WHERE whole.kind = 'user' AND part.kind = 'preference';
UPDATE edges SET properties = '{"times": 2}', recorded_at = clock_timestamp() WHERE kind = 'mentions';
"""


async def test_of_a_video_that_an_earlier_version_erased_the_id_goes_with_the_migration(
    ordinary_login: str, another_database: Callable[[], str]
) -> None:
    url = another_database()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"GRANT CREATE ON DATABASE {server.info.dbname} TO {ordinary_login}".encode())
        server.execute(f"GRANT quantumsketch_app TO {ordinary_login}".encode())
        server.execute(b"CREATE EXTENSION vector")
        own_url = make_conninfo(url, user=ordinary_login)
        await migrate(own_url, tuple(step for step in migrations() if step.name < "0021"))
        server.execute(_FORGOTTEN_BEFORE.encode())
        everywhere = {"nodes", "edges", "node_versions", "edge_versions"}
        assert tables_that_hold(server, "walrus") == everywhere
        kept = tables_that_hold(server, "kept-1")
        await migrate(own_url)
        server.execute(b"DELETE FROM nodes WHERE tenant = 'u'")  # of whom it is no trace
        assert tables_that_hold(server, "walrus") == set()
        assert tables_that_hold(server, "kept-1") == kept == {"nodes", "node_versions", "edges"}
        walls = server.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY (%s) AND relforcerowsecurity",
            [list(everywhere)],
        ).fetchall()
        assert len(walls) == len(everywhere)
