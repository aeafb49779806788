"""What every test stands on: a clean environment, a home of its own, and the real servers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from quantumsketch.runtime.embedded import Endpoints, attach
from quantumsketch.runtime.places import Places
from quantumsketch.settings import Settings, variable_names

# what one run draws the next one draws too: only a change turns the suite red, never a pause of the machine
hypothesis.settings.register_profile("suite", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True)  # --hypothesis-profile=search
hypothesis.settings.load_profile("suite")

_SHARED_HOME = "TEST_SERVERS_HOME"
"""Handed from the test run to its workers: where the servers that `endpoints` gives keep their data."""


def pytest_configure(config: pytest.Config) -> None:
    for name in [*os.environ]:
        if name in variable_names() or name.startswith(("QS_", "TEMPORAL_")):
            del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a script: `make test &`
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not _is_worker(config):
        os.environ[_SHARED_HOME] = tempfile.mkdtemp(prefix="qs-servers-", dir="/tmp")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        remove_home(Path(os.environ.pop(_SHARED_HOME)))


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def wait_for_servers_to_end(home: Path, timeout_s: float = 30.0) -> None:
    """Return when nothing of the servers of `home` is left. Raises TimeoutError."""
    deadline = time.monotonic() + timeout_s
    with contextlib.suppress(FileNotFoundError), Places(home).lock.open() as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"the servers of {home} still run after {timeout_s:g} s") from None
                time.sleep(0.05)


def remove_home(home: Path) -> None:
    """Delete a home once its servers have ended."""
    wait_for_servers_to_end(home)
    shutil.rmtree(home)
    shutil.rmtree(Places(home).sockets, ignore_errors=True)


@pytest.fixture
def qs_home() -> Iterator[Path]:
    """A home of this test's own, private, with a short path; whatever runs in it must end with the test."""
    home = Path(tempfile.mkdtemp(prefix="qs-", dir="/tmp"))
    yield home
    remove_home(home)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def endpoints() -> AsyncIterator[Endpoints]:
    """The real Temporal and Postgres, one pair for the whole test run: keep apart by tenant or id."""
    async with attach(Settings(home=Path(os.environ[_SHARED_HOME]))) as found:
        yield found


@pytest.fixture
def run_qs(qs_home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `qs` as a process in `qs_home`: `run_qs("render", "-", typed="…", env={"QS_TENANT": "a"})`."""

    def run(
        *words: str | Path,
        env: Mapping[str, str] | None = None,
        typed: str | None = None,
        timeout: float = 280,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("qs"), *map(str, words)],
            env={**os.environ, "QS_HOME": str(qs_home), **(env or {})},
            input=typed, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    return run
