"""Where a command's lines come from: pipes that stall or never end a line, and what is left of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quantumsketch.cli.input_file import lines_of
from quantumsketch.errors import BadInput
from quantumsketch.memory.moving.portable import Header

HEADER = Header(tenant="a", exported_at=datetime(2026, 1, 2, tzinfo=UTC)).model_dump_json().encode() + b"\n"
LINES = [b"first\n", b"second\n", b"last, cut sho"]


def accepted(line: bytes) -> None:
    assert line == LINES[0]


@pytest.fixture
def pipe() -> Iterator[Path]:
    """A pipe that holds LINES, and whose writer is done."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(LINES))
    os.close(writing)
    yield Path(f"/dev/fd/{reading}")
    os.close(reading)


def test_a_file_and_a_pipe_give_the_same_lines(tmp_path: Path, pipe: Path) -> None:
    (tmp_path / "file").write_bytes(b"".join(LINES))
    for source in (tmp_path / "file", pipe):
        with lines_of(source, accepted) as lines:
            assert list(lines) == LINES


def test_a_pipe_was_read_to_its_end_before_the_first_line_is_given(pipe: Path) -> None:
    with lines_of(pipe, accepted) as lines, pipe.open("rb") as the_same_pipe:
        assert the_same_pipe.read() == b""
        assert list(lines) == LINES


def test_a_first_line_that_never_ends_is_refused_by_its_beginning() -> None:
    def refuse(line: bytes) -> None:
        assert len(line) <= 10_000
        raise BadInput("no")

    with pytest.raises(BadInput), lines_of(Path("/dev/zero"), refuse):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_an_import_from_a_pipe_that_stalls_ends_when_it_is_told_to_and_leaves_nothing(
    sent: signal.Signals, code: int, tmp_path: Path
) -> None:
    copies, home = tmp_path / "copies", tmp_path / "home"
    copies.mkdir()
    environment = {**os.environ, "QS_HOME": str(home), "TMPDIR": str(copies)}
    qs = [str(Path(sys.executable).with_name("qs")), "memory", "import", "-", "--tenant", "t"]
    with subprocess.Popen(qs, stdin=subprocess.PIPE, env=environment) as importing:
        try:
            assert importing.stdin
            importing.stdin.write(HEADER)
            importing.stdin.write(b"x" * 1_000_000)  # more than a pipe holds: so it is being read
            importing.stdin.flush()
            importing.send_signal(sent)
            assert importing.wait(timeout=60) == code
        finally:
            importing.kill()
    assert (list(copies.iterdir()), home.exists()) == ([], False)
