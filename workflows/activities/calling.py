"""Calls a tool for an activity: without a sandbox the activity fails; no scene is blamed for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.tool import Ended, Reply, Request, Result, Tool
from quantumsketch.tools.toolbox import NO_INPUTS, Toolbox


async def called(
    toolbox: Toolbox,
    tool: Tool[Request, Result],
    request: Request,
    *,
    inputs: Mapping[str, Path] = NO_INPUTS,
    keep: Path,
) -> Reply[Result]:
    """Call a tool that ran, however it ended; SandboxUnavailable if it could not."""
    reply = await toolbox.call(tool, request, inputs=inputs, keep=keep)
    if reply.ending.ended is Ended.UNAVAILABLE:
        raise SandboxUnavailable(reply.ending.detail)
    return reply
