"""Plain lines as people type them: lists without marks, labels above them, and what is said to us alone."""

from __future__ import annotations

import pytest

from quantumsketch.llm.offline.outline import outline
from quantumsketch.llm.offline.outline.blocks import Block, Listing, Prose, blocks
from quantumsketch.visuals import BarChart, BulletPoints, Timeline


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Salt\nPepper\nOil", [Listing(("Salt", "Pepper", "Oil"))]),
        ("Soup\nSalt\nOil\nPeas", [Prose("Soup"), Listing(("Salt", "Oil", "Peas"))]),
        ("Heat: 40 %\nLight: 60 %", [Listing(("Heat: 40 %", "Light: 60 %"))]),
        ("What you need:\nSalt\nOil\nBread", [Prose("What you need:"), Listing(("Salt", "Oil", "Bread"))]),
        ("War\n1914 it began\n1918 it ended", [Prose("War"), Listing(("1914 it began", "1918 it ended"))]),
        ("Eat.\n\nSoy\nPeas\nOil\n\nMore.", [Prose("Eat."), Listing(("Soy", "Peas", "Oil")), Prose("More.")]),
    ],
)  # fmt: skip
def test_short_lines_that_are_no_sentences_are_a_list(text: str, found: list[Block]) -> None:
    assert blocks(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "This line was broken by a\nprogram that thought it\nwas too long for a mail.",
        "Light is scattered.\nBlue most of all.\nSo the sky is blue.",
        "Dear all\nWe met",
        "x = 1\ny = 2\nz = 3",
        "في البداية كان الناس يعدون\nعلى أصابعهم ثم صنعوا\nأدوات من الخشب والحجر",
        "二分查找把列表分成两半\n然后只看其中的一半\n直到找到那个名字",
        "We met in Rome\nAnd went to see\nThe old stones\nthat everybody sees.",
    ],
)
def test_lines_of_running_text_stay_together(text: str) -> None:
    assert blocks(text) == [Prose(" ".join(text.split("\n")))]


def test_a_list_without_marks_has_its_picture() -> None:
    sales, _ = outline("Our sales:\nQ1: 120 units\nQ2: 150 units\nQ3: 90 units\n\nWe grew.", 9)
    assert sales.title == "Our sales"
    _, beat = sales.beats
    assert beat.narration == "Q1: 120 units. Q2: 150 units. Q3: 90 units. We grew."
    chart = beat.visual
    assert isinstance(chart, BarChart)
    assert [(bar.label, bar.value) for bar in chart.bars] == [("Q1", 120), ("Q2", 150), ("Q3", 90)]
    revolution, _ = outline("The French Revolution\n1789: The Bastille\n1792: Republic\n1799: Napoleon", 9)
    assert revolution.title == "The French Revolution"
    assert isinstance(revolution.beats[1].visual, Timeline)


@pytest.mark.parametrize(
    ("told", "title"),
    [
        ("Make a video about compound interest.", "Compound interest"),
        ("Please create an animation showing that odd numbers add up.", "Odd numbers add up"),
        ("Turn these notes into a short, friendly film on tides.", "Tides"),
        ("I want to make a video about black holes.", "Black holes"),
        ("I need you to make an animation on gears.", "Gears"),
        ("Make video about bread.", "Bread"),
        ("Generate an engaging, 3-minute long educational explainer video about cells.", "Cells"),
    ],
)  # fmt: skip
def test_an_instruction_names_the_topic(told: str, title: str) -> None:
    assert outline(f"{told} It is seen by all of us.\n\nLook at it.", 9)[0].title == title


@pytest.mark.parametrize(
    "told",
    [
        "I need energy to watch a film on Sundays.",
        "Turn on the lights before you watch the film.",
        "I need a ticket to the film.",
        "Make sure that nobody films the video.",
    ],
)
def test_a_sentence_that_only_speaks_of_films_is_said(told: str) -> None:
    board, _ = outline(f"{told} Cells make it from sugar.\n\nLook at it.", 9)
    assert told in " ".join(beat.narration for beat in board.beats)


def test_what_is_said_to_us_names_the_topic_and_is_not_shown() -> None:
    told = "Make a 2 minute video about compound interest. Interest earns interest. So 1000 becomes 1629."
    board, _ = outline(f"{told}\n\nIt takes ten years at 5 %.", 9)
    assert board.title == "Compound interest"
    assert not [beat for beat in board.beats if "video" in beat.narration]
    visual = board.beats[1].visual
    assert isinstance(visual, BulletPoints)
    assert visual.items[0].text == "Interest earns interest."
