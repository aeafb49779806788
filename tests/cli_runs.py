"""Runs `qs` inside the test's process, on a rehearsed studio, and keeps what it said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from click.testing import CliRunner

from quantumsketch.cli.main import run
from tests.rehearsed_videos import RehearsedStudio


@dataclass(frozen=True)
class Said:
    code: int
    stdout: str
    stderr: str


def qs(studio: RehearsedStudio, arguments: Sequence[str], stdin: bytes = b"") -> Said:
    """Run one command as `main` does, with everything but the studio real."""
    with CliRunner().isolation(input=stdin) as (stdout, stderr, _):
        code = run(arguments, studio.open)
        return Said(code, stdout.getvalue().decode(), stderr.getvalue().decode())
