"""Media parsers: a clip that was made to be misread is no way to other files, to the network, or into a film.

The payload leaves the clip, as a scene would; then the host's own tools take it. The control is ffprobe as it
is called everywhere. What a clip refers to lies in the tools' sandbox too: not only its absence holds.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import struct
import subprocess
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from quantumsketch.assets.store import AssetStore
from quantumsketch.storyboard import Beat, Look, Quality
from quantumsketch.tools.tool import INPUTS, Reply
from quantumsketch.video import RenderRequest
from quantumsketch.visuals import ManimCode, TitleCard
from renderers.ffmpeg.commands import CLIP_LIST
from renderers.ffmpeg.tools import JOIN_PARTS, POSTER, PROBE, JoinRequest, PosterRequest, ProbeRequest
from renderers.manim.clip_format import CLIP
from renderers.manim.tools import RENDER_BEAT
from tests.escapes.case import Case, Harm, Kind, Setting
from tests.escapes.harms import reached
from tests.escapes.settings import listens
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import inside, outside, said
from tests.sandbox_calls import toolbox
from workflows.activities.film import FilmActivities
from workflows.activities.render import RenderActivities
from workflows.jobs import PosterJob, RenderAttempt, RenderJob

pytestmark = pytest.mark.slow
KIND = Kind.MEDIA_PARSERS
OTHER = "other.mp4"
NAIVE = (
    "ffprobe",
    "-v",
    "error",
    "-safe",
    "0",
    "-protocol_whitelist",
    "file,http,tcp,crypto,data,subfile,concat",
)
DESCRIBE = ("-rw_timeout", "500000", "-show_entries", "stream=codec_type", "-of", "csv")
TAKEN = "taken for a clip"
SLICE, FILLER = (
    1,
    12,
)  # what a packet of H.264 may hold: a part of a picture that builds on others, and nothing


@cache
def film(*options: str, also: tuple[str, ...] = ()) -> bytes:
    """A film of six frames, as a beat's clip is; other options of ffmpeg, or inputs, make it another one."""
    with TemporaryDirectory() as folder:
        made = Path(folder, "film.mp4")
        picture = ["-f", "lavfi", "-i", "color=s=854x480:r=15:d=0.4", *also, "-pix_fmt", "yuv420p"]
        coded = ["-c:v", "libx264", "-profile:v", "high", "-bf", "0", "-threads", "1", "-preset", "veryfast"]
        shape = ["-video_track_timescale", "7680", "-movflags", "+faststart", "-fflags", "+bitexact"]
        subprocess.run(["ffmpeg", "-v", "error", *picture, *coded, *shape, *options, made], check=True)
        return made.read_bytes()


def patched(atom: bytes, at: int, number: int) -> bytes:
    """The film with four bytes changed, counted from the name of an atom of its header."""
    whole = film()
    place = whole.index(atom) + at
    return whole[:place] + struct.pack(">I", number) + whole[place + 4 :]


def without_pictures() -> bytes:
    """The film with nothing in all packets but the first: whoever wants a later picture finds none."""
    whole = bytearray(film())
    place = whole.index(b"mdat") + 4
    while place < len(whole):
        kind = whole[place + 4] & 0x1F
        if kind == SLICE:
            whole[place + 4] = whole[place + 4] & 0xE0 | FILLER
        place += 4 + int.from_bytes(whole[place : place + 4])
    return bytes(whole)


@contextmanager
def a_hidden_film(stage: Stage) -> Iterator[None]:
    """A film that no policy names: the clip refers to it, or in the sandbox to another input of the call."""
    hidden = stage.hidden / OTHER
    hidden.write_bytes(film())
    stage.facts |= {"there": str(hidden), "other": str(INPUTS / OTHER)}
    (stage.outside / OTHER).write_bytes(film())
    yield


async def by_everybody(case: Case, stage: Stage) -> Seen:
    """Make the attempt outside, and describe the clip as everybody would."""
    seen = await outside(case, stage)
    described = ""
    with suppress(subprocess.TimeoutExpired):
        command = [*NAIVE, *DESCRIBE, str(stage.outside / CLIP)]
        answer = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=5)
        described = answer.stdout
    return replace(seen, said=seen.said + (TAKEN if "video" in described else ""))


async def by_our_tools(case: Case, stage: Stage) -> Seen:
    """Make the attempt in the sandbox, and give the clip to every tool that takes one."""
    seen = await inside(case, stage)
    inputs = {CLIP: stage.keep / CLIP, OTHER: stage.folder / OTHER, CLIP_LIST: stage.folder / CLIP_LIST}
    inputs[OTHER].write_bytes(film())
    inputs[CLIP_LIST].write_text(f"ffconcat version 1.0\nfile {CLIP}\n")
    box = toolbox(stage.scratch_root, PROBE, JOIN_PARTS, POSTER)
    replies: list[Reply[Any]] = [
        await box.call(PROBE, ProbeRequest(name=CLIP), inputs=inputs, keep=stage.keep / "probed"),
        await box.call(JOIN_PARTS, JoinRequest(), inputs=inputs, keep=stage.keep / "joined"),
        await box.call(POSTER, PosterRequest(name=CLIP, at_s=0), inputs=inputs, keep=stage.keep / "poster"),
    ]
    assert all(reply.ending.exit_code is not None for reply in replies), replies
    words = [said(reply) + (TAKEN if reply.result else "") for reply in replies]
    return replace(seen, said=seen.said + "".join(words))


def taken(stage: Stage, seen: Seen) -> bool:
    """What is no clip was taken for one."""
    return TAKEN in seen.said


def refers(name: str, text: str, harm: Harm = taken, setting: Setting = a_hidden_film) -> Case:
    """A case whose clip is a text that refers to something; `$` stands for where that is."""
    probe = "where = at.there if os.path.exists(at.there) or '://' in at.there else at.other\n"
    probe += f"open({CLIP!r}, 'w').write({text!r}.replace('$', where))"
    return Case(
        name=name, probe=probe, harm=harm, setting=setting, control=by_everybody, attack=by_our_tools,
        outputs={CLIP: 2**20}, holds_still=False,
    )  # fmt: skip


@contextmanager
def a_server(stage: Stage) -> Iterator[None]:
    """A server on the host's loopback: the clip names an address of it."""
    with listens(socket.AF_INET, socket.SOCK_STREAM, lambda stage: ("127.0.0.1", 0))(stage):
        stage.facts["there"] = f"http://127.0.0.1:{stage.facts['port']}/film.mp4"
        yield


LIST = "ffconcat version 1.0\nfile '$'\n"
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n$\n#EXT-X-ENDLIST\n"
MANIFEST = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
    ' mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>'
    '<AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>$</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>"
)
CASES = (
    refers("a list of another file", LIST),
    refers("a list of a part of another file", LIST.replace("'$'", "'subfile,,start,0,end,0,,:$'")),
    refers("a list of files one after the other", LIST.replace("'$'", "'concat:$'")),
    refers("a playlist of another file", PLAYLIST),
    refers("a playlist of another file by its address", PLAYLIST.replace("$", "file://$")),
    refers("a manifest of another file", MANIFEST),
    refers("a playlist of an address", PLAYLIST, reached, a_server),
    refers("a manifest of an address", MANIFEST, reached, a_server),
    refers("a list of an address", LIST, reached, a_server),
    refers("a picture instead of a clip", "P1\n1 1\n1\n"),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_refers_to_something_else_is_no_clip(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)


SCENE = """
import base64, json, pathlib, zlib
class Shown(Scene):
    def construct(self):
        self.add(Square())
        honest = pathlib.Path.write_text
        def forge(path, text, *rest, **more):
            if path.name == "result.json":
                text = json.dumps(json.loads(text) | {"frames": FRAMES})
                pathlib.Path("clip.mp4").write_bytes(zlib.decompress(base64.b64decode("CLIP")))
            return honest(path, text, *rest, **more)
        pathlib.Path.write_text = forge
"""
CHAPTERS = "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={n}\nEND={n + 1}\ntitle={'x' * 90}\n" for n in range(3000)
)


def with_chapters() -> bytes:
    """The film with more chapters than anybody wants to hear of."""
    with NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write(";FFMETADATA1\n" + CHAPTERS)
        listed.flush()
        return film("-map", "0", "-map_chapters", "1", also=("-i", listed.name))


CLIPS: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "of another codec": (lambda: film("-c:v", "mpeg4", "-profile:v", "0"), 6, "format"),
    "of another encoder's making": (film, 6, "cannot be joined"),
    "of another size": (lambda: film("-vf", "scale=64:64"), 6, "size"),
    "of another rate": (lambda: film("-r", "30"), 12, "frame rate"),
    "of more frames than it has": (film, 1_000, "frames"),
    "with sound": (lambda: film(also=("-f", "lavfi", "-t", "0.4", "-i", "sine")), 6, "format"),
    "with a second picture": (lambda: film("-map", "0", "-map", "0"), 6, "2 video streams"),
    "without most of its pictures": (without_pictures, 6, "found faults"),
    "cut off": (lambda: film()[:-100], 6, "found faults"),
    "of a billion ticks": (lambda: patched(b"stts", 16, 2**30), 6, "frame rate"),
    "with three thousand chapters": (with_chapters, 6, "too long"),
    "of four billion samples": (lambda: patched(b"stsz", 12, 2**32 - 16), 6, "cannot read"),
    "of two billion samples of one byte": (
        lambda: patched(b"stsz", 8, 1).replace(struct.pack(">I", 6), struct.pack(">I", 2**31 - 1), 1), 6, "",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> AssetStore:
    """One for all, so that what the kit's own clips are like is found out once."""
    return AssetStore(tmp_path_factory.mktemp("store"))


async def rendered(visual: ManimCode | TitleCard, store: AssetStore, folder: Path) -> RenderAttempt:
    """What comes of a beat."""
    beat = Beat(title="T", narration="Hm.", visual=visual)
    job = RenderJob(beat_id="b01", request=RenderRequest(beat=beat, look=Look(quality=Quality.DRAFT)))
    box = toolbox(folder / "scratch", RENDER_BEAT, PROBE)
    try:
        return await ActivityEnvironment().run(RenderActivities(box, store).render_part, job)
    finally:
        await box.close()


def scene_with(clip: bytes, frames: int) -> ManimCode:
    """A scene in Manim code that puts this clip in the place of its own."""
    hidden = base64.b64encode(zlib.compress(clip)).decode()
    return ManimCode(code=SCENE.replace("CLIP", hidden).replace("FRAMES", str(frames)))


def beginning(of: Path, at: Path) -> bytes:
    """The first six frames of a clip, not encoded again."""
    copying = ["-frames:v", "6", "-c", "copy", "-video_track_timescale", "7680"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", of, *copying, at], check=True)
    return at.read_bytes()


async def test_a_clip_of_the_scenes_own_is_taken_if_it_is_as_it_should_be(
    store: AssetStore, tmp_path: Path
) -> None:
    ours = (await rendered(TitleCard(heading="Ours"), store, tmp_path)).part
    assert ours
    copied = await asyncio.to_thread(beginning, store.path(ours.asset), tmp_path / "copied.mp4")
    attempt = await rendered(scene_with(copied, 6), store, tmp_path)
    assert attempt.part, attempt
    assert await asyncio.to_thread(store.path(attempt.part.asset).read_bytes) == copied


@pytest.mark.parametrize(("clip", "frames", "complaint"), CLIPS.values(), ids=CLIPS)
async def test_a_clip_that_is_not_as_it_should_be_is_not_taken(
    clip: Callable[[], bytes], frames: int, complaint: str, store: AssetStore, tmp_path: Path
) -> None:
    attempt = await rendered(scene_with(clip(), frames), store, tmp_path)
    assert attempt.part is None
    assert complaint in (attempt.complaint or "")


async def test_a_film_that_lacks_pictures_has_a_poster_all_the_same(
    store: AssetStore, tmp_path: Path
) -> None:
    lacking = tmp_path / "film.mp4"
    lacking.write_bytes(without_pictures())
    box = toolbox(tmp_path / "scratch", POSTER)
    reply = await box.call(POSTER, PosterRequest(at_s=0.3), inputs={lacking.name: lacking}, keep=tmp_path)
    assert reply.result is None
    job = PosterJob(video=store.put(lacking, "video/mp4"), at_s=0.3)
    poster = await ActivityEnvironment().run(FilmActivities(box, store).take_poster, job)
    assert poster.media_type == "image/jpeg"
