"""Calls tools: writes the request, runs the command in the sandbox, takes the outputs, reads the result.

Knows no particular tool and nothing of how the sandbox is built.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

from quantumsketch.tools.sandbox import Sandbox
from quantumsketch.tools.sandbox.outputs import BadOutput, collect
from quantumsketch.tools.sandbox.scratch import scratch_folder, sweep
from quantumsketch.tools.tool import Ended, Ending, Reply, Request, Result, Tool

REQUEST_FILE = "request.json"
NO_INPUTS: Mapping[str, Path] = {}


class Toolbox:
    """Runs tools in one sandbox, each call in a scratch folder of its own below `scratch_root`."""

    def __init__(self, sandbox: Sandbox, scratch_root: Path) -> None:
        """Take a sandbox and a host folder; scratch that a killed process left there is removed."""
        self._sandbox = sandbox
        self._scratch_root = scratch_root
        sweep(scratch_root)

    def folder(self, name: str) -> AbstractAsyncContextManager[Path]:
        """Lend a private folder for what calls give; it is removed, also if this process is killed."""
        return scratch_folder(self._scratch_root, name)

    async def call(
        self,
        tool: Tool[Request, Result],
        request: Request,
        *,
        inputs: Mapping[str, Path] = NO_INPUTS,
        keep: Path,
    ) -> Reply[Result]:
        """Run a tool and return what it gave; outputs are copied to `keep`. Raises SandboxUnavailable only.

        `inputs` (name to host path) appear read-only at `/in/NAME`. Cancelling kills every descendant first.
        """
        async with scratch_folder(self._scratch_root, tool.name) as scratch:
            (scratch / REQUEST_FILE).write_text(request.model_dump_json(), encoding="utf-8")
            ending = await self._sandbox.run(tool.command(request), tool.policy, scratch, inputs)
            if ending.ended is not Ended.OK:
                return Reply(ending, None, {})
            try:
                files = await asyncio.to_thread(collect, scratch, tool.outputs, keep)
            except BadOutput as error:
                return _bad_output(ending, str(error), {})
        try:
            return Reply(ending, tool.answer(ending, files), files)
        except (ValueError, KeyError) as error:
            return _bad_output(ending, f"its result cannot be read: {error}", files)


def _bad_output(ending: Ending, detail: str, files: Mapping[str, Path]) -> Reply[Result]:
    return Reply(replace(ending, ended=Ended.BAD_OUTPUT, detail=detail), None, files)
