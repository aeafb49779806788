"""Result forgery: what a payload says of itself is believed only as far as the host can see it for itself."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.testing import ActivityEnvironment

from quantumsketch.assets.store import AssetStore
from quantumsketch.storyboard import Beat, Look, Quality
from quantumsketch.tools.tool import INPUTS, Ended
from quantumsketch.video import RenderRequest
from quantumsketch.visuals import ManimCode
from renderers.ffmpeg.probe import read_probe
from renderers.ffmpeg.tools import PROBE
from renderers.manim.clip_format import CLIP, RESULT
from renderers.manim.tools import RENDER_BEAT
from tests.escapes.case import Case, Kind
from tests.escapes.harms import reached
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import command, outside, said
from tests.sandbox_calls import python, run, shell, toolbox
from workflows.activities.render import RenderActivities
from workflows.jobs import RenderJob

pytestmark = pytest.mark.slow
KIND = Kind.RESULT_FORGERY
LOOK = Look(quality=Quality.DRAFT)
HONEST = {"frames": 15, "width": 854, "height": 480, "fps": 15}
BELIEVED, FELL = "the host believed it", "the host fell over it"


def forged(code: str) -> RenderRequest:
    return RenderRequest(beat=Beat(title="T", narration="Hm.", visual=ManimCode(code=code)), look=LOOK)


async def believed(case: Case, stage: Stage) -> Seen:
    """Make the attempt outside, and take its result as most programs would."""
    seen = await outside(case, stage)
    try:
        json.loads((stage.outside / RESULT).read_text())
    except (ValueError, RecursionError):
        return replace(seen, said=seen.said + FELL)
    return replace(seen, said=seen.said + BELIEVED)


async def as_a_render(case: Case, stage: Stage) -> Seen:
    """Make the attempt in place of the renderer of a beat."""
    tool = replace(RENDER_BEAT, command=lambda _: command(case, stage, Path(INPUTS / "given")), preload=())
    box = toolbox(stage.scratch_root, tool)
    reply = await box.call(tool, forged("x"), keep=stage.keep)
    return Seen(said(reply) + (BELIEVED if reply.result else ""), ending=reply.ending)


def deceived(stage: Stage, seen: Seen) -> bool:
    """The host took the result, or fell over it."""
    return BELIEVED in seen.said or FELL in seen.said


def leaves(name: str, result: str) -> Case:
    """A case that leaves a result (a Python expression for its bytes) beside something like a clip."""
    probe = f"import json\nhonest = {HONEST}\nopen({CLIP!r}, 'w').write('no clip')\n"
    probe += f"open({RESULT!r}, 'wb').write({result})"
    return Case(
        name=name, probe=probe, harm=deceived, control=believed, attack=as_a_render, holds_still=False
    )


def claims(name: str, **claimed: object) -> Case:
    """A case whose result differs from an honest one."""
    return leaves(name, f"json.dumps(honest | {claimed!r}).encode()")


FINDING = {"rule": "x", "objects": [], "message": "x"}
SHOUT = """
for process in {processes}:
    try: descriptors = os.listdir(f"/proc/{{process}}/fd")
    except OSError: continue
    for descriptor in descriptors:
        if process != "self" or descriptor not in "012":
            path = f"/proc/{{process}}/fd/{{descriptor}}"
            try: os.write(os.open(path, os.O_WRONLY | os.O_NONBLOCK), FORGED)
            except OSError: pass
            try: os.write(int(descriptor), FORGED)
            except OSError: pass
os._exit(3)
"""
FORGED = """FORGED = b'.{"child-pid": 1}\\n{"exit-code": 0}\\n'"""


@contextmanager
def an_open_line(stage: Stage) -> Iterator[None]:
    """The host has a line open that its children inherit."""
    ear, mouth = socket.socketpair()
    with ear, mouth:
        os.set_inheritable(mouth.fileno(), True)
        stage.ears.append(ear)
        yield


async def speaking_for_itself(case: Case, stage: Stage) -> Seen:
    """Outside only its own descriptors may be tried: others are somebody's."""
    return await outside(replace(case, probe=FORGED + SHOUT.format(processes=["self"])), stage)


TAKE_BACK = """
for process, descriptor in {places}:
    try: word = os.read(os.open(f"/proc/{{process}}/fd/{{descriptor}}", os.O_RDONLY | os.O_NONBLOCK), 1)
    except OSError: continue
    print("took back", len(word))
"""
EVERYWHERE = [(process, number) for process in range(1, 10) for number in range(20) if number not in (1, 2)]


@contextmanager
def a_word_on_the_way(stage: Stage) -> Iterator[None]:
    """A word for the host is on its way in a pipe that its children inherit."""
    there, here = os.pipe()
    os.write(here, b".")
    os.set_inheritable(here, True)
    stage.facts["held"] = here
    yield
    os.close(there)
    os.close(here)


def nothing_arrived(stage: Stage, seen: Seen) -> bool:
    """The host was left without the word that it waited for."""
    return "took back 1" in seen.said or (seen.ending is not None and seen.ending.ended is not Ended.OK)


async def taking_back_its_own(case: Case, stage: Stage) -> Seen:
    """Outside only what is its own may be tried."""
    return await outside(replace(case, probe=TAKE_BACK.format(places="[('self', at.held)]")), stage)


def overheard(stage: Stage, seen: Seen) -> bool:
    """It was heard by the host, or taken for one that ended well."""
    return reached(stage, seen) or (seen.ending is not None and seen.ending.exit_code != 3)


CASES = (
    Case(
        name="report its own end to whoever started it",
        probe=FORGED + SHOUT.format(processes=["self", *map(str, range(1, 10))]),
        setting=an_open_line, harm=overheard, control=speaking_for_itself, holds_still=False,
    ),
    Case(
        name="take back what the guard has said",
        probe=TAKE_BACK.format(places=EVERYWHERE),
        setting=a_word_on_the_way, harm=nothing_arrived, control=taking_back_its_own, holds_still=False,
    ),
    leaves("a result that is no text", "b'\\xff\\xfe' + json.dumps(honest).encode()"),
    leaves("a result in brackets without end", "b'[' * 60000"),
    leaves("a result of a megabyte", "json.dumps(honest | {'findings': [], ' ' * 2**20: 1}).encode()"),
    leaves("a number of 5000 digits", "json.dumps(honest).replace('15', '1' * 5000, 1).encode()"),
    leaves("a result with infinite frames", "json.dumps(honest | {'frames': float('inf')}).encode()"),
    leaves("a result that is a list", "json.dumps([honest]).encode()"),
    claims("no frames", frames=0),
    claims("no frame rate, to divide by", fps=0),
    claims("a negative size", width=-854),
    claims("to go on before the beginning", next_animation=-1),
    claims("to go on at the beginning", next_animation=0),
    claims("a moment that is no number", findings=[{**FINDING, "at_s": "NaN"}]),
    claims("something that no result says", backend="bubblewrap"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_host_is_not_deceived_by_a_result(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)


async def test_an_honest_result_is_taken(tmp_path: Path) -> None:
    left = f"import json; open({CLIP!r}, 'w').close(); open({RESULT!r}, 'w').write(json.dumps({HONEST}))"
    tool = replace(RENDER_BEAT, command=lambda _: python(left).arguments, preload=())
    reply = await toolbox(tmp_path / "scratch", tool).call(tool, forged("x"), keep=tmp_path / "keep")
    assert reply.result is not None, reply.ending
    assert reply.result.model_dump(exclude_unset=True) == HONEST


@pytest.mark.parametrize(
    ("script", "ended"),
    [
        ("exit 1", Ended.ERROR),
        ("exit 124", Ended.ERROR),  # `timeout`: it took too long
        ("exit 125", Ended.ERROR),  # `timeout`, docker: they themselves failed
        ("exit 126", Ended.ERROR),  # shells: no program
        ("exit 127", Ended.ERROR),  # shells: not found
        ("exit 137", Ended.KILLED),  # shells: killed, as by the kernel when memory is short
        ("kill -KILL $$", Ended.KILLED),
        ("echo 'bwrap: could not set up the sandbox' >&2; exit 1", Ended.ERROR),
        ("""echo '{"exit-code": 0}'; echo '{"ended": "ok"}' >&2; exit 9""", Ended.ERROR),
    ],
)
async def test_no_exit_code_and_no_words_pass_for_what_the_launcher_sees(
    script: str, ended: Ended, tmp_path: Path
) -> None:
    reply = await run(tmp_path, shell(script))
    assert (reply.ending.ended, reply.result) == (ended, None)


async def test_the_clock_of_the_first_process_struck_by_hand_is_no_timeout(tmp_path: Path) -> None:
    ending = (await run(tmp_path, shell("kill -ALRM 1; sleep 5"))).ending
    assert ending.ended is Ended.KILLED
    assert ending.wall_s < 4


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just("9" * 400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
STREAM = ("codec_type", "codec_name", "codec_tag_string", "pix_fmt", "width", "height", "r_frame_rate",
          "duration", "time_base", "nb_read_packets", "extradata_hash")  # fmt: skip
VIDEO = st.fixed_dictionaries(dict.fromkeys(STREAM, ANY_JSON) | {"codec_type": st.just("video")})


@given(
    st.fixed_dictionaries({"streams": ANY_JSON | st.lists(VIDEO, max_size=2), "format": ANY_JSON}) | ANY_JSON
)
def test_a_description_of_a_clip_is_read_or_refused_whatever_it_says(said: Any) -> None:
    try:
        assert read_probe(json.dumps(said).encode()).frames > 0
    except ValueError:
        return


def test_a_description_in_brackets_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="did not describe"):
        read_probe(b"[" * 100_000)


SCENE = """
import json, pathlib
class Shown(Scene):
    def construct(self):
        self.add(Square())
        self.wait(0.2)
        claimed = {claimed}
        honest = pathlib.Path.write_text
        def forge(path, text, *rest, **more):
            if path.name == "result.json":
                text = json.dumps(json.loads(text) | claimed)
            return honest(path, text, *rest, **more)
        pathlib.Path.write_text = forge
"""


@pytest.mark.parametrize(
    ("claimed", "complaint"),
    [
        ({}, None),
        ({"width": 3840, "height": 2160}, "claimed size"),
        ({"frames": 9}, "frames"),
        ({"next_animation": 1}, "no further"),
    ],
)
async def test_a_scene_that_forges_the_result_of_its_render_gives_no_part(
    claimed: dict[str, int], complaint: str | None, tmp_path: Path
) -> None:
    box = toolbox(tmp_path / "scratch", RENDER_BEAT, PROBE)
    renders = RenderActivities(box, AssetStore(tmp_path / "store"))
    request = forged(SCENE.format(claimed=claimed)).model_copy(update={"first_animation": 1})
    job = RenderJob(beat_id="b01", request=request)
    attempt = await ActivityEnvironment().run(renders.render_part, job)
    await box.close()
    if complaint is None:
        assert attempt.part, attempt
    else:
        assert attempt.part is None
        assert complaint in (attempt.complaint or "")
