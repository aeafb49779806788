"""Where the embedded servers keep and meet what: files below one home, sockets in a short private folder.

Standard library only: the supervisor must start at once.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

LONGEST_SOCKET_PATH = 90
"""Bytes that are safe on every system for the path of a Unix socket, Postgres's own lock file included."""


LONGEST_LOG = 5 * 2**20
"""Bytes after which a log is put aside, replacing the one put aside before."""


@dataclass(frozen=True)
class Places:
    """The folders and files of the embedded servers of one home."""

    home: Path

    @property
    def sockets(self) -> Path:
        """The folder of the sockets, private to this user; the same for every process with this home."""
        inside = self.home / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:16]
        return Path("/tmp") / f"quantumsketch-{os.geteuid()}-{name}"  # noqa: S108  (`check_sockets`)

    @property
    def leases(self) -> Path:
        """The socket on which a client holds its lease."""
        return self.sockets / "leases.sock"

    @property
    def lock(self) -> Path:
        """Held by the supervisor and its servers for as long as any of them lives."""
        return self.home / "servers.lock"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def temporal(self) -> Path:
        return self.home / "temporal"

    def log(self, name: str) -> Path:
        """The file that the server called `name` prints to."""
        return self.logs / f"{name}.log"

    def prepare(self) -> None:
        """Make the folders, private to this user. Raises OSError; PermissionError if a folder is not ours."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.logs, self.temporal, self.sockets):
            folder.mkdir(exist_ok=True, mode=0o700)
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LONGEST_LOG:
                log.replace(log.with_suffix(".old"))
        self.check_sockets()

    def check_sockets(self) -> None:
        """Raise PermissionError if the folder of the sockets is open to others, OSError if there is none."""
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PermissionError(f"{self.sockets} is not a folder private to this user")


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log, for a message; empty if there is none."""
    try:
        return "\n".join(log.read_text(errors="replace").strip().splitlines()[-count:])
    except OSError:
        return ""
