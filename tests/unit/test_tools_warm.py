"""What a zygote is asked, what it sees, and which calls can begin warm."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.tools.sandbox.warm.order import MOST_FILES, Order, decoded
from quantumsketch.tools.sandbox.warm.zygote import next_payload
from quantumsketch.tools.sandbox.warm.zygote_process import Kind, isolation
from quantumsketch.tools.sandbox.warm.zygotes import LARGEST_INPUTS_BYTES, Zygotes
from quantumsketch.tools.tool import Policy

ORDER = Order(
    module="payload", arguments=(), scratch="call/scratch", inputs=(), ceilings={"nofile": 64}, niceness=10,
    clock_s=31, shared_memory_bytes=4096, seccomp="00",
)  # fmt: skip
PYTHON = Policy(python=True)
COMMAND = (sys.executable, "-m", "payload")
NO_BUBBLEWRAP = Path("/no/such/bubblewrap")


@given(st.lists(st.text(), max_size=5), st.text(), st.dictionaries(st.text(), st.integers()))
def test_an_order_arrives_as_it_was_given(
    arguments: list[str], module: str, ceilings: dict[str, int]
) -> None:
    order = replace(ORDER, module=module, arguments=arguments, ceilings=ceilings)
    assert decoded(order.encoded()) == replace(order, inputs=[])


def test_a_zygote_gains_nothing_and_sees_the_scratch_of_all_calls_in_one_place_only(tmp_path: Path) -> None:
    arguments = isolation(Kind(tmp_path, (), ("json",)))
    assert "--disable-userns" not in arguments
    assert arguments[arguments.index("--cap-drop") + 1] == "ALL"
    assert {"--unshare-all", "--die-with-parent", "--as-pid-1", "--clearenv"} <= set(arguments)
    assert "--cap-add" not in arguments
    assert arguments.count(str(tmp_path)) == 1
    at = arguments.index(str(tmp_path))
    assert arguments[at - 1 : at + 2] == ["--bind", str(tmp_path), "/calls"]
    assert arguments.count("--bind") == 1


def test_a_zygote_with_threads_forks_nothing_and_says_why() -> None:
    """A fork would have only one of them: locks that the others hold would stay locked."""
    host, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    over = threading.Event()
    beside = threading.Thread(target=over.wait)
    with host, theirs:
        host.send(ORDER.encoded())
        beside.start()
        try:
            with pytest.raises(SystemExit, match="threads"):
                next_payload(theirs)
        finally:
            over.set()
            beside.join()


@pytest.mark.parametrize(
    ("command", "policy", "preload"),
    [
        (COMMAND, PYTHON, ()),
        (COMMAND, Policy(), ("json",)),
        (COMMAND, Policy(python=True, domains=("example.org",)), ("json",)),
        ((sys.executable, "-c", "pass"), PYTHON, ("json",)),
        ((sys.executable, "-m"), PYTHON, ("json",)),
        (("/bin/true", "-m", "payload"), PYTHON, ("json",)),
    ],
    ids=["no preload", "no python", "network", "no module", "no module's name", "another program"],
)
async def test_what_cannot_begin_warm_starts_no_zygote(
    tmp_path: Path, command: Sequence[str], policy: Policy, preload: Sequence[str]
) -> None:
    zygotes = Zygotes(NO_BUBBLEWRAP, b"")
    assert await zygotes.fork(command, policy, tmp_path / "call" / "scratch", {}, preload) is None
    assert zygotes.unusable == {}


async def test_inputs_that_are_large_many_or_no_files_make_a_call_cold(tmp_path: Path) -> None:
    large, small = tmp_path / "large", tmp_path / "small"
    small.touch()
    with large.open("wb") as file:
        file.truncate(LARGEST_INPUTS_BYTES + 1)
    zygotes = Zygotes(NO_BUBBLEWRAP, b"")
    for inputs in (
        {"large": large},
        {"folder": tmp_path},
        {"missing": tmp_path / "missing"},
        {str(number): small for number in range(MOST_FILES)},
    ):
        assert await zygotes.fork(COMMAND, PYTHON, tmp_path / "call" / "scratch", inputs, ("json",)) is None
    assert zygotes.unusable == {}


async def test_without_bubblewrap_it_is_told_once_that_nothing_begins_warm(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    zygotes = Zygotes(NO_BUBBLEWRAP, b"")
    for _ in range(2):
        assert await zygotes.fork(COMMAND, PYTHON, tmp_path / "call" / "scratch", {}, ("json",)) is None
    assert "No such file" in zygotes.unusable["json",]
    assert len(caplog.records) == 1
