"""Preferences on a real Postgres: said, taken from edits, taken away; their history; each tenant its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
import pytest
from pydantic import JsonValue

from quantumsketch.errors import BadInput
from quantumsketch.intake import look_of
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.preferences import PLANS_REMEMBERED, THE_USER, PreferenceBook
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from quantumsketch.preferences import About, KnownBy, Preference, Preferring, held, of
from quantumsketch.storyboard import MOST_AVOIDED, Aspect, Beat, Look, Quality, Storyboard
from quantumsketch.visuals import TitleCard
from tests.sample_videos import video

Administrator = psycopg.Connection


@pytest.fixture
def book(store: Store) -> PreferenceBook:
    return PreferenceBook(store)


def board(title: str, *narrations: str) -> Storyboard:
    beats = [
        Beat(title=f"Beat {n}", narration=narration, visual=TitleCard(heading="A lever"))
        for n, narration in enumerate(narrations)
    ]
    return Storyboard(title=title, summary=f"About {title}.", beats=beats)


def plan(title: str, verb: str) -> Storyboard:
    return board(title, f"We {verb} a long bar to lift the {title}.", "Archimedes knew that already.")


async def edit(book: PreferenceBook, tenant: str, titles: Sequence[str]) -> None:
    """Take one word out of a plan of each title."""
    for title in titles:
        await book.planned(tenant, plan(title, "utilize"))
        await book.edited(tenant, f"v-{title}", plan(title, "use"))


async def preferred(book: PreferenceBook, tenant: str) -> dict[str, str]:
    return {one.key: one.value for one in held(await book.known(tenant))}


async def test_what_a_person_says_is_known_from_then_on_and_to_no_other_tenant(
    book: PreferenceBook, tenant: str
) -> None:
    assert await book.known(tenant) == []
    await book.change(tenant, Preferring(aspect=Aspect.TALL, audience="children", avoid=("utilize",)))
    assert await preferred(book, tenant) == {
        "aspect": "9:16",
        "audience": "children",
        "avoid/utilize": "utilize",
    }
    assert await book.known(f"{tenant}x") == []
    await book.change(f"{tenant}x", Preferring(aspect=Aspect.SQUARE))
    assert (await preferred(book, tenant))["aspect"] == "9:16"


async def test_what_was_preferred_before_is_closed_and_stays_in_the_history(
    book: PreferenceBook, store: Store, tenant: str
) -> None:
    told = []
    for value in (Aspect.TALL, Aspect.SQUARE, None):
        await book.change(tenant, Preferring(aspect=value))
        user = await store.entity(tenant, ("user", THE_USER))
        told += await store.facts(tenant, user.id, "prefers")
    assert await preferred(book, tenant) == {}
    assert [fact.provenance["said_by"] for fact in told] == ["user"] * 3
    then = [(await store.facts(tenant, user.id, "prefers", as_of=fact.valid_from))[0] for fact in told]
    assert [(fact.properties["value"], fact.properties["holds"]) for fact in then] == [
        ("9:16", True),
        ("1:1", True),
        ("1:1", False),
    ]


async def test_a_look_that_was_asked_for_three_times_on_end_is_preferred(
    book: PreferenceBook, tenant: str
) -> None:
    tall = look_of(aspect="9:16")
    for number, look in enumerate((tall, tall, Look(), tall, tall)):
        await book.chosen(tenant, f"v{number}", look)
    assert await preferred(book, tenant) == {}, "one in between left it open"
    await book.chosen(tenant, "v5", look_of(aspect="9:16", theme="paper"))
    [known] = await book.known(tenant)
    assert (known.about, known.value, known.known_by) == (About.ASPECT, "9:16", KnownBy.EDITS)
    assert known.evidence == ["v3", "v4", "v5"]
    for video_id in ("v6", "v7", "v8"):
        await book.chosen(tenant, video_id, look_of(aspect="1:1"))
    assert await preferred(book, tenant) == {"aspect": "1:1"}


async def test_what_a_person_set_or_took_away_is_not_taken_from_edits(
    book: PreferenceBook, tenant: str
) -> None:
    await book.change(tenant, Preferring(aspect=Aspect.WIDE, quality=Quality.HIGH))
    await book.change(tenant, Preferring(quality=None))
    for video_id in ("v1", "v2", "v3"):
        await book.chosen(tenant, video_id, look_of(aspect="9:16", quality="draft"))
    assert await preferred(book, tenant) == {"aspect": "16:9"}


async def test_a_word_taken_out_of_two_plans_is_avoided_until_the_person_says_otherwise(
    book: PreferenceBook, tenant: str
) -> None:
    await edit(book, tenant, ["stone"])
    await book.edited(tenant, "v2", plan("stone", "apply"))
    assert await preferred(book, tenant) == {}, "one plan, edited twice, is one"
    await edit(book, tenant, ["box"])
    [known] = await book.known(tenant)
    assert (known.key, known.known_by, known.evidence) == ("avoid/utilize", KnownBy.EDITS, ["box", "stone"])
    assert "(box; stone), since 20" in known.why_in_full
    await book.change(tenant, Preferring(avoid=()))
    await edit(book, tenant, ["wheel", "door"])
    assert of(await book.known(tenant), About.AVOID) == []


async def test_no_more_words_are_taken_than_a_person_could_name(book: PreferenceBook, tenant: str) -> None:
    words = tuple(f"word{number}" for number in range(MOST_AVOIDED))
    await book.change(tenant, Preferring(avoid=words))
    await edit(book, tenant, ["stone", "box"])
    assert sorted(of(await book.known(tenant), About.AVOID)) == sorted(words)


async def test_with_all_words_that_can_be_avoided_a_look_is_learned_nevertheless(
    book: PreferenceBook, tenant: str
) -> None:
    await book.change(tenant, Preferring(avoid=tuple(f"word{number}" for number in range(MOST_AVOIDED))))
    for video_id in ("v1", "v2", "v3"):
        await book.chosen(tenant, video_id, look_of(aspect="9:16"))
    assert (await preferred(book, tenant))["aspect"] == "9:16"


async def test_what_several_doors_say_at_once_is_all_kept_and_no_word_beyond_the_limit(
    book: PreferenceBook, tenant: str
) -> None:
    await edit(book, tenant, ["stone", "box"])
    words = [f"word{number}" for number in range(MOST_AVOIDED + 5)]
    saying = [book.change(tenant, Preferring(avoid_also=(word,))) for word in words]
    saying.append(book.change(tenant, Preferring(avoid_no_more=("utilize",))))
    ends = await asyncio.gather(*saying, return_exceptions=True)
    refused = {word for word, end in zip(words, ends, strict=False) if isinstance(end, BadInput)}
    assert 5 <= len(refused) <= 6, "utilize is one of the words until it is taken away"
    assert not [end for end in ends if isinstance(end, Exception) and not isinstance(end, BadInput)]
    assert {*of(await book.known(tenant), About.AVOID)} == {*words} - refused


async def test_looks_asked_for_at_once_are_all_counted(book: PreferenceBook, tenant: str) -> None:
    looks = [book.chosen(tenant, f"v{number}", look_of(aspect="1:1")) for number in range(3)]
    await asyncio.gather(*looks)
    assert await preferred(book, tenant) == {"aspect": "1:1"}


async def test_a_draft_asked_for_three_times_is_no_preference(book: PreferenceBook, tenant: str) -> None:
    for video_id in ("v1", "v2", "v3"):
        await book.chosen(tenant, video_id, look_of(quality="draft", theme="paper"))
    assert await preferred(book, tenant) == {"theme": "paper"}


async def test_only_the_newest_plans_are_kept_and_others_leave_nothing(
    book: PreferenceBook, graph: Graph, tenant: str, administrator: Administrator
) -> None:
    filmed = video("v1", tenant)
    await graph.record_video(filmed)
    await book.planned(tenant, filmed.storyboard)
    for number in range(PLANS_REMEMBERED + 1):
        await book.planned(tenant, plan(f"stone number {number}", "utilize"))
    kept = administrator.execute(
        "SELECT properties -> 'script' ->> 'title' FROM edges WHERE tenant = %s AND kind = 'works_on'",
        [tenant],
    ).fetchall()
    assert {title for (title,) in kept} == {f"stone number {n}" for n in range(1, PLANS_REMEMBERED + 1)}
    boards = administrator.execute(
        "SELECT count(*) FROM nodes WHERE tenant = %s AND kind = 'storyboard'", [tenant]
    ).fetchone()
    assert boards == (PLANS_REMEMBERED + 1,), "the one that a video follows stays"


async def test_an_old_plan_goes_with_what_was_merged_into_it(
    book: PreferenceBook, store: Store, tenant: str, administrator: Administrator
) -> None:
    def boards() -> list[str]:
        rows = administrator.execute(
            "SELECT name FROM nodes WHERE tenant = %s AND kind = 'storyboard' ORDER BY recorded_at", [tenant]
        )
        return [name for (name,) in rows]

    for number in range(2):
        await book.planned(tenant, plan(f"stone number {number}", "utilize"))
    kept, duplicate = boards()
    by_user = Provenance("run-1", "write", "user")
    await store.merge(tenant, ("storyboard", duplicate), ("storyboard", kept), by_user)
    assert set(boards()) == {kept, duplicate}
    for number in range(2, PLANS_REMEMBERED + 3):
        await book.planned(tenant, plan(f"stone number {number}", "utilize"))
    assert len(boards()) == PLANS_REMEMBERED
    assert not {kept, duplicate} & set(boards())


async def test_an_erased_video_takes_the_plan_along_that_it_was_made_of(
    book: PreferenceBook, graph: Graph, store: Store, tenant: str, administrator: Administrator
) -> None:
    await edit(book, tenant, ["granite", "basalt"])
    assert await preferred(book, tenant) == {"avoid/utilize": "utilize"}
    await graph.record_video(video("v-granite", tenant))
    await store.erase(tenant, ("video", "v-granite"))
    said = administrator.execute(
        "SELECT e::text FROM edges AS e WHERE tenant = %s AND kind = 'works_on' UNION ALL "
        "SELECT v::text FROM edge_versions AS v WHERE tenant = %s AND kind = 'works_on' UNION ALL "
        "SELECT n::text FROM nodes AS n WHERE tenant = %s AND kind = 'storyboard'",
        [tenant, tenant, tenant],
    ).fetchall()
    assert not [row for (row,) in said if "granite" in row]
    assert [row for (row,) in said if "basalt" in row]


async def test_planning_the_same_again_forgets_no_edit(book: PreferenceBook, tenant: str) -> None:
    await edit(book, tenant, ["stone"])
    await book.planned(tenant, plan("stone", "utilize"))
    await edit(book, tenant, ["box"])
    assert of(await book.known(tenant), About.AVOID) == ["utilize"]


async def test_a_storyboard_that_came_from_no_plan_says_nothing(book: PreferenceBook, tenant: str) -> None:
    await edit(book, tenant, ["stone"])
    await book.edited(tenant, "v1", board("Tea", "Water boils and leaves steep in it for minutes."))
    await book.edited(f"{tenant}x", "v1", plan("stone", "use"))
    assert await book.known(tenant) == await book.known(f"{tenant}x") == []


async def test_what_somebody_else_said_of_the_user_counts_until_the_person_says_otherwise(
    book: PreferenceBook, store: Store, tenant: str
) -> None:
    user, other = ("user", THE_USER), ("preference", "shape")
    said = Preference(about=About.ASPECT, value="1:1", since=datetime.now(UTC), known_by=KnownBy.SAID)
    fact = Fact(user, "prefers", other, said.model_dump(mode="json"))
    by = Provenance("r", "import", "import")
    await store.upsert(tenant, [Entity(*user), Entity(*other)], [fact], by, embed=False)
    assert await preferred(book, tenant) == {"aspect": "1:1"}
    await book.change(tenant, Preferring(aspect=Aspect.TALL))
    assert await preferred(book, tenant) == {"aspect": "9:16"}
    await book.change(tenant, Preferring(aspect=None))
    assert await preferred(book, tenant) == {}


async def test_what_others_wrote_into_the_graph_about_the_user_does_no_harm(
    book: PreferenceBook, store: Store, tenant: str
) -> None:
    user, project, odd = ("user", THE_USER), ("project", "Bridges"), ("preference", f"{THE_USER}/aspect")
    forged: dict[str, JsonValue] = {"script": {"title": "x", "beats": []}, "without": ["a\x1bb", "utilize"]}
    facts = [
        Fact(user, "works_on", project, {"since": "May"}),
        Fact(user, "works_on", ("project", "Tunnels"), forged),
        Fact(user, "works_on", ("project", "Roads"), forged),
        Fact(user, "prefers", odd, {"about": "audience", "value": "x" * 300}),
    ]
    kept: dict[str, JsonValue] = {"chosen": {"aspect": "9:16"}, "team": "bridges"}
    entities = [Entity(*user, properties=kept), Entity(*project), Entity(*odd)]
    entities += [Entity("project", name) for name in ("Tunnels", "Roads")]
    await store.upsert(tenant, entities, facts, Provenance("r", "import", "import"), embed=False)
    assert await book.known(tenant) == []
    await edit(book, tenant, ["stone", "box"])
    for video_id in ("v1", "v2", "v3"):
        await book.chosen(tenant, video_id, look_of(aspect="9:16"))
    assert await preferred(book, tenant) == {"aspect": "9:16", "avoid/utilize": "utilize"}
    assert (await store.entity(tenant, user)).properties["team"] == "bridges"
