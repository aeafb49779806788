"""Answers from many neighbourhoods: read in a few parts, made one, and told where something was not read."""

from __future__ import annotations

import json

from quantumsketch.agent.answering import MOST_PARTS
from quantumsketch.errors import ModelFailed
from tests.scripted_answers import Library, reply, summaries


async def test_global_reads_a_few_neighbourhoods_at_once() -> None:
    library = Library({}, {"a": [reply("All [2].")]}, summaries=summaries(3))
    assert (await library.answer(mode="global")).answer == "All [2]."
    assert "sums up a neighbourhood" in library.words()
    assert len(library.asked) == 1


async def test_global_reads_many_in_parts_and_makes_one_answer_of_theirs() -> None:
    parts = [reply("One [1]."), reply("Nothing.", known=False), reply("Last [18].")]
    library = Library({}, {"a": [*parts, reply("One [1] and last [18], not [5].")]}, summaries=summaries(18))
    answered = await library.answer(mode="global")
    assert len(library.asked) == MOST_PARTS + 1
    assert "One [1].\n\nLast [18]." in library.words()
    assert answered.answer == "One [1] and last [18], not."
    read = [
        {
            json.loads(line)["source"]
            for line in library.words(at).splitlines()
            if line.startswith('{"source"')
        }
        for at in range(MOST_PARTS)
    ]
    assert sorted(number for part in read for number in part) == list(range(1, 19))


async def test_global_tells_what_was_not_read() -> None:
    library = Library({}, {"a": [reply("One [1]."), ModelFailed("tired")]}, summaries=summaries(18))
    answered = await library.answer(mode="global")
    assert answered.answer == "One [1]."
    assert "2 of 3 parts of what was found were not read by a model" in answered.notes


async def test_answers_from_parts_stand_side_by_side_if_nobody_joins_them() -> None:
    parts = [reply("One [1]."), reply("Two [7]."), reply("?", known=False)]
    library = Library({}, {"a": [*parts, ModelFailed("tired")]}, summaries=summaries(18))
    answered = await library.answer(mode="global")
    assert (answered.answer, answered.known) == ("One [1].\n\nTwo [7].", True)
