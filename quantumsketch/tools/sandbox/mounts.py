"""What of the host's files is visible inside, as bubblewrap arguments. Knows nothing of processes.

An allow-list: what is not named here does not exist inside. Everything keeps its own path and is read-only,
except the scratch folder.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from quantumsketch.tools.places import refuse_wide
from quantumsketch.tools.tool import INPUTS, SCRATCH, Policy

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Programs and libraries; on most systems all but the first are links into it."""
SETTINGS = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/certs",
    "/etc/texmf",
)
CACHES = ("/var/cache/fontconfig", "/var/lib/texmf")
OWN_PACKAGES = ("quantumsketch", "renderers")
SHARED_MEMORY_BYTES = 64 * 2**20
MASKED = (
    *("cmdline", "iomem", "ioports", "kallsyms", "kcore", "key-users", "keys", "kmsg", "kpagecgroup"),
    *("kpagecount", "kpageflags", "latency_stats", "pagetypeinfo", "sched_debug", "slabinfo", "timer_list"),
    *("timer_stats", "vmallocinfo"),
)
"""Files of /proc that tell of the whole machine: its keys, timers, memory, how it was booted. Where root
starts us, the kernel takes the payload for root and shows it those too that only root may read."""


def arguments(
    policy: Policy, scratch: Path, inputs: Mapping[str, Path], *, proc: bool, more: Sequence[str] = ()
) -> list[str]:
    """Return the mount arguments of one call, `more` among them; ValueError if an input has no plain name."""
    parts = [*read_only(policy), *more]
    for name, path in inputs.items():
        parts += ["--ro-bind", str(path.resolve(strict=True)), str(INPUTS / plain(name))]
    parts += ["--bind", str(scratch), str(SCRATCH), *(_processes() if proc else ()), "--dev", "/dev"]
    parts += ["--size", str(SHARED_MEMORY_BYTES), "--tmpfs", "/dev/shm"]  # noqa: S108  (inside, not the host's)
    # no terminals can be made: the machine has few, nobody counts their buffers, and they bring old drivers
    parts += ["--tmpfs", "/dev/pts"]
    # Must come last: bubblewrap leaves its own root, /dev and /proc writable. The last matters most: where
    # root starts us, the kernel takes the payload for root and lets it write its settings (/proc/sys).
    closed = [
        part
        for place in (*(["/proc"] if proc else []), "/dev/pts", "/dev", "/")
        for part in ("--remount-ro", place)
    ]
    return [*parts, *closed, "--chdir", str(SCRATCH)]


def read_only(policy: Policy) -> list[str]:
    """Return the mount arguments of everything that a policy shows: the system's files and its own."""
    return [*_system(), *(part for path in visible(policy) for part in _read_only(path))]


def _processes() -> Iterator[str]:
    yield from ("--proc", "/proc")
    for name in MASKED:
        if Path("/proc", name).exists():
            # a device where none may be used: it cannot even be opened
            yield from ("--ro-bind", "/dev/null", f"/proc/{name}")


def visible(policy: Policy) -> list[Path]:
    """Return the host's files and folders that a policy shows beside the system's, outer folders first."""
    return [*_python_folders(policy), *policy.readable]


def _system() -> Iterator[str]:
    for name in SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.is_dir():
            yield from _read_only(path)
    for name in (*SETTINGS, *CACHES):
        if Path(name).exists():
            yield from _read_only(Path(name))


def _python_folders(policy: Policy) -> Iterator[Path]:
    """Give the environment, the interpreter behind it (often a link into someone's home) and our packages."""
    if not policy.python:
        return
    folders = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve(), *own_packages()}
    # outer folders first, or they would hide those mounted in them
    for folder in sorted(folders):
        if not folder.is_relative_to("/usr"):
            refuse_wide(folder)
            yield folder


def own_packages() -> list[Path]:
    """Return the folders of this project's own packages."""
    specs = map(find_spec, OWN_PACKAGES)
    return [Path(place) for spec in specs if spec for place in spec.submodule_search_locations or ()]


def plain(name: str) -> str:
    """Return the name of an input or output if it is one; else ValueError."""
    if name in {"", ".", ".."} or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is no plain file name for an input")
    return name


def _read_only(path: Path) -> tuple[str, str, str]:
    return ("--ro-bind", str(path), str(path))
