"""The sandbox as the toolbox sees it: run a command under a policy. Knows nothing of tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bubblewrap import isolation
from quantumsketch.tools.sandbox.launcher import Call, launch
from quantumsketch.tools.tool import Ending, Policy


@dataclass(frozen=True)
class Sandbox:
    """Full bubblewrap isolation with a system-call filter. Made by `detect`, which has tried it."""

    bubblewrap: Path
    seccomp: bytes

    async def run(
        self, command: Sequence[str], policy: Policy, scratch: Path, inputs: Mapping[str, Path]
    ) -> Ending:
        """Run a command with `scratch` as its writable folder; SandboxUnavailable if it could not be set up.

        Inputs appear read-only at `/in/NAME`. Cancelling kills every descendant before this returns.
        """
        if policy.domains:
            raise SandboxUnavailable(
                f"no sandbox here can open the network for {policy.domains!r} alone",
                mend="Use a tool whose policy names no domains.",
            )
        arguments = isolation(policy, scratch, inputs)
        return await launch(Call(self.bubblewrap, arguments, self.seccomp, command, policy.limits, scratch))
