"""What a host process has open: a call leaves nothing there, also one that could not be started."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox.landlock import landlock_abi
from quantumsketch.tools.sandbox.landlock.landlocked import LEAST_ABI
from quantumsketch.tools.sandbox.sandbox import Sandbox
from quantumsketch.tools.tool import Backend, Ended, Policy
from quantumsketch.tools.toolbox import Toolbox
from tests.sandbox_calls import QUICK, sandbox, shell, tool

pytestmark = pytest.mark.slow


def landlock() -> Sandbox:
    if landlock_abi() < LEAST_ABI:
        pytest.skip("the kernel has no Landlock that is good enough")
    return Sandbox(Backend.LANDLOCK, None, b"")


def opened() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def at_most(more: int) -> Iterator[None]:
    """Leave room for so many descriptors beside those that are open."""
    free = os.dup(0)
    os.close(free)
    usual = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + more, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, usual)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Lend a folder that everybody may enter: behind Landlock, root's calls run as somebody else."""
    with TemporaryDirectory(prefix="qs-test-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.mark.parametrize("make", [sandbox, landlock])
async def test_calls_for_which_no_descriptor_is_left_leave_none_open(
    make: Callable[[], Sandbox], folder: Path
) -> None:
    called = tool(Policy(limits=QUICK))
    toolbox = Toolbox(Registry([called]), make(), folder / "scratch")
    endings = []
    for more in (40, *range(2, 24)):
        before = opened()
        with at_most(more):
            try:
                endings.append((await toolbox.call(called, shell("true"), keep=folder)).ending)
            except OSError:  # not even its scratch could be made
                continue
        assert opened() <= before
    assert endings[0].ended is Ended.OK, endings[0]
    assert Ended.UNAVAILABLE in [ending.ended for ending in endings]
