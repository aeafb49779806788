"""What a storyboard is sent back for, and what is mended in it for nothing."""

from __future__ import annotations

import time

import pytest

from quantumsketch.agent.cues import with_cues_said
from quantumsketch.agent.review import Review, review, unchecked
from quantumsketch.agent.worked_beats import ANIMATION, PICTURE
from quantumsketch.llm.offline.shelf import WorkedExample, worked_examples
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Bullet, BulletPoints, TitleCard

NARRATION = "Nine apples lie on the table, and three of them are green, so that six of them are red."


def beat(narration: str = NARRATION, title: str = "Apples", cues: tuple[str | None, ...] = (None,)) -> Beat:
    items = [Bullet(text=f"{title} {number}", cue=cue) for number, cue in enumerate(cues)]
    return Beat(title=title, narration=narration, visual=BulletPoints(items=items))


def board(*beats: Beat) -> Storyboard:
    return Storyboard(title="Apples", summary="Of apples.", beats=list(beats))


async def complaints(*beats: Beat) -> list[str]:
    found: Review = await review(board(*beats), unchecked)
    return found.complaints


@pytest.mark.parametrize(
    ("narration", "told"),
    [
        ("So many.", "only 2 words"),
        ("word " * 96, "96 words"),
        (f"{NARRATION} It is $x^2$.", "'$x^2$'"),
        (f"{NARRATION} It is \\alpha.", "spoken"),
        (f"{NARRATION} **Look**.", "spoken"),
        (f"{NARRATION} Take x^2.", "spoken"),
        (f"# Apples\n{NARRATION}", "spoken"),
        (f"{NARRATION} <b>Six</b>", "spoken"),
    ],
)
async def test_a_narration_that_cannot_be_spoken_is_sent_back(narration: str, told: str) -> None:
    (complaint,) = await complaints(beat(narration))
    assert complaint.startswith("beat 1: ")
    assert told in complaint


@pytest.mark.parametrize(
    "narration",
    [
        NARRATION,
        "It costs $5 for one of them, and $9 for two of them, which is less each.",
        "如果桌子上有九个苹果，其中三个是绿色的，那么六个是红色的。",
        "บนโต๊ะมีแอปเปิ้ลเก้าผล สามผลเป็นสีเขียว ดังนั้นหกผลเป็นสีแดง",
        "على الطاولة تسع تفاحات، ثلاث منها خضراء، إذن ست منها حمراء.",
        "Neun Äpfel liegen auf dem Tisch; drei davon sind grün - also sechs rot.",
        "If a < b and b < c, then a is less than c as well, for any three numbers.",
    ],
)
async def test_a_narration_in_any_language_is_left_alone(narration: str) -> None:
    assert await complaints(beat(narration)) == []


async def test_more_parts_than_there_is_time_for_are_sent_back() -> None:
    narration = "Six things are shown here at once."
    (complaint,) = await complaints(beat(narration, cues=(None,) * 6))
    assert "7 words for 6 parts" in complaint


async def test_beats_that_repeat_each_other_are_sent_back() -> None:
    other = beat("Of nine apples on the table three are green, and so the other six must be red.", "Again")
    assert await complaints(beat(), other) == []
    told = " ".join(await complaints(beat(), beat()))
    for what in ("title", "narration", "visual"):
        assert f"beat 2 has the {what} of beat 1" in told


async def test_narrations_that_are_all_long_are_sent_back_together() -> None:
    beats = [beat(f"{word} " * 90, f"Number {word}") for word in ("one", "two", "three")]
    (complaint,) = await complaints(*beats)
    assert "270 words together" in complaint


async def test_a_cue_that_is_not_said_is_named() -> None:
    (complaint,) = await complaints(beat(cues=("nine apples", "some pears")))
    assert "'some pears'" in complaint
    assert "nine apples" not in complaint


@pytest.mark.parametrize(
    ("cue", "mended"),
    [
        ("nine apples", "nine apples"),
        ("there are nine apples", "nine apples"),
        ("green ones: three of them are green", "three of them are green"),
        ("the red tomatoes", "the red tomatoes"),
        ("so: of the", "so: of the"),
        ("tables", "tables"),
        ("a table", "table"),
    ],
)
def test_a_cue_is_cut_to_what_is_said_of_it(cue: str, mended: str) -> None:
    visual = with_cues_said(board(beat(cues=(cue, None)))).beats[0].visual
    assert isinstance(visual, BulletPoints)
    assert [item.cue for item in visual.items] == [mended, None]


def test_cues_in_another_language_than_the_narration_take_no_time() -> None:
    cue = "diese Worte sagt hier niemand und auch nirgends sonst"
    many = board(*[beat("word " * 180, cues=(cue,) * 6)] * 24)
    began = time.process_time()
    assert with_cues_said(many) == many
    assert time.process_time() - began < 0.5, "a workflow has two seconds for everything"


@pytest.mark.parametrize("example", worked_examples(), ids=lambda example: str(example.name))
async def test_what_we_would_write_ourselves_is_not_complained_of(example: WorkedExample) -> None:
    assert await complaints(*example.storyboard.beats) == []
    assert with_cues_said(example.storyboard) == example.storyboard


async def test_the_worked_beats_keep_the_rules_that_they_teach() -> None:
    assert await complaints(PICTURE, ANIMATION) == []
    assert with_cues_said(board(PICTURE)) == board(PICTURE)


async def test_a_card_may_say_little_but_not_nothing() -> None:
    card = Beat(title="One", narration="It is one.", visual=TitleCard(heading="One"))
    assert await complaints(card) == []
    assert len(await complaints(card.model_copy(update={"narration": "One."}))) == 1
