"""Configuration: no setting of the host's, of another call's or of a careless tool's opens a wall."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from quantumsketch.tools.tool import INPUTS, Limits, Policy
from tests.escapes.case import Case, Kind, Setting, Way
from tests.escapes.harms import learnt
from tests.escapes.payload import LOOKED, TRIED, marker
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import command, inside, outside, said
from tests.sandbox_calls import Command, tool, toolbox

KIND = Kind.CONFIGURATION
START_UP_FILES = (
    *("this.py", "sitecustomize.py", "usercustomize.py", ".pythonrc", "manim.cfg", ".config/manim/manim.cfg"),
    *(".fonts.conf", ".config/fontconfig/fonts.conf", "texmf.cnf", ".texmf-config/texmf.cnf", ".cache/any"),
    *(".bashrc", ".profile", ".config/matplotlib/matplotlibrc", "media/Tex/any.tex"),
)

START = """
import subprocess
subprocess.run({program}, stdin=subprocess.DEVNULL)
"""
LEAVE_AND_FIND = f"""
places = [os.environ["HOME"], os.getcwd(), os.environ.get("TMPDIR", "."), at.shared]
for file in [os.path.join(place, name) for place in places for name in {START_UP_FILES}]:
    if at.turn == "first":
        os.makedirs(os.path.dirname(file), exist_ok=True)
        open(file, "w").write(at.word)
    elif os.path.exists(file):
        print(file, open(file).read())
"""
LEAVE_AND_START = """
import subprocess
if at.turn == "first":
    open("this.py", "w").write(f"print({at.word!r})")
else:
    subprocess.run([sys.executable, "-m", "this"])
"""


def in_the_environment(name: str, content: str = "", file: str = "") -> Setting:
    """A variable of whoever makes the call names a file, or its folder, that gives away the secret."""

    @contextmanager
    def setting(stage: Stage) -> Iterator[None]:
        planted = stage.hidden / (file or name)
        planted.write_text(content.format(secret=stage.secret))
        os.environ[name] = str(planted.parent if file else planted)
        try:
            yield
        finally:
            del os.environ[name]

    return setting


@contextmanager
def a_home_of_its_own(stage: Stage) -> Iterator[None]:
    """Two attempts outside have the same home, and a folder that all processes share."""
    home = os.environ["HOME"]
    os.environ["HOME"] = str(stage.outside)
    shared = Path("/dev/shm", stage.token)
    stage.facts["shared"] = str(shared)
    try:
        yield
    finally:
        os.environ["HOME"] = home
        shutil.rmtree(shared, ignore_errors=True)


def twice(way: Way) -> Way:
    """Make two attempts, one after the other; what the second says is judged."""

    async def both(case: Case, stage: Stage) -> Seen:
        stage.facts |= {"turn": "first", "word": stage.secret}
        await way(case, stage)
        for file in (TRIED, LOOKED):
            (stage.outside / file).unlink(missing_ok=True)
        stage.facts |= {"turn": "second", "word": ""}
        return await way(case, stage)

    return both


async def with_settings(
    case: Case,
    stage: Stage,
    *,
    policy: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    given_as: str = "given",
    out: str = "out",
) -> Seen:
    """Make a call with these settings of a tool; if they are refused, nothing has run and nothing is said."""
    alone = replace(case, holds_still=False)
    try:
        shown = Policy(python=True, limits=Limits(**{"wall_s": 10, **(limits or {})}), **(policy or {}))
        called = tool(shown, {out: 100})
        reply = await toolbox(stage.scratch_root, called).call(
            called,
            Command(arguments=command(alone, stage, Path(INPUTS / given_as))),
            inputs={given_as: stage.given},
            keep=stage.keep,
        )
    except ValueError:
        return Seen()
    return Seen(said=said(reply), ending=reply.ending)


@contextmanager
def precious_at_home(stage: Stage) -> Iterator[None]:
    """There are folders at home, and in a folder for scratch below it one that a dead process left."""
    home, before = stage.folder / "home", os.environ["HOME"]
    for place in (home, home / "scratch"):
        (place / "precious").mkdir(parents=True)
    os.environ["HOME"] = str(home)
    try:
        yield
    finally:
        os.environ["HOME"] = before


def scratch_at(place: str) -> Way:
    """Open a toolbox with its scratch at a place in the home: it removes what is left there."""

    async def opened(case: Case, stage: Stage) -> Seen:
        with suppress(ValueError):
            toolbox(stage.folder / "home" / place)
        return Seen()

    return opened


def ran(stage: Stage, seen: Seen) -> bool:
    """The payload has run."""
    return marker(stage.name) in seen.said


def refused(name: str, **settings: Any) -> Case:
    """A case of settings that must be refused: the same call runs without them."""
    return Case(
        name=name,
        harm=ran,
        control=with_settings,
        attack=partial(with_settings, **settings),
    )


CASES = (
    Case(
        name="Python code that PYTHONPATH leads to",
        probe=START.format(program="[sys.executable, '-c', 'pass']"),
        setting=in_the_environment("PYTHONPATH", "print('{secret}')", file="sitecustomize.py"),
        harm=learnt,
    ),
    Case(
        name="Python code that PYTHONSTARTUP names",
        probe=START.format(program="[sys.executable, '-i']"),
        setting=in_the_environment("PYTHONSTARTUP", "print('{secret}')"),
        harm=learnt,
    ),
    Case(
        name="a script that BASH_ENV names",
        probe=START.format(program="['bash', '-c', 'true']"),
        setting=in_the_environment("BASH_ENV", "echo {secret}"),
        harm=learnt,
    ),
    Case(
        name="a library that LD_PRELOAD names",
        probe=START.format(program="['true']"),
        setting=in_the_environment("LD_PRELOAD"),
        harm=lambda stage, seen: "cannot be preloaded" in seen.said,
    ),
    Case(
        name="start-up files that one call leaves for the next",
        probe=LEAVE_AND_FIND,
        setting=a_home_of_its_own,
        control=twice(outside),
        attack=twice(inside),
        harm=learnt,
    ),
    Case(
        name="a module that one call leaves for the next",
        probe=LEAVE_AND_START,
        setting=a_home_of_its_own,
        control=twice(outside),
        attack=twice(inside),
        harm=learnt,
    ),
    Case(
        name="scratch folders in the middle of the home",
        setting=precious_at_home,
        control=scratch_at("scratch"),
        attack=scratch_at("."),
        harm=lambda stage, seen: len([*(stage.folder / "home").rglob("precious")]) < 2,
    ),
    refused("a tool that names every domain", policy={"domains": ("*",)}),
    refused("a tool that names a whole top-level domain", policy={"domains": ("*.com",)}),
    refused("a tool that names a whole registry", policy={"domains": ("*.co.uk",)}),
    refused("a tool that names an address", policy={"domains": ("169.254.169.254",)}),
    refused("a tool that names an address in hexadecimal", policy={"domains": ("0x7f000001",)}),
    refused("a tool that names this machine", policy={"domains": ("localhost",)}),
    refused("a tool that shows everything", policy={"readable": (Path("/"),)}),
    refused("a tool that shows the home folder", policy={"readable": (Path.home(),)}),
    refused("a tool that shows everybody's home folders", policy={"readable": (Path("/home"),)}),
    refused("a tool that shows everybody's temporary files", policy={"readable": (Path("/tmp"),)}),
    refused("a tool that shows the system's settings", policy={"readable": (Path("/etc"),)}),
    refused("a tool that shows the kernel's files", policy={"readable": (Path("/proc"),)}),
    refused("a tool that shows Docker's socket", policy={"readable": (Path("/run/docker.sock"),)}),
    refused("a tool that shows a folder by climbing", policy={"readable": (Path("/usr/../etc"),)}),
    refused("a tool that takes an hour", limits={"wall_s": 3600}),
    refused("a tool whose memory has no bound", limits={"memory_bytes": float("inf")}),
    refused("an input whose name climbs", given_as="../etc/passwd"),
    refused("an input without a name", given_as=""),
    refused("an output whose name climbs", out="../out"),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_no_setting_opens_a_wall(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
