"""The bubblewrap command line of one call: isolation, environment, and the limits the kernel keeps.

Pure: starts nothing and opens nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from quantumsketch.tools.sandbox import mounts
from quantumsketch.tools.sandbox.egress.inside import NO_WAY_OUT, Inside
from quantumsketch.tools.tool import SCRATCH, Limits, Policy

SEPARATION = (
    *("--unshare-all", "--unshare-user"),
    *("--uid", "1000", "--gid", "1000", "--hostname", "sandbox"),
    *("--cap-drop", "ALL"),
    *("--new-session", "--die-with-parent"),
    # PID 1 is our own `timeout`: when it ends, the kernel ends all others, and only then bubblewrap ends
    "--as-pid-1",
)
# `--unshare-all` only tries the user namespace; `--disable-userns` insists on it
ISOLATION = (*SEPARATION, "--disable-userns")
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": str(SCRATCH),
    "TMPDIR": str(SCRATCH),
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "TEXMFHOME": str(SCRATCH / ".texmf"),
    "TEXMFVAR": str(SCRATCH / ".texmf-var"),
    "TEXMFCONFIG": str(SCRATCH / ".texmf-config"),
    "XDG_CACHE_HOME": str(SCRATCH / ".cache"),
    # calls share the processors; and the sums of a picture must not depend on how many there are
    "OPENBLAS_NUM_THREADS": "1",
}
TIMEOUT_GRACE_S = 1
THREADS_PER_PROCESS = 8
MOST_PENDING_SIGNALS = 1024
CORE, MOST_CORE_BYTES = "core", 1
"""Not 0: that a kernel which pipes cores to a program of the host's does not take for a "no"."""
TIMEOUT, YIELD, SET_LIMITS = "/usr/bin/timeout", "/usr/bin/nice", "/usr/bin/prlimit"
NICENESS = 10  # so that even a thousand busy processes leave the watcher its turn: 0.6 s to stop them, not 6


def isolation(
    policy: Policy,
    scratch: Path,
    inputs: Mapping[str, Path],
    *,
    proc: bool = True,
    way_out: Inside = NO_WAY_OUT,
) -> list[str]:
    """Return bubblewrap's arguments up to the command; ValueError if an input is none."""
    variables = ENVIRONMENT | dict(way_out.environment)
    environment = [part for item in variables.items() for part in ("--setenv", *item)]
    shown = mounts.arguments(policy, scratch, inputs, proc=proc, more=way_out.mounts)
    return [*ISOLATION, "--clearenv", *environment, *shown]


def limited(command: Sequence[str], limits: Limits) -> list[str]:
    """Return the command under the kernel's own limits: a second clock and what one process may use.

    Our own clock and watcher strike first. These also hold while the launching process is stopped or busy.
    The guard comes before all this, and becomes it.
    """
    clock = [TIMEOUT, "--signal=KILL", str(second_clock_s(limits))]
    # behind the filter nobody changes the limit on cores any more: Bubblewrapped sets it
    settable = {name: most for name, most in ceilings(limits).items() if name != CORE}
    ceiling_options = [f"--{name}={most}:{most}" for name, most in settable.items()]
    return [*clock, YIELD, "-n", str(NICENESS), SET_LIMITS, *ceiling_options, "--", *command]


def second_clock_s(limits: Limits) -> int:
    """Return the seconds after which the clock inside ends a call: a little more than it may take."""
    return math.ceil(limits.wall_s) + TIMEOUT_GRACE_S


def ceilings(limits: Limits) -> dict[str, int]:
    """Return what one process may use, by prlimit's names for it."""
    return {
        CORE: MOST_CORE_BYTES,
        # these are counted for each user, and the payload's is ours
        "sigpending": MOST_PENDING_SIGNALS,
        "msgqueue": 0,
        "cpu": math.ceil(limits.cpu_s),
        "nofile": limits.open_files,
        "fsize": limits.scratch_bytes,
        "data": most_memory_bytes(limits),
        # counted within the sandbox's own user namespace; has no effect when root runs us (see control_group)
        "nproc": most_threads(limits),
    }


def most_threads(limits: Limits) -> int:
    """Return how many threads a call may have in all its processes."""
    return limits.processes * THREADS_PER_PROCESS


def most_memory_bytes(limits: Limits) -> int:
    """Return the kernel's ceiling: above the limit, so that the watcher ends the call, and tells why."""
    return limits.memory_bytes * 3 // 2
