"""The loop that answers from the graph: it cites what it was given, abstains, asks on, tells what failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.agent.answer_checks import NOT_KNOWN
from quantumsketch.agent.answering import COMPLAINTS_PER_MODEL, MOST_PARTS
from quantumsketch.agent.answering_prompts import MOST_SEARCHES
from quantumsketch.agent.passages import LONGEST_TEXT
from quantumsketch.answered import Mode
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import BudgetSpent, ModelEntry, RateLimited
from tests.scripted_answers import Library, Said, passage, reply, summaries
from tests.unit.test_agent_purity import without_an_event_loop

TEA, CAKE, OLD = passage("Tea"), passage("Cake"), passage("Coffee", superseded=True)


async def test_an_answer_keeps_the_citations_of_what_was_given() -> None:
    library = Library({"q": [TEA, CAKE]}, {"a": [reply("Tea [1] with cake [2, 1].")]})
    answered = await library.answer()
    assert (answered.answer, answered.known, answered.by) == ("Tea [1] with cake [2][1].", True, "a")
    assert answered.sources == [TEA.source, CAKE.source]
    assert answered.notes == []


async def test_citations_of_what_was_not_given_are_left_out_and_told() -> None:
    library = Library({"q": [TEA]}, {"a": [reply("Tea [1] and gin [7], and rum [9].", cites=[1, 12])]})
    answered = await library.answer()
    assert answered.answer == "Tea [1] and gin, and rum."
    assert answered.notes == ["citations of what was not given were left out: [7], [9], [12]"]


async def test_numbers_that_are_only_listed_are_put_behind_the_words() -> None:
    library = Library({"q": [TEA, CAKE]}, {"a": [reply("Tea and cake.", cites=[2, 1, 5])]})
    assert (await library.answer()).answer == "Tea and cake. [2][1]"


async def test_an_answer_that_claims_and_cites_nothing_is_sent_back_once() -> None:
    library = Library({"q": [TEA]}, {"a": [reply("Tea."), reply("Tea [1].")], "b": []})
    assert (await library.answer()).answer == "Tea [1]."
    assert library.names == ["a", "a"]
    assert "It claims something and cites nothing" in library.words()


async def test_a_model_that_will_not_cite_makes_room_for_the_next() -> None:
    library = Library({"q": [TEA]}, {"a": [reply("Tea [3].")] * 3, "b": [reply("Tea [1].")]})
    answered = await library.answer()
    assert (answered.answer, answered.by) == ("Tea [1].", "b")
    assert library.names == ["a"] * (1 + COMPLAINTS_PER_MODEL) + ["b"]
    assert "a: its answer was not given: It claims something and cites nothing" in answered.notes[0]


async def test_not_knowing_is_an_answer_and_what_is_said_beside_it_needs_a_source() -> None:
    for said, told in [
        ("Perhaps 42.", NOT_KNOWN),
        ("", NOT_KNOWN),
        ("It only tells of tea [1].", f"{NOT_KNOWN} It only tells of tea [1]."),
        ("It only tells of gin [8].", NOT_KNOWN),
    ]:
        library = Library({"q": [TEA]}, {"a": [reply(said, known=False, missing=[" the  price "])]})
        answered = await library.answer()
        assert (answered.answer, answered.known, answered.by) == (told, False, "a")
        assert answered.notes[-1] == "missing in the graph: the price"


async def test_where_nothing_is_found_that_is_the_answer_and_nobody_is_asked() -> None:
    for mode in ("fast", "deep", "global"):
        library = Library({}, {"a": [reply("Tea [1].")]})
        answered = await library.answer(mode=mode)
        assert (answered.known, library.asked) == (False, [])
        assert (answered.answer or "").startswith(NOT_KNOWN)


async def test_an_answer_on_what_is_superseded_alone_says_so() -> None:
    warning = "all that is cited is superseded: it may not hold any more"
    library = Library({"q": [OLD, TEA]}, {"a": [reply("Coffee [1].")]})
    assert warning in (await library.answer()).notes
    library = Library({"q": [OLD, TEA]}, {"a": [reply("Tea [2], no longer coffee [1].")]})
    assert warning not in (await library.answer()).notes
    assert '"no longer holds": "since 2026-03-01"' in library.words()


async def test_every_model_that_fails_is_told_with_what_it_was_and_the_sources_stand_alone() -> None:
    failures = [RateLimited("slow down"), BudgetSpent("nothing is left")]
    library = Library({"q": [TEA]}, {"a": failures[:1], "b": failures[1:], "c": ["no JSON"] * 2})
    answered = await library.answer()
    assert (answered.answer, answered.known, answered.by) == (None, None, None)
    assert answered.sources == [TEA.source]
    assert answered.notes == [
        "a: RateLimited: it gave no answer",
        "b: BudgetSpent: it was not asked",
        "c: its answer was not given: it is not in the form asked for",
    ]


async def test_who_cannot_be_reached_is_not_asked_and_told_of_only_where_nobody_answers() -> None:
    away = ModelEntry(id="away", litellm_id="away", reachable=False, why="KEY is not set")
    there = ModelEntry(id="a", litellm_id="a", reachable=True, why="")
    library = Library({"q": [TEA]}, {"a": [reply("Tea [1].")]})
    assert (await library.answer(models=[away, there])).notes == []
    library = Library({"q": [TEA]}, {"a": []})
    answered = await library.answer(models=[away])
    assert (answered.answer, answered.notes) == (None, ["away: not asked: it is not set up"])
    answered = await library.answer(models=[])
    assert answered.notes == ["no model is in the chain of this process: the sources stand alone"]


async def test_only_looking_asks_nobody() -> None:
    library = Library({"q": [TEA]}, {"a": [reply("Tea [1].")]}, near=[CAKE])
    answered = await library.answer(mode="deep", retrieve_only=True)
    assert (answered.answer, answered.sources, library.asked) == (None, [TEA.source, CAKE.source], [])


async def test_deep_follows_relations_and_shows_each_entity_once() -> None:
    library = Library({"q": [TEA, CAKE]}, {"a": [reply("Tea [1], coffee [3].")]}, near=[CAKE, OLD])
    answered = await library.answer(mode="deep")
    assert [source.name for source in answered.sources] == ["Tea", "Cake", "Coffee"]
    assert library.searched == ["q"]


async def test_deep_has_room_for_what_relations_lead_to_however_much_is_found() -> None:
    long = passage("Long", "x" * LONGEST_TEXT)
    library = Library({"q": summaries(30)}, {"a": [reply("Tea.", cites=[1])]}, near=[long])
    answered = await library.answer(mode="deep")
    assert long.source in answered.sources
    assert [note for note in answered.notes if "more were found than one question can hold" in note]


async def test_deep_searches_for_what_is_missing_a_bounded_number_of_times() -> None:
    wishes = [f"wish {n}" for n in range(MOST_SEARCHES + 2)]
    found = {"q": [TEA], **{wish: [TEA, passage(f"About {wish}")] for wish in wishes}}
    first, second = reply("?", known=False, missing=wishes), reply("Yes [2].", missing=["wish 3"])
    library = Library(found, {"a": [first, second]})
    answered = await library.answer(mode="deep")
    assert library.searched == ["q", *wishes[:MOST_SEARCHES]]
    assert answered.answer == "Yes [2]."
    assert [source.name for source in answered.sources] == ["Tea", "About wish 0", "About wish 1"]


async def test_deep_keeps_its_first_answer_if_nothing_more_comes() -> None:
    asking = reply("Tea [1].", missing=["wish"])
    library = Library({"q": [TEA], "wish": [TEA]}, {"a": [asking]})
    assert (await library.answer(mode="deep")).answer == "Tea [1]."
    assert len(library.asked) == 1, "nothing new was found"
    library = Library({"q": [TEA], "wish": [CAKE]}, {"a": [asking, ModelFailed("tired")]})
    answered = await library.answer(mode="deep")
    assert (answered.answer, len(library.asked)) == ("Tea [1].", 2)
    assert "a: ModelFailed: it gave no answer" in answered.notes


async def test_fast_does_not_search_again() -> None:
    library = Library({"q": [TEA], "wish": [CAKE]}, {"a": [reply("Tea [1].", missing=["wish"])]})
    assert (await library.answer()).notes == ["missing in the graph: wish"]
    assert library.searched == ["q"]


async def test_a_model_that_failed_is_not_asked_again_for_the_same_question() -> None:
    asking = reply("Tea [1].", missing=["wish"])
    script: dict[str, list[Said]] = {
        "a": [ModelFailed("tired"), reply("never")],
        "b": [asking, reply("Cake [2].")],
    }
    library = Library({"q": [TEA], "wish": [CAKE]}, script)
    assert (await library.answer(mode="deep")).answer == "Cake [2]."
    assert library.names == ["a", "b", "b"]


said = st.one_of(
    st.builds(
        reply,
        st.text(max_size=30) | st.sampled_from(["Tea [1].", "Cake [2][9].", "[0]", "Tea."]),
        cites=st.lists(st.integers(-3, 9), max_size=3),
        known=st.booleans(),
        missing=st.lists(st.sampled_from(["more", "and more", ""]), max_size=4),
    ),
    st.sampled_from(["", "no JSON", '{"answer": 3}', "[1]"]),
    st.builds(RateLimited, st.just("tired")),
)


@given(
    script=st.lists(st.lists(said, max_size=6), max_size=3),
    mode=st.sampled_from(["fast", "deep", "global"]),
    groups=st.integers(0, 9),
)
def test_whatever_models_do_an_answer_comes_out_that_cites_what_is_there_or_the_reason_why_not(
    script: list[list[Said]], mode: Mode, groups: int
) -> None:
    scripts = dict(zip("abc", script, strict=False))
    library = Library({"q": [TEA], "more": [CAKE]}, scripts, near=[OLD], summaries=summaries(groups))
    answered = without_an_event_loop(library.answer(mode=mode))
    most = (1 + COMPLAINTS_PER_MODEL) * (MOST_PARTS + 1) + len(scripts) * (1 + COMPLAINTS_PER_MODEL)
    assert len(library.asked) <= most
    if answered.answer is None:
        assert answered.sources
        assert answered.notes
        assert (answered.known, answered.by) == (None, None)
    elif answered.known:
        numbers = {
            int(part.partition("]")[0]) for part in answered.answer.split("[")[1:] if part[:1].isdigit()
        }
        assert numbers
        assert numbers <= set(range(1, len(answered.sources) + 1))
    else:
        assert answered.answer.startswith(NOT_KNOWN)


@pytest.mark.parametrize("mode", ["fast", "deep", "global"])
def test_the_loop_waits_for_nothing_but_its_verbs(mode: Mode) -> None:
    library = Library({"q": [TEA]}, {"a": [reply("Tea [1].")]}, summaries=[TEA])
    assert without_an_event_loop(library.answer(mode=mode)).known
