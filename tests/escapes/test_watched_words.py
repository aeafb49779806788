"""Memory and disk: the payload's own words that the host reads while it watches hide nothing from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quantumsketch.tools.tool import Ended, Limits
from tests.escapes.case import Case, Kind
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import inside

pytestmark = pytest.mark.slow
KIND = Kind.MEMORY_AND_DISK
MIB = 2**20

NAMED = """
import ctypes, threading, time
set_name, libc = 15, ctypes.CDLL(None)
libc.prctl(set_name, at.called.encode("latin-1"), 0, 0, 0)
kept = b"x" * (130 * 2**20)
"""
"""Takes a name (of 15 bytes at most), and memory."""
STAY = "\ntime.sleep(1.5)\n"
END_THE_FIRST_THREAD = """
threading.Thread(target=time.sleep, args=(1.5,)).start()
exit_thread = {"x86_64": 60, "aarch64": 93}[os.uname().machine]
libc.syscall(exit_thread, 0)
"""
MAP_A_DELETED_FILE = """
import mmap
name = at.called
file = os.open(name, os.O_CREAT | os.O_RDWR)
os.write(file, bytes(2**16))
mapped = mmap.mmap(file, 2**16)
os.unlink(name)
os.close(file)
kept = b"x" * (130 * 2**20)
import time
"""


def unnoticed(stage: Stage, seen: Seen) -> bool:
    """The memory was used, and nobody ended the call for it."""
    return seen.ending is None or seen.ending.ended is not Ended.OUT_OF_MEMORY


async def with_much(case: Case, stage: Stage) -> Seen:
    """Make the attempt where so much memory is allowed."""
    return await inside(replace(case, limits=Limits(wall_s=10, memory_bytes=400 * MIB)), stage)


def hides(name: str, called: str, probe: str) -> Case:
    """A case of memory that is to be hidden behind a name."""
    return Case(
        name=name,
        probe=f"at.called = {called!r}\n{probe}",
        control=with_much,
        harm=unnoticed,
        holds_still=False,
        limits=Limits(wall_s=10, memory_bytes=100 * MIB),
    )


CASES = (
    hides("a name that is no text", "\xff\xfe", NAMED + STAY),
    hides("a name that ends the line it is told in", "\fRssAnon: 0 kB", NAMED + END_THE_FIRST_THREAD),
    hides("a name that returns to the line's beginning", "\rRssAnon: 0 kB", NAMED + END_THE_FIRST_THREAD),
    hides("a name that looks like numbers", ") R 1 1 1 (x", NAMED + STAY),
    hides("a deleted file whose name ends the line", "a\fb (deleted)", MAP_A_DELETED_FILE + STAY),
    hides("a deleted file whose name returns", "a\rb (deleted)", MAP_A_DELETED_FILE + STAY),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_no_word_of_a_payload_hides_what_it_uses(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
