"""`qs` as a process of its own, on a rehearsed studio: for signals and terminals."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quantumsketch.cli.main import run
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos


def main() -> None:
    """Run `python -m tests.rehearsed_qs FOLDER runs|waits ARGUMENTS…`."""
    folder, manner, *arguments = sys.argv[1:]
    studio = RehearsedStudio(RehearsedVideos(Path(folder), waits_for_ever=manner == "waits"))

    @asynccontextmanager
    async def opener(*, worker: bool, always: bool = False) -> AsyncIterator[RehearsedStudio]:
        async with studio.open(worker=worker, always=always):
            try:
                yield studio
            finally:
                sys.stderr.write("the studio was closed\n")

    sys.exit(run(arguments, opener))


if __name__ == "__main__":
    main()
