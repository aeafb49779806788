"""What is recalled for the next video: only what serves as an example; on the real Postgres."""

from __future__ import annotations

import psycopg
import pytest

from quantumsketch.llm.offline.outline import outline
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.films.library import Library
from quantumsketch.outlines import has_no_answer, is_outline
from quantumsketch.storyboard import Look
from quantumsketch.video import MadeWith, Video
from tests.animated_videos import IDEA, NARRATION, animated, code_of, to_animate
from tests.integration.memory.libraries import about, record
from tests.sample_videos import rendered_beat
from workflows.activities.recall import RecallActivities
from workflows.jobs import EarlierScenes, RecallJob, SceneJob
from workflows.versions import MADE_WITH

Administrator = psycopg.Connection


@pytest.fixture
def recall(graph: Graph, library: Library) -> RecallActivities:
    return RecallActivities(graph, library)


def _outlined(video_id: str, tenant: str, prompt: str) -> Video:
    """A video as the tier without a model makes it of a prompt."""
    board, by = outline(prompt, 8)
    shown = [rendered_beat(number, beat.title, by) for number, beat in enumerate(board.beats, 1)]
    beats = [
        one.model_copy(update={"beat": beat, "model": by})
        for one, beat in zip(shown, board.beats, strict=True)
    ]
    made = about(video_id, tenant, board.title, "words")
    update = {"prompt": prompt, "storyboard": board, "storyboard_by": by, "beats": beats}
    return made.model_copy(update=update)


def _unread(administrator: Administrator, tenant: str, video_id: str) -> None:
    strange = "UPDATE nodes SET document = '{}' WHERE tenant = %s AND kind = 'video' AND name = %s"
    assert administrator.execute(strange, [tenant, video_id]).rowcount == 1


async def test_an_outline_is_no_storyboard_to_learn_from_and_a_worked_example_is(
    graph: Graph, library: Library, recall: RecallActivities, tenant: str
) -> None:
    question = "Explain what a monad is in category theory"
    unanswered = _outlined("v1", tenant, question)
    notes = _outlined("v2", tenant, f"# Monads\n\n{question}. A monad is a monoid.\n\nIt has a unit.")
    assert has_no_answer(unanswered.storyboard_by, unanswered.storyboard)
    assert is_outline(notes.storyboard_by)
    assert not has_no_answer(notes.storyboard_by, notes.storyboard)
    await record(graph, library, unanswered, notes)
    job = RecallJob(tenant=tenant, query=question)
    assert await recall.recall_storyboards(job) == []
    shelved = about("v3", tenant, question, "a unit").model_copy(
        update={"storyboard_by": "offline: worked example 'monad'"}
    )
    planned = about("v4", tenant, question, "a monad")
    await record(graph, library, shelved, planned)
    recalled = await recall.recall_storyboards(job)
    assert {board.model_dump_json() for board in recalled} == {
        shelved.storyboard.model_dump_json(),
        planned.storyboard.model_dump_json(),
    }


async def test_a_question_without_an_answer_explains_nothing(
    graph: Graph, library: Library, tenant: str
) -> None:
    await record(graph, library, _outlined("v1", tenant, "What is a monad?"))
    await record(graph, library, about("v2", tenant, "What is a monad?", "a burrito"))
    places = (await library.appearances(tenant, "monad")).appearances
    assert [each.video_id for each in places if each.why == "explains it"] == ["v2"]


async def test_one_video_that_cannot_be_read_leaves_the_others_to_be_recalled(
    graph: Graph, library: Library, recall: RecallActivities, tenant: str, administrator: Administrator
) -> None:
    beat, look = to_animate(), Look()
    for video_id in ("v1", "v2"):
        await record(graph, library, animated(video_id, tenant, beat, made_with=MADE_WITH))
    _unread(administrator, tenant, "v2")
    scene = SceneJob(tenant=tenant, beat=beat, look=look)
    found = await recall.recall_scene(scene)
    assert found.same
    assert found.same.video_id == "v1"
    words = RecallJob(tenant=tenant, query=IDEA)
    assert code_of(beat) in await recall.recall_scenes(words)
    boards = await recall.recall_storyboards(RecallJob(tenant=tenant, query="Show v1. About v1"))
    assert [board.title for board in boards] == ["About v1"]
    assert await library.related(tenant, "v1")


async def test_a_scene_used_twice_over_names_the_video_that_it_was_written_for(
    graph: Graph, library: Library, tenant: str
) -> None:
    beat = to_animate()
    again = animated("v2", tenant, beat)
    (shown,) = again.beats
    again = again.model_copy(update={"beats": [shown.model_copy(update={"reused": "v1"})]})
    await record(graph, library, animated("v1", tenant, beat), again)
    assert again.made_with
    found = await library.scene_for(tenant, beat, Look(), again.made_with)
    assert found
    assert (found.video_id, found.video_title) == ("v1", "About v2")


async def test_an_example_is_of_the_release_of_manim_that_is_installed(
    graph: Graph, library: Library, recall: RecallActivities, tenant: str
) -> None:
    beat = to_animate()
    major, minor = MADE_WITH.manim.split(".")[:2]
    releases = {"older": f"{major}.{int(minor) - 1}.0", "unknown": None}
    for video_id, manim in releases.items():
        made_with = MadeWith(manim=manim, kit="a" * 64, check="b" * 64) if manim else None
        await record(graph, library, animated(video_id, tenant, beat, made_with=made_with))
    like = to_animate("Squares again", f"{NARRATION} Again.")
    words = RecallJob(tenant=tenant, query=IDEA)
    assert (await recall.recall_scene(SceneJob(tenant=tenant, beat=like, look=Look()))).like is None
    assert code_of(beat) not in await recall.recall_scenes(words)
    mended = MadeWith(manim=f"{major}.{minor}.99", kit="a" * 64, check="b" * 64)
    await record(graph, library, animated("mended", tenant, beat, made_with=mended))
    found = await recall.recall_scene(SceneJob(tenant=tenant, beat=like, look=Look()))
    assert found.like
    assert found.like.video_id == "mended"
    assert code_of(beat) in await recall.recall_scenes(words)


async def test_what_shows_a_word_to_avoid_is_neither_used_again_nor_an_example(
    graph: Graph, library: Library, recall: RecallActivities, tenant: str
) -> None:
    beat, like = to_animate(), to_animate("Squares again", f"{NARRATION} Again.")
    showing = [_showing(text, animated(text, tenant, beat, made_with=MADE_WITH)) for text in ("one", "two")]
    await record(graph, library, *showing)
    scene, words = SceneJob(tenant=tenant, beat=beat, look=Look()), RecallJob(tenant=tenant, query=IDEA)

    found = await recall.recall_scene(scene)
    assert found.same
    assert found.same.video_id == "two"
    found = await recall.recall_scene(scene.model_copy(update={"avoid": ("two",)}))
    assert found.same is None
    assert found.like
    assert found.like.video_id == "one", "what shows no such word serves as an example"
    for other, avoid in ((beat, ("one", "two")), (like, ("one", "two"))):
        job = scene.model_copy(update={"beat": other, "avoid": avoid})
        assert await recall.recall_scene(job) == EarlierScenes()

    told = await recall.recall_scenes(words)
    assert "Text('one')" in told
    assert "Text('two')" in told
    told = await recall.recall_scenes(words.model_copy(update={"avoid": ("one",)}))
    assert "Text('one')" not in told
    assert "Text('two')" in told
    boards = RecallJob(tenant=tenant, query="Show one. About one")
    assert len(await recall.recall_storyboards(boards)) == 2
    [board] = await recall.recall_storyboards(boards.model_copy(update={"avoid": ("one",)}))
    assert board.title == "About two"


def _showing(text: str, made: Video) -> Video:
    """The video with a scene that shows a text."""
    (shown,) = made.beats
    code = f"from manim import *\n\nclass Beat(Scene):\n    def construct(self):\n        Text('{text}')\n"
    visual = shown.beat.visual.model_copy(update={"code": code})
    beat = shown.beat.model_copy(update={"visual": visual})
    board = made.storyboard.model_copy(update={"beats": [beat]})
    return made.model_copy(update={"beats": [shown.model_copy(update={"beat": beat})], "storyboard": board})
