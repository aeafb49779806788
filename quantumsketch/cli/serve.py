"""`qs serve` and `qs worker`: what runs until it is told to stop; being told to is a good end, exit 0."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run_until_stopped
from quantumsketch.cli.opening import Opener, working_studio

if TYPE_CHECKING:
    from socket import socket


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A further name by which browsers may reach the page; this machine's own always may.",
)
@click.pass_obj
def serve(opener: Opener, host: str, port: int, names: tuple[str, ...]) -> None:
    """Serve the page, and make the videos asked for there.

    Below /v1 it is the API of the memory, for programs with a key (qs key create). All of it is reachable
    from this machine only, unless --host says otherwise.
    """
    from web.server import listen

    with listen(host, port) as listening:  # before anything is started: the port may be taken
        run_until_stopped(_serve(opener, listening, (host, *names)))


@click.command()
@click.pass_obj
def worker(opener: Opener) -> None:
    """Make the videos that others ask for, until told to stop."""
    run_until_stopped(_work(opener))


async def _serve(opener: Opener, listening: socket, names: tuple[str, ...]) -> None:
    from quantumsketch.cli.terminal import remark, tell
    from web.app import create_app
    from web.server import address, serve

    async with working_studio(opener) as studio:
        if studio.temporal_ui:
            remark(f"Temporal's own page: {studio.temporal_ui}")
        app = create_app(
            studio.videos,
            preferences=studio.preferences,
            memory=studio.memory,
            names=names,
            notice=studio.sandbox_notice,
        )
        gc.collect()
        gc.freeze()  # what is there now stays: to look through it again held up every eighth walk for 17 ms
        await serve(app, listening, ready=lambda: tell(address(listening)))


async def _work(opener: Opener) -> None:
    from quantumsketch.cli.terminal import remark

    async with working_studio(opener, always=True):
        remark("worker is ready; Ctrl-C stops it")
        await asyncio.Event().wait()
