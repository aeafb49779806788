"""The zygotes of one sandbox: which call can begin warm, and with which of them. Knows nothing of tools.

A zygote is started by the first call that can use it. That call waits for its imports, which it would have
to make itself otherwise. Whatever does not work is told once, and the call is made cold.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from quantumsketch.tools.sandbox.bubblewrap import NICENESS, ceilings, second_clock_s
from quantumsketch.tools.sandbox.mounts import SHARED_MEMORY_BYTES, plain
from quantumsketch.tools.sandbox.warm.forked import Forked
from quantumsketch.tools.sandbox.warm.order import MOST_FILES, Order
from quantumsketch.tools.sandbox.warm.zygote_process import Kind, ZygoteProcess
from quantumsketch.tools.tool import Policy

PATIENCE_S = 20.0
"""For the imports and the walls: many times what they take on an idle machine."""
LARGEST_INPUTS_BYTES = 32 * 2**20
"""A warm call gets copies of its inputs, in memory."""
MOST_ZYGOTES = 2
"""Each holds what it has imported: Manim takes 130 MB."""
MODULE_AT = 2  # in [python, "-m", MODULE, ...]
MOST_INPUTS = MOST_FILES - 3

log = logging.getLogger(__name__)


class Zygotes:
    """Forks warm calls. Belongs to the thread that first uses it: with that thread its zygotes die."""

    def __init__(self, bubblewrap: Path, seccomp: bytes, patience_s: float = PATIENCE_S) -> None:
        """Take the program and the filter that the sandbox's cold calls use; starts nothing yet."""
        self._bubblewrap, self._seccomp, self._patience_s = bubblewrap, seccomp.hex(), patience_s
        self._running: dict[Kind, ZygoteProcess] = {}
        self._retired: list[ZygoteProcess] = []
        self.unusable: dict[tuple[str, ...], str] = {}
        """What cannot be kept imported here, and why: calls that ask for it are made cold."""

    async def fork(
        self,
        command: Sequence[str],
        policy: Policy,
        scratch: Path,
        inputs: Mapping[str, Path],
        preload: Sequence[str],
    ) -> Forked | None:
        """Return a call whose walls stand, as if it had been started cold; None if it is to be made cold."""
        kind = Kind(root_of(scratch), policy.readable, tuple(preload))
        if kind.preload in self.unusable or not _can_begin_warm(command, policy, inputs, kind.preload):
            return None
        order = self._order(command, policy, str(scratch.relative_to(kind.scratch_root)), inputs)
        zygote = self._zygote(kind)
        if zygote is None:
            return None
        with ExitStack() as opened:
            files = [opened.enter_context(path.open("rb")).fileno() for path in inputs.values()]
            try:
                call = Forked(zygote, order, files)
            except BlockingIOError:
                return None  # its orders pile up
            except OSError:
                self._give_up(kind, zygote, zygote.last_words())
                return None
        return await self._when_set_up(call, kind, zygote)

    async def close(self) -> None:
        """End every zygote, and with it the calls that it has forked."""
        for zygote in (*self._running.values(), *self._retired):
            await asyncio.to_thread(zygote.close)
        self._running.clear()
        self._retired.clear()

    def _order(
        self, command: Sequence[str], policy: Policy, scratch: str, inputs: Mapping[str, Path]
    ) -> Order:
        return Order(
            module=command[MODULE_AT],
            arguments=tuple(command[MODULE_AT + 1 :]),
            scratch=scratch,
            inputs=tuple(plain(name) for name in inputs),
            ceilings=ceilings(policy.limits),
            niceness=NICENESS,
            clock_s=second_clock_s(policy.limits),
            shared_memory_bytes=SHARED_MEMORY_BYTES,
            seccomp=self._seccomp,
        )

    def _zygote(self, kind: Kind) -> ZygoteProcess | None:
        """Return a zygote of this kind, started if need be; the longest unused makes room for it."""
        zygote = self._running.pop(kind, None)
        if zygote is None:
            try:
                zygote = ZygoteProcess(self._bubblewrap, kind)
            except OSError as error:
                self._tell(kind, str(error))
                return None
        self._running[kind] = zygote
        if len(self._running) > MOST_ZYGOTES:
            self._retire(next(iter(self._running)))
        return zygote

    async def _when_set_up(self, call: Forked, kind: Kind, zygote: ZygoteProcess) -> Forked | None:
        """Wait until the walls of a call stand; None, with nothing left of it, if they do not."""
        try:
            await asyncio.wait(
                {call.set_up, call.exited}, timeout=self._patience_s, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            call.abandon()
            raise
        if call.set_up.done():
            zygote.useful = True
            return call
        silent = not call.exited.done()
        call.abandon()
        self._give_up(kind, zygote, f"no answer in {self._patience_s:g} s" if silent else call.refusal)
        return None

    def _give_up(self, kind: Kind, zygote: ZygoteProcess, why: str) -> None:
        """Ask this zygote no more; its calls go on. If it never worked, do not try another."""
        if self._running.get(kind) is zygote:
            self._retire(kind)
            if not zygote.useful:
                self._tell(kind, why or zygote.last_words() or "it ended by itself")

    def _retire(self, kind: Kind) -> None:
        zygote = self._running.pop(kind)
        zygote.hang_up()
        self._retired = [one for one in (*self._retired, zygote) if not one.has_ended()]

    def _tell(self, kind: Kind, why: str) -> None:
        self.unusable[kind.preload] = why
        log.warning("no warm starts for what imports %s: %s", ", ".join(kind.preload), why)


def root_of(scratch: Path) -> Path:
    """Return the folder that holds the scratch folders of all calls, given that of one."""
    return scratch.parents[1]


def _can_begin_warm(
    command: Sequence[str], policy: Policy, inputs: Mapping[str, Path], preload: Sequence[str]
) -> bool:
    """Tell whether a call is a Python program with imports known before, no network, and small inputs."""
    if not preload or not policy.python or policy.domains or len(inputs) > MOST_INPUTS:
        return False
    if tuple(command[:2]) != (sys.executable, "-m") or len(command) < MODULE_AT + 1:
        return False
    given = [path for path in inputs.values() if path.is_file()]
    return len(given) == len(inputs) and sum(path.stat().st_size for path in given) <= LARGEST_INPUTS_BYTES
