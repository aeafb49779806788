"""Clips joined into films by the real ffmpeg in the real sandbox."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from temporalio.testing import ActivityEnvironment

from quantumsketch.assets.store import AssetStore
from quantumsketch.errors import ToolFailed
from quantumsketch.tools.sandbox import detect
from quantumsketch.tools.tool import Ended
from quantumsketch.tools.toolbox import Toolbox
from renderers.ffmpeg.film import FilmBeat, FilmTexts, clip_list, film_texts
from renderers.ffmpeg.probe import Probe
from renderers.ffmpeg.tools import (
    JOIN_PARTS,
    MAKE_FILM,
    POSTER,
    PROBE,
    FilmRequest,
    JoinRequest,
    PosterRequest,
    ProbeRequest,
)
from workflows.activities.film import FilmActivities
from workflows.activities.media import MP4
from workflows.jobs import PosterJob
from workflows.tools import TOOLS

NASTY = "If a < b & c --> d, then {x} is <i>not</i> \\Nabla. {\\an8} So &lt; stays."
NARRATIONS = [
    "A first thought, told at some length so that it takes two cues, or even three.",
    "שלום עולם.",
    NASTY,
]
LENGTHS = [91, 100, 7]


@pytest.fixture(scope="module")
def sandboxed(tmp_path_factory: pytest.TempPathFactory) -> Toolbox:
    return Toolbox(TOOLS, detect(), tmp_path_factory.mktemp("scratch"))


def _no_film(folder: Path) -> Path:
    path = folder / "none.mp4"
    path.write_text("no film")
    return path


def write_clip(path: Path, frames: int, fps: int, brightness: int = 40, width: int = 320) -> Path:
    """A clip as the scene kit writes them: H.264, yuv420p, a constant frame rate, no sound."""
    options = {"preset": "veryfast", "crf": "18", "bf": "0", "g": str(2 * fps)}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, 240, "yuv420p"
        stream.codec_context.thread_count = 1
        for index in range(frames):
            picture = np.full((240, width, 3), (brightness, index % 256, 90), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


async def probe(sandboxed: Toolbox, path: Path) -> Probe:
    reply = await sandboxed.call(
        PROBE, ProbeRequest(name="clip.mp4"), inputs={"clip.mp4": path}, keep=path.parent
    )
    assert reply.result is not None, reply.ending
    return reply.result


def written(texts: Mapping[str, str], folder: Path) -> dict[str, Path]:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return {name: folder / name for name in texts}


async def make_film(
    sandboxed: Toolbox, clips: Mapping[str, Path], narrations: list[str], keep: Path
) -> tuple[Path, FilmTexts]:
    probes = {path: await probe(sandboxed, path) for path in set(clips.values())}
    beats = {
        name: FilmBeat(f"Beat {index}; a=b # \\", narrations[index], probes[path])
        for index, (name, path) in enumerate(clips.items())
    }
    texts = film_texts("Title = one", "made for a test", beats)
    inputs = {**clips, **written(texts.inputs, keep)}
    request = FilmRequest(captioned=texts.captioned, language="eng")
    reply = await sandboxed.call(MAKE_FILM, request, inputs=inputs, keep=keep)
    assert reply.ending.ended is Ended.OK, reply.ending.stderr
    return reply.files["film.mp4"], texts


@pytest.mark.parametrize("fps", [15, 30, 60])
async def test_a_film_has_every_frame_its_captions_and_its_chapters(
    fps: int, sandboxed: Toolbox, tmp_path: Path
) -> None:
    clips = {
        f"b{index}.mp4": write_clip(tmp_path / f"clip{index}.mp4", count, fps, brightness=60 * index)
        for index, count in enumerate(LENGTHS)
    }
    path, texts = await make_film(sandboxed, clips, NARRATIONS, tmp_path)
    film = await probe(sandboxed, path)

    assert (film.frames, film.fps) == (sum(LENGTHS), fps)
    assert abs(film.container_s - texts.duration_s) <= 1 / fps
    assert (film.codec_tag, film.pix_fmt) == ("avc1", "yuv420p")
    assert film.streams == ["video", "subtitle", "data"], "data: the chapters' own track"
    assert film.title == "Title = one"
    assert [title.strip() for title in film.chapters] == [f"Beat {index}; a=b # \\" for index in range(3)]
    assert packet_times(path) == [index * 15360 // fps for index in range(sum(LENGTHS))], (
        "no frame is shifted"
    )
    assert pictures(path) == [picture for clip in clips.values() for picture in pictures(clip)]
    assert path.read_bytes().index(b"moov") < path.read_bytes().index(b"mdat"), (
        "it plays before it is all there"
    )


def packet_times(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [packet.pts for packet in container.demux(video=0) if packet.pts is not None]


def pictures(path: Path) -> list[str]:
    """A hash of each frame as a player decodes it."""
    with av.open(str(path)) as container:
        return [
            hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest() for frame in container.decode(video=0)
        ]


async def test_the_subtitle_track_says_what_the_caption_file_says_at_the_same_time(
    sandboxed: Toolbox, tmp_path: Path
) -> None:
    clips = {f"b{index}.mp4": write_clip(tmp_path / f"clip{index}.mp4", 60, 15) for index in range(3)}
    path, texts = await make_film(sandboxed, clips, NARRATIONS, tmp_path)
    played = played_captions(path)
    assert played.strip() == texts.inputs["captions.srt"].strip()
    assert "If a < b & c --> d, then {x}" in played.replace("\u2060", "")


def played_captions(path: Path) -> str:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:s:0", "-f", "srt", "-"]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


async def test_the_same_clips_make_the_same_bytes(sandboxed: Toolbox, tmp_path: Path) -> None:
    clips = {"b1.mp4": write_clip(tmp_path / "clip.mp4", 30, 15)}
    films = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        films.append((await make_film(sandboxed, clips, ["Hello."], tmp_path / name))[0].read_bytes())
    assert films[0] == films[1]


async def test_many_clips_of_odd_lengths_do_not_drift(sandboxed: Toolbox, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 7, 30)
    path, texts = await make_film(
        sandboxed, {f"b{n:02}.mp4": clip for n in range(24)}, ["Hm."] * 24, tmp_path
    )
    assert packet_times(path) == [index * 512 for index in range(24 * 7)]
    assert texts.duration_s == 24 * 7 / 30


async def test_the_parts_of_a_beat_become_one_clip_that_joins_like_any_other(
    sandboxed: Toolbox, tmp_path: Path
) -> None:
    parts = {f"p{index}.mp4": write_clip(tmp_path / f"part{index}.mp4", 20 + index, 30) for index in range(3)}
    probes = {name: await probe(sandboxed, path) for name, path in parts.items()}
    inputs = {**parts, **written({"clips.txt": clip_list(probes)}, tmp_path)}
    reply = await sandboxed.call(JOIN_PARTS, JoinRequest(), inputs=inputs, keep=tmp_path)
    assert reply.ending.ended is Ended.OK, reply.ending.stderr
    joined = await probe(sandboxed, reply.files["clip.mp4"])
    assert joined.frames == 63
    whole = {"b1.mp4": reply.files["clip.mp4"], "b2.mp4": parts["p0.mp4"]}
    (tmp_path / "film").mkdir()
    path, _ = await make_film(sandboxed, whole, ["A.", "B."], tmp_path / "film")
    assert (await probe(sandboxed, path)).frames == 83


async def test_clips_of_two_sizes_are_refused_before_anything_is_joined(
    sandboxed: Toolbox, tmp_path: Path
) -> None:
    sizes = {"b1.mp4": 320, "b2.mp4": 480}
    probes = {
        name: await probe(sandboxed, write_clip(tmp_path / name, 5, 15, width=width))
        for name, width in sizes.items()
    }
    with pytest.raises(ValueError, match="its width is 480, not 320"):
        clip_list(probes)


async def test_a_poster_is_the_picture_of_its_moment(sandboxed: Toolbox, tmp_path: Path) -> None:
    film = write_clip(tmp_path / "film.mp4", 60, 30, brightness=200)
    reply = await sandboxed.call(
        POSTER, PosterRequest(at_s=40.5 / 30), inputs={"film.mp4": film}, keep=tmp_path
    )
    assert reply.ending.ended is Ended.OK, reply.ending.stderr
    poster = Image.open(reply.files["poster.jpg"])
    assert (poster.format, poster.size) == ("JPEG", (320, 240))
    red, green, _ = poster.convert("RGB").getpixel((100, 100))  # type: ignore[misc]  # a triple in mode RGB
    assert abs(red - 200) < 12
    assert abs(green - 40) < 12, "green counts the frames"


async def test_where_a_moment_has_no_picture_the_poster_is_the_first(
    sandboxed: Toolbox, tmp_path: Path
) -> None:
    store = AssetStore(tmp_path / "assets")
    film = store.put(write_clip(tmp_path / "film.mp4", 30, 30), MP4)
    take = FilmActivities(sandboxed, store).take_poster
    first = await ActivityEnvironment().run(take, PosterJob(video=film, at_s=0.0))
    assert await ActivityEnvironment().run(take, PosterJob(video=film, at_s=1000.0)) == first
    nothing = store.put(_no_film(tmp_path), MP4)
    with pytest.raises(ToolFailed):
        await ActivityEnvironment().run(take, PosterJob(video=nothing, at_s=0.0))


@pytest.mark.parametrize(
    "content",
    [b"", b"no clip at all", b"#EXTM3U\n/etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n"],
)
async def test_what_is_no_clip_gives_no_probe(content: bytes, sandboxed: Toolbox, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    reply = await sandboxed.call(
        PROBE, ProbeRequest(name="clip.mp4"), inputs={"clip.mp4": path}, keep=tmp_path
    )
    assert reply.result is None
    assert reply.ending.ended is not Ended.OK
