"""Ctrl-C, SIGTERM and a terminal: on a real process, whose studio is rehearsed."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

_PATIENCE_S = 60.0


@contextmanager
def _started(
    folder: Path, *words: str, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """`qs` on a rehearsed studio, which ends with the test whatever happens."""
    (folder / "assets").mkdir()
    (folder / "tea.txt").write_text("Why does tea go with biscuits?")
    command = [sys.executable, "-m", "tests.rehearsed_qs", str(folder / "assets"), *words]
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=stdout, stderr=stderr) as process:
        try:
            yield process
        finally:
            process.kill()


def _read_until(stream: IO[bytes], words: bytes) -> bytes:
    """What is printed until `words` are, so that a signal meets the command at a known place."""
    heard, deadline = b"", time.monotonic() + _PATIENCE_S
    while words not in heard:
        assert select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0], heard
        piece = os.read(stream.fileno(), 4096)
        assert piece, heard
        heard += piece
    return heard


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_render_closes_the_studio_and_says_how_to_go_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    with _started(tmp_path, "waits", "render", "tea.txt") as process:
        assert process.stderr
        _read_until(process.stderr, b"b01 rendering")
        process.send_signal(number)
        rest = process.stderr.read().decode()
        assert process.wait(_PATIENCE_S) == 130
    assert "the studio was closed\n" in rest
    assert rest.endswith("qs: interrupted; the run goes on with: qs resume tea-1\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assets", "tea.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_below_standard_output_is_said_in_one_line(tmp_path: Path) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        _started(tmp_path, "runs", "render", "tea.txt", stdout=full.fileno()) as process,
    ):
        assert process.stderr
        said = process.stderr.read().decode()
        assert process.wait(_PATIENCE_S) == 1
    assert said.splitlines()[-1] == "qs: [Errno 28] No space left on device"
    assert "Traceback" not in said


def test_a_served_page_answers_and_sigterm_is_its_good_end(tmp_path: Path) -> None:
    with _started(tmp_path, "waits", "serve", "--port", "0") as process:
        assert process.stdout
        assert process.stderr
        address = _read_until(process.stdout, b"\n").decode().strip()
        with urllib.request.urlopen(f"{address}/healthz", timeout=_PATIENCE_S) as answer:
            assert answer.read() == b'{"ok":true}'
        process.send_signal(signal.SIGTERM)
        assert process.wait(_PATIENCE_S) == 0
        assert process.stderr.read() == b"the studio was closed\n"


def test_a_worker_works_until_sigterm_is_its_good_end(tmp_path: Path) -> None:
    with _started(tmp_path, "waits", "worker") as process:
        assert process.stderr
        _read_until(process.stderr, b"worker is ready")
        process.send_signal(signal.SIGTERM)
        assert process.wait(_PATIENCE_S) == 0
        assert process.stderr.read().endswith(b"the studio was closed\n")


def test_a_page_with_an_open_stream_still_stops_at_once(tmp_path: Path) -> None:
    with _started(tmp_path, "waits", "serve", "--port", "0") as process:
        assert process.stdout
        assert process.stderr
        address = _read_until(process.stdout, b"\n").decode().strip()
        asked = urllib.request.Request(
            f"{address}/api/videos", b'{"prompt": "tea"}', {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(asked, timeout=_PATIENCE_S).close()
        with urllib.request.urlopen(f"{address}/api/videos/tea-1/events", timeout=_PATIENCE_S) as stream:
            assert b"retry" in stream.readline()
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            stream.read()
        assert process.wait(_PATIENCE_S) == 0
        assert time.monotonic() - began < 30
        assert process.stderr.read() == b"the studio was closed\n"


def test_a_terminal_shows_a_bar_for_the_whole_and_for_each_beat(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with _started(tmp_path, "runs", "render", "tea.txt", stderr=theirs) as process:
        os.close(theirs)
        shown = _all_of(ours)
        assert process.wait(_PATIENCE_S) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    for words in ("Tea & <biscuits>", "beats 0/2", "b01 Tea", "b02 Biscuits", "rendering", "planned", "━━━"):
        assert words in plain


def _all_of(terminal: int) -> str:
    heard = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # how a terminal says that the other side is gone
            piece = b""
        if not piece:
            os.close(terminal)
            return heard.decode()
        heard += piece
