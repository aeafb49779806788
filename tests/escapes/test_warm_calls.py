"""Concurrency: a call that begins warm shares a process's past with others, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.escapes import test_files, test_kernel, test_leaks, test_network, test_privileges
from tests.escapes.case import Case, Kind
from tests.escapes.harms import learnt
from tests.escapes.stage import Seen, Stage
from tests.escapes.test_configuration import LEAVE_AND_FIND, a_home_of_its_own, twice
from tests.escapes.users import User
from tests.escapes.ways import inside_warm, outside, warm_call
from tests.sandbox_calls import sandbox

pytestmark = pytest.mark.slow
KIND = Kind.CONCURRENCY
COLD = tuple(
    case
    for kind in (test_files, test_kernel, test_leaks, test_network, test_privileges)
    for case in kind.CASES
)
ALSO_WARM = (
    "read a file by its path",
    "read a file through the root of any process",
    "read the scratch folder of another call",
    "write into an input",
    "change a device of the host",
    "mount the folder that may only be read again, for writing",
    "call somebody who listens on the host's loopback",
    "call an abstract socket of the host",
    "ask the kernel for its interfaces and routes",
    "read the environment of every process",
    "read every file that is open on arrival",
    "read a key of the session",
    "read a message queue of the host",
    "get a user namespace by unshare",
    "get a user namespace by clone3",
    "mount over a folder",
    "unmount what covers something",
    "change the root folder",
    "trace the first process",
    "end another process of the host",
    "write on the terminal of whoever makes the call",
    "steer the machine",
)
"""What a cold call's walls keep out and the walls of a warm one, which others put up, must keep out too."""

CHANGE_A_MODULE = """
import json
if at.turn in ("first", "both"):
    json.left_behind = at.word
if at.turn in ("second", "both"):
    print(getattr(json, "left_behind", "nothing"))
"""


async def one_process_for_both(case: Case, stage: Stage) -> Seen:
    """Make both attempts in one process."""
    stage.facts |= {"turn": "both", "word": stage.secret}
    return await outside(case, stage)


async def two_warm_calls(case: Case, stage: Stage) -> Seen:
    """Make two attempts in two calls that begin with the same process's imports."""
    try:
        stage.facts |= {"turn": "first", "word": stage.secret}
        await warm_call(case, stage)
        stage.facts |= {"turn": "second", "word": ""}
        return await warm_call(case, stage)
    finally:
        await sandbox().close()


CASES = (
    *(
        replace(case, name=f"{case.name}, in a warm call", attack=inside_warm)
        for case in COLD
        if case.name in ALSO_WARM
    ),
    Case(
        name="change a module for the calls that come after",
        probe=CHANGE_A_MODULE,
        control=one_process_for_both,
        attack=two_warm_calls,
        harm=learnt,
    ),
    Case(
        name="leave a file for the warm calls that come after",
        probe=LEAVE_AND_FIND,
        setting=a_home_of_its_own,
        control=twice(outside),
        attack=two_warm_calls,
        harm=learnt,
    ),
)


def test_what_is_tried_in_a_warm_call_is_tried_in_a_cold_one_too() -> None:
    assert {case.name for case in COLD} >= set(ALSO_WARM)
    assert len(CASES) == len(ALSO_WARM) + 2


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_warm_call_shares_nothing_but_its_past(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
