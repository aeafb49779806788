"""What it would take to make a video again, read off a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.assets.store import AssetStore
from quantumsketch.video import AssetRef, MadeWith, Outcome, RenderRequest, RenderResult, Video
from quantumsketch.visuals import ManimCode
from tests.animated_videos import animated, to_animate
from workflows.jobs import Part
from workflows.rebuild import rebuild_of
from workflows.versions import MADE_WITH, part_key

ANOTHER = MadeWith(manim="0.1", kit=MADE_WITH.kit, check="another")


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    return AssetStore(tmp_path / "assets")


def _video(made_with: MadeWith | None = MADE_WITH) -> Video:
    """Three beats to be animated, of which the last one became something simpler; 6 s were drawn in 12 s."""
    beats = [to_animate("One"), to_animate("Two"), to_animate("Three")]
    made = animated("v1", "default", *beats, made_with=made_with)
    times = [4.0, 8.0, None]
    rendered = [one.model_copy(update={"render_s": s}) for one, s in zip(made.beats, times, strict=True)]
    rendered[2] = rendered[2].model_copy(update={"outcome": Outcome.SIMPLIFIED})
    board = made.storyboard.model_copy(update={"beats": beats})
    return made.model_copy(update={"beats": rendered, "storyboard": board, "stages": {"merge": 1.5}})


def _keep(store: AssetStore, folder: Path, video: Video, number: int, *ends: int | None) -> list[AssetRef]:
    """Keep the parts of a beat's clip, as a render does; `ends` has the animation with which each goes on."""
    refs, first = [], 0
    for place, end in enumerate(ends):
        file = folder / f"{number}-{place}.mp4"
        file.write_bytes(b"clip %d %d" % (number, place))
        refs.append(store.put(file, "video/mp4"))
        request = RenderRequest(beat=video.beats[number].beat, look=video.look, first_animation=first)
        result = RenderResult(frames=30, width=854, height=480, fps=15, next_animation=end)
        store.remember(part_key(request), Part(asset=refs[-1], result=result).model_dump_json().encode())
        first = end or 0
    return refs


async def test_beats_whose_clips_are_there_need_nothing_and_the_others_are_estimated(
    store: AssetStore, tmp_path: Path
) -> None:
    video = _video()
    _keep(store, tmp_path, video, 0, None)
    _keep(store, tmp_path, video, 1, 3, None)
    rebuild = await rebuild_of(video, store)
    assert [beat.clip for beat in rebuild.beats] == ["there", "there", "gone"]
    assert [beat.id for beat in rebuild.drawn_anew] == ["b03"]
    assert rebuild.estimated_s == pytest.approx(3.0 * 12 / 6 + 1.5)
    assert [beat.needs_model for beat in rebuild.beats] == [False, False, True]
    assert (rebuild.changed, rebuild.film_is_there) == ([], False)


async def test_the_storyboard_of_a_rebuild_has_every_scene_as_it_was_shown(store: AssetStore) -> None:
    video = _video()
    rebuild = await rebuild_of(video, store)
    assert rebuild.storyboard.beats == [rendered.beat for rendered in video.beats]
    assert all(isinstance(b.visual, ManimCode) and b.visual.code for b in rebuild.storyboard.beats)


async def test_a_clip_of_which_a_part_is_gone_or_cut_short_would_be_drawn_anew(
    store: AssetStore, tmp_path: Path
) -> None:
    video = _video()
    _, last = _keep(store, tmp_path, video, 0, 3, None)
    assert (await rebuild_of(video, store)).beats[0].clip == "there"
    store.path(last).write_bytes(b"cut")
    assert (await rebuild_of(video, store)).beats[0].clip == "gone"
    store.path(last.model_copy(update={"size": 3})).unlink()
    assert (await rebuild_of(video, store)).beats[0].clip == "gone"
    _keep(store, tmp_path, video, 1, 3)
    assert (await rebuild_of(video, store)).beats[1].clip == "gone"


@pytest.mark.parametrize(
    ("made_with", "changed"),
    [
        (ANOTHER, [f"Manim was 0.1 and is {MADE_WITH.manim}", "the check of scenes is another one"]),
        (None, ["what it was made with is not known"]),
    ],
)
async def test_what_changed_since_is_told(
    store: AssetStore, made_with: MadeWith | None, changed: list[str]
) -> None:
    rebuild = await rebuild_of(_video(made_with), store)
    assert rebuild.changed == changed
    assert {beat.clip for beat in rebuild.beats} == {"of other versions"}


async def test_a_film_that_is_there_is_said_to_be_and_unknown_times_are_not_made_up(
    store: AssetStore, tmp_path: Path
) -> None:
    (tmp_path / "film").write_bytes(b"a film")
    film = store.put(tmp_path / "film", "video/mp4")
    video = _video()
    video = video.model_copy(
        update={
            "film": video.film.model_copy(update={"video": film}),
            "beats": [beat.model_copy(update={"render_s": None}) for beat in video.beats],
        }
    )
    rebuild = await rebuild_of(video, store)
    assert (rebuild.film_is_there, rebuild.estimated_s) == (True, None)


async def test_who_wrote_a_video_is_told_with_what_it_takes_to_rebuild_it(store: AssetStore) -> None:
    video = _video()
    mended = video.beats[2].model_copy(update={"model": "another/model"})
    rebuild = await rebuild_of(video.model_copy(update={"beats": [*video.beats[:2], mended]}), store)
    assert rebuild.authors == ["a/model", "another/model"]
    assert rebuild.look == video.look


async def test_how_long_joining_takes_is_not_made_up(store: AssetStore, tmp_path: Path) -> None:
    video = _video().model_copy(update={"stages": {}})
    for number in range(3):
        _keep(store, tmp_path, video, number, None)
    rebuild = await rebuild_of(video, store)
    assert (rebuild.drawn_anew, rebuild.estimated_s) == ([], None)
