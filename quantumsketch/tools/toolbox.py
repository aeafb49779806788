"""Calls tools: writes the request, runs the command in the sandbox, takes the outputs, reads the result.

The only way to a process for whoever is not the sandbox itself. Knows no particular tool and nothing of how
the sandbox is built.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from quantumsketch.errors import BadInput, SandboxUnavailable
from quantumsketch.tools.places import refuse_scratch_at
from quantumsketch.tools.registry import Registry
from quantumsketch.tools.sandbox import Demand, Sandbox, detect
from quantumsketch.tools.sandbox.outputs import BadOutput, collect
from quantumsketch.tools.sandbox.scratch import scratch_folder, sweep
from quantumsketch.tools.sandbox.uninterrupted import to_the_end
from quantumsketch.tools.tool import Backend, Ended, Ending, Reply, Request, Result, Tool

REQUEST_FILE = "request.json"
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading a result may raise that was made to be misread: all these are the payload's fault."""
NO_INPUTS: Mapping[str, Path] = {}


class Toolbox:
    """Runs the tools of a registry in one sandbox, each call in a scratch folder of its own."""

    def __init__(self, registry: Registry, sandbox: Sandbox, scratch_root: Path) -> None:
        """Take the tools, a sandbox and a host folder; scratch that a killed process left there is removed.

        ValueError if that folder is everything, somebody's home, the system's own, or what a tool may read.
        """
        refuse_scratch_at(scratch_root)
        for path in {path for tool in registry for path in tool.policy.readable}:
            if scratch_root.is_relative_to(path) or path.is_relative_to(scratch_root):
                raise ValueError(
                    f"a tool may read {str(path)!r}, so scratch may not be {str(scratch_root)!r}"
                )
        self.registry = registry
        self._sandbox = sandbox
        self._scratch_root = scratch_root
        sweep(scratch_root)

    def folder(self, name: str) -> AbstractAsyncContextManager[Path]:
        """Lend a private folder for what calls give; it is removed, also if this process is killed."""
        return scratch_folder(self._scratch_root, name)

    @property
    def backend(self) -> Backend:
        """What isolates the calls."""
        return self._sandbox.backend

    async def close(self) -> None:
        """End what is kept ready for further calls."""
        await self._sandbox.close()

    async def call(
        self,
        tool: Tool[Request, Result],
        request: Request,
        *,
        inputs: Mapping[str, Path] = NO_INPUTS,
        keep: Path,
    ) -> Reply[Result]:
        """Run a tool and return what it gave and how it ended; outputs are copied to `keep`.

        `inputs` (name to host path) appear read-only at `/in/NAME`. Cancelling kills every descendant first;
        what is being copied by then is copied to the end.
        ValueError for a tool that is not in the registry.
        """
        if tool not in self.registry:
            raise ValueError(f"the tool {tool.name!r} is not registered here: add it to the list of tools")
        async with scratch_folder(self._scratch_root, tool.name) as scratch:
            (scratch / REQUEST_FILE).write_text(request.model_dump_json(), encoding="utf-8")
            try:
                ending = await self._sandbox.run(
                    tool.command(request), tool.policy, scratch, inputs, tool.preload
                )
            except SandboxUnavailable as error:
                return Reply(_unavailable(error, self.backend), None, {})
            if ending.ended is not Ended.OK:
                return Reply(ending, None, {})
            try:
                files = await to_the_end(asyncio.to_thread(collect, scratch, tool.outputs, keep))
            except BadOutput as error:
                return _bad_output(ending, str(error), {})
        try:
            return Reply(ending, tool.answer(ending, files), files)
        except UNREADABLE as error:
            return _bad_output(ending, f"its result cannot be read: {error}", files)


@asynccontextmanager
async def open_toolbox(
    registry: Registry, scratch_root: Path, demand: Demand = "any"
) -> AsyncIterator[Toolbox]:
    """Lend a toolbox on the best sandbox that works on this machine; SandboxUnavailable if none will do.

    BadInput if scratch may not lie there.
    """
    try:
        refuse_scratch_at(scratch_root)
    except ValueError as error:
        raise BadInput(str(error), mend="Choose the home by QS_HOME") from None
    toolbox = Toolbox(registry, await asyncio.to_thread(detect, demand, scratch_root), scratch_root)
    try:
        yield toolbox
    finally:
        await toolbox.close()


def _unavailable(error: SandboxUnavailable, backend: Backend) -> Ending:
    return Ending(Ended.UNAVAILABLE, None, 0.0, 0.0, b"", b"", detail=str(error), backend=backend)


def _bad_output(ending: Ending, detail: str, files: Mapping[str, Path]) -> Reply[Result]:
    return Reply(replace(ending, ended=Ended.BAD_OUTPUT, detail=detail), None, files)
