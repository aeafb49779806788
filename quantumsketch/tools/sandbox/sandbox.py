"""The sandbox as the toolbox sees it: run a command under a policy. Knows nothing of tools."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bubblewrap import isolation, limited
from quantumsketch.tools.sandbox.bubblewrapped import Bubblewrapped, Invocation
from quantumsketch.tools.sandbox.egress import INTERNET, Gate, Outside, egress
from quantumsketch.tools.sandbox.egress.inside import NO_WAY_OUT, inside
from quantumsketch.tools.sandbox.guard import guarded
from quantumsketch.tools.sandbox.landlock import landlocked
from quantumsketch.tools.sandbox.launcher import Call, launch
from quantumsketch.tools.sandbox.processes import Processes
from quantumsketch.tools.sandbox.seccomp import filter_program
from quantumsketch.tools.sandbox.warm.zygotes import Zygotes
from quantumsketch.tools.tool import Backend, Ended, Ending, Policy


@dataclass(frozen=True)
class Payload:
    """What is to run, and what it may see."""

    command: Sequence[str]
    policy: Policy
    scratch: Path
    inputs: Mapping[str, Path]
    preload: Sequence[str]
    gate: Gate | None = None
    """The one way out, if the policy names domains."""


@dataclass(frozen=True)
class Sandbox:
    """Isolation with a system-call filter, by what works here. Made by `detect`, which tried it."""

    backend: Backend
    bubblewrap: Path | None
    """None: Landlock isolates the calls."""
    seccomp: bytes
    zygotes: Zygotes | None = None
    """What begins calls with their modules imported. None: every call is made cold."""
    outside: Outside = INTERNET
    """How names are resolved and addresses dialled for tools that name domains."""

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
        payload = Payload(command, policy, scratch, inputs, preload)
        if not policy.domains:
            return await self._run(payload)
        async with self._way_out(policy) as gate:
            ending = replace(await self._run(replace(payload, gate=gate)), refused=gate.refused)
        if ending.ended is Ended.ERROR and ending.refused:
            return replace(ending, ended=Ended.REFUSED, detail=ending.refused[0])
        return ending

    async def close(self) -> None:
        """End what was kept ready for further calls."""
        if self.zygotes:
            await self.zygotes.close()

    @asynccontextmanager
    async def _way_out(self, policy: Policy) -> AsyncIterator[Gate]:
        if self.backend is Backend.LANDLOCK:
            raise SandboxUnavailable(
                f"the degraded sandbox cannot open the network for {policy.domains!r} alone",
                mend="Run `qs doctor` for what makes the full one work.",
            )
        async with egress(policy.domains, policy.limits, self.outside) as gate:
            yield gate

    async def _run(self, payload: Payload) -> Ending:
        ending = await self._warm(payload)
        if ending is None:
            call = Call(partial(self._start_cold, payload), payload.policy.limits, payload.scratch)
            ending = await launch(call)
        return replace(ending, backend=self.backend)

    async def _warm(self, payload: Payload) -> Ending | None:
        """Run a payload that finds its modules imported; None if it has to run cold: nothing has run then."""
        if not (self.zygotes and payload.preload) or payload.gate:
            return None
        start = partial(_start_warm, self.zygotes, payload)
        try:
            ending = await launch(Call(start, payload.policy.limits, payload.scratch))
        except SandboxUnavailable:
            return None
        return replace(ending, warm=True)

    async def _start_cold(self, payload: Payload) -> Processes:
        if self.bubblewrap is None:
            return await landlocked.start(payload.command, payload.policy, payload.scratch, payload.inputs)
        proc = self.backend is Backend.FULL
        way_out = inside(payload.gate) if payload.gate else NO_WAY_OUT
        seccomp = filter_program(platform.machine(), network=True) if payload.gate else self.seccomp
        # without /proc the guard is Python's
        shown = payload.policy if proc else replace(payload.policy, python=True)
        walls = isolation(shown, payload.scratch, payload.inputs, proc=proc, way_out=way_out)
        command = limited([*way_out.prefix, *payload.command], payload.policy.limits)
        command = guarded(command, proc=proc)
        return Bubblewrapped(Invocation(self.bubblewrap, walls, seccomp, command, way_out.descriptors))


async def _start_warm(zygotes: Zygotes, payload: Payload) -> Processes:
    forked = await zygotes.fork(
        payload.command, payload.policy, payload.scratch, payload.inputs, payload.preload
    )
    if forked is None:
        raise SandboxUnavailable("no zygote can begin this call")
    return forked
