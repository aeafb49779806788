"""The sandbox as the toolbox sees it: run a command under a policy. Knows nothing of tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bubblewrap import isolation, limited
from quantumsketch.tools.sandbox.bubblewrapped import Bubblewrapped, Invocation
from quantumsketch.tools.sandbox.guard import guarded
from quantumsketch.tools.sandbox.launcher import Call, launch
from quantumsketch.tools.sandbox.processes import Processes
from quantumsketch.tools.sandbox.warm.zygotes import Zygotes
from quantumsketch.tools.tool import Backend, Ending, Policy


@dataclass(frozen=True)
class Sandbox:
    """Isolation with a system-call filter, by what works here. Made by `detect`, which tried it."""

    backend: Backend
    bubblewrap: Path
    seccomp: bytes
    zygotes: Zygotes | None = None
    """What begins calls with their modules imported. None: every call is made cold."""

    async def run(
        self,
        command: Sequence[str],
        policy: Policy,
        scratch: Path,
        inputs: Mapping[str, Path],
        preload: Sequence[str] = (),
    ) -> Ending:
        """Run a command with `scratch` as its writable folder; SandboxUnavailable if it could not be set up.

        Inputs appear read-only at `/in/NAME`. Cancelling kills every descendant before this returns.
        """
        if policy.domains:
            raise SandboxUnavailable(
                f"no sandbox here can open the network for {policy.domains!r} alone",
                mend="Use a tool whose policy names no domains.",
            )

        warm = False

        async def start_warm_if_possible() -> Processes:
            nonlocal warm
            forked = self.zygotes and await self.zygotes.fork(command, policy, scratch, inputs, preload)
            warm = bool(forked)
            return forked or await start()

        async def start() -> Processes:
            return self._bubblewrapped(command, policy, scratch, inputs)

        try:
            ending = await launch(Call(start_warm_if_possible, policy.limits, scratch))
        except SandboxUnavailable:
            if not warm:
                raise
            warm = False  # the payload has not started: no call fails because it should have begun warm
            ending = await launch(Call(start, policy.limits, scratch))
        return replace(ending, backend=self.backend, warm=warm)

    async def close(self) -> None:
        """End what was kept ready for further calls."""
        if self.zygotes:
            await self.zygotes.close()

    def _bubblewrapped(
        self, command: Sequence[str], policy: Policy, scratch: Path, inputs: Mapping[str, Path]
    ) -> Processes:
        proc = self.backend is Backend.FULL
        shown = policy if proc else replace(policy, python=True)  # for the guard
        walls = isolation(shown, scratch, inputs, proc=proc)
        inside = limited(guarded(command, proc=proc), policy.limits)
        return Bubblewrapped(Invocation(self.bubblewrap, walls, self.seccomp, inside))
