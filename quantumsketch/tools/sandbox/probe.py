"""Runs inside the sandbox: tries what must not work, and prints what happened as one JSON object.

Standard library only, and no judgement: what is good or bad is the doctor's business.
Arguments: the port of a listener on the host's loopback, then paths that must not be visible.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

NEW_USER_NAMESPACE = 0x10000000
STATUS_FIELDS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")


def findings(port: int, hidden: list[str]) -> dict[str, object]:
    """Return what could be reached, seen, written and done."""
    status = dict(line.split(":\t", 1) for line in _read("/proc/self/status").splitlines())
    return {
        "reached": _reaches(port),
        "seen": [path for path in hidden if os.path.lexists(path)],
        "variables": sorted({entry.partition("=")[0] for pid in _pids() for entry in _environment(pid)}),
        "written": [folder for folder in _folders() if _writes(folder)],
        "settings": [file for file in kernel_files() if opens_for_writing(file)],
        "status": {name: status[name].strip() for name in STATUS_FIELDS},
        "nested": ctypes.CDLL(None).unshare(NEW_USER_NAMESPACE) == 0,
    }


def _reaches(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _pids() -> list[str]:
    return [place.name for place in Path("/proc").iterdir() if place.name.isdigit()]


def _environment(pid: str) -> list[str]:
    return [entry for entry in _read(f"/proc/{pid}/environ").split("\0") if entry]


def _read(path: str) -> str:
    return Path(path).read_text(errors="replace")


def _folders() -> list[str]:
    """Give every mounted folder except scratch and the memory that processes share."""
    places = [line.split()[4] for line in _read("/proc/self/mountinfo").splitlines()]
    meant = ("/scratch", "/dev/shm")  # noqa: S108  (inside, not the host's)
    return [place for place in places if place not in meant and Path(place).is_dir()]


def _writes(folder: str) -> bool:
    file = Path(folder, "written-by-probe")
    try:
        file.touch()
        file.unlink()
    except OSError:
        return False
    return True


def kernel_files() -> Iterator[str]:
    """Give every file of /proc that is the kernel's and no process's: its settings, and what steers it."""
    for place, folders, files in os.walk("/proc"):
        if place == "/proc":
            folders[:] = [name for name in folders if not name.isdigit()]
        yield from (os.path.join(place, name) for name in files)  # noqa: PTH118  (more than a thousand)


def opens_for_writing(file: str) -> bool:
    """Open a file for writing, write nothing, and return whether that was possible."""
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(findings(int(sys.argv[1]), sys.argv[2:])))
