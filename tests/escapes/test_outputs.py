"""Outputs: whatever lies in scratch under the name of an output, the host takes no more than honest bytes.

The control is a host that copies what it finds there, as most programs would.
"""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.escapes.case import Case, Harm, Kind
from tests.escapes.harms import changed, learnt
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import outside

KIND = Kind.OUTPUTS
OUT, MOST_BYTES = "out", 1000
COPY = """
import os, sys
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as kept:
    kept.write(source.read(2**22))
    os.fchmod(kept.fileno(), os.fstat(source.fileno()).st_mode)
"""
BLOCKED = "the host waited in vain"


async def naively(case: Case, stage: Stage) -> Seen:
    """Make the attempt outside, and copy what lies under the output's name, with its mode."""
    seen = await outside(case, stage)
    kept = stage.keep / OUT
    command = [sys.executable, "-ISc", COPY, str(stage.outside / OUT), str(kept)]
    try:
        await asyncio.to_thread(subprocess.run, command, timeout=2, check=False)
    except subprocess.TimeoutExpired:
        return replace(seen, said=seen.said + BLOCKED)
    return replace(seen, said=seen.said + (kept.read_text(errors="replace") if kept.exists() else ""))


def blocked(stage: Stage, seen: Seen) -> bool:
    """The host waited for somebody to write."""
    return BLOCKED in seen.said


def overfed(stage: Stage, seen: Seen) -> bool:
    """The host kept more than the output may have."""
    return any(file.stat().st_size > MOST_BYTES for file in stage.keep.iterdir())


def armed(stage: Stage, seen: Seen) -> bool:
    """A program lies on the host that can be run, or even as its owner."""
    return any(file.stat().st_mode & (stat.S_IXUSR | stat.S_ISUID) for file in stage.keep.iterdir())


def leaves(name: str, probe: str, harm: Harm, root_only: str = "") -> Case:
    """A case that leaves something under the name of an output."""
    outputs = {OUT: MOST_BYTES}
    return Case(
        name=name, probe=probe, harm=harm, control=naively, outputs=outputs, holds_still=False,
        root_only=root_only,
    )  # fmt: skip


EXCHANGED = """
open("out", "w").write("honest")
os.rename("out", "honest")
os.symlink("honest", "out")
if not os.fork():
    time.sleep(0.3)
    os.remove("out")
    os.symlink(at.hidden + "/secret", "out")
"""
BEHIND_A_FOLDER = """
os.symlink(at.hidden, "folder")
os.symlink("folder/secret", "inner")
os.symlink("inner", "out")
"""
CASES = (
    leaves("a link to a secret", "os.symlink(at.hidden + '/secret', 'out')", learnt),
    leaves("a link to a link behind a folder that is a link", BEHIND_A_FOLDER, learnt),
    leaves("something that is exchanged after the end", EXCHANGED, learnt),
    leaves("another name of an input", "os.link(at.given, 'out')", changed),
    leaves("another name of a readable file", "os.link(at.readable + '/file', 'out')", changed),
    leaves("a pipe into which nobody writes", "os.mkfifo('out')", blocked),
    leaves("a link to a pipe", "os.mkfifo('pipe'); os.symlink('pipe', 'out')", blocked),
    leaves(
        "a device that never ends", "os.mknod('out', 0o20600, os.makedev(1, 5))", overfed, "it makes a device"
    ),
    leaves("a link to a device", "os.symlink('/dev/zero', 'out')", overfed),
    leaves("more than is allowed", "open('out', 'wb').write(bytes(1001))", overfed),
    leaves("a gigabyte of nothing", "os.truncate(os.open('out', os.O_CREAT | os.O_WRONLY), 2**30)", overfed),
    leaves("a program", "open('out', 'w').write('#!/bin/sh'); os.chmod('out', 0o6755)", armed),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_only_honest_bytes_come_out_of_scratch(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
