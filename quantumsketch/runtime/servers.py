"""What each embedded server is: its command, when it is ready, how it ends. Knows not who keeps it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from quantumsketch.runtime import binaries
from quantumsketch.runtime.places import Places

LOOPBACK = "127.0.0.1"
DATABASE = "quantumsketch"
"""Name of the database, and of the role that owns it."""


@dataclass(frozen=True)
class Step:
    """One command of a server's preparation, and what it reads."""

    command: Sequence[str]
    stdin: bytes = b""


class Server(Protocol):
    """One embedded server."""

    name: str
    folder: Path
    """Its working directory."""

    def preparation(self) -> Sequence[Step]:
        """What to run, one step after the other, before the first start; nothing later."""

    def before_start(self) -> None:
        """Put the files in order that a preparation made, or that a crash left."""

    def command(self) -> Sequence[str]:
        """The argument vector of a new start."""

    async def is_ready(self) -> bool:
        """Whether it answers a real question. Raises OSError or EOFError if there is nobody to ask."""

    def stop(self, process: asyncio.subprocess.Process) -> None:
        """Have it end, soon and without losing anything that it has confirmed."""

    def endpoints(self) -> Mapping[str, str]:
        """Where clients find it."""


class Temporal:
    """Temporal's dev server, its database in a file so that runs outlive it."""

    name = "temporal"

    def __init__(self, places: Places) -> None:
        self.folder = places.temporal
        self._started = False
        self._ports = free_ports(3)

    def preparation(self) -> Sequence[Step]:
        return []

    def before_start(self) -> None:
        pass

    def command(self) -> Sequence[str]:
        if not self._started:  # once clients know the ports, a restart keeps them
            self._ports = free_ports(3)
        frontend, http, page = map(str, self._ports)
        return [
            str(binaries.temporal()), "server", "start-dev", "--disable-config-file", "--disable-config-env",
            "--ip", LOOPBACK, "--port", frontend, "--http-port", http, "--ui-port", page,
            "--ui-disable-news-fetch", "--db-filename", "temporal.db", "--log-level", "error",
        ]  # fmt: skip

    async def is_ready(self) -> bool:
        reader, writer = await asyncio.open_connection(LOOPBACK, self._ports[1])
        try:
            writer.write(b"GET /api/v1/namespaces/default HTTP/1.0\r\n\r\n")
            self._started = b" 200 " in await reader.readline()
        finally:
            writer.close()
        return self._started

    def stop(self, process: asyncio.subprocess.Process) -> None:
        """Kill it: its file keeps what was committed, and its own way out takes 1.7 s of waiting."""
        process.kill()

    def endpoints(self) -> Mapping[str, str]:
        return {
            "temporal_address": f"{LOOPBACK}:{self._ports[0]}",
            "temporal_ui": f"http://{LOOPBACK}:{self._ports[2]}",
        }


class Postgres:
    """Postgres with pgvector on a Unix socket in a private folder: whoever may enter it is trusted."""

    name = "postgres"
    _port = 5432
    # Only the buffers that a database fills take memory; whatever does not fit makes walks half as fast.
    _options: Mapping[str, str | int] = {
        "listen_addresses": "", "port": _port, "max_connections": 60, "shared_buffers": "512MB",
        "work_mem": "16MB", "jit": "off", "io_method": "sync", "unix_socket_permissions": "0700",
    }  # fmt: skip

    def __init__(self, places: Places) -> None:
        self.folder = places.home
        self._data = places.postgres
        self._unfinished = places.postgres.with_name("postgres.unfinished")
        self._pid_file = places.postgres / "postmaster.pid"
        self._socket = places.sockets / f".s.PGSQL.{self._port}"
        self._started = False

    def preparation(self) -> Sequence[Step]:
        if self._data.exists():
            return []
        shutil.rmtree(self._unfinished, ignore_errors=True)  # a preparation that was killed
        data, shown = str(self._unfinished), as_postgres_wants()
        create = f"CREATE DATABASE {DATABASE};\n".encode()
        initdb, postgres = str(binaries.postgres("initdb")), str(binaries.postgres("postgres"))
        return [
            Step([*shown, initdb, "--pgdata", data, "--username", DATABASE, "--encoding=UTF8", "--locale=C",
                  "--auth=trust", "--no-instructions"]),
            Step([*shown, postgres, "--single", "-c", "exit_on_error=true", "-D", data, "postgres"], create),
        ]  # fmt: skip

    def before_start(self) -> None:
        if not self._data.exists():
            self._unfinished.rename(self._data)
        for left in (self._pid_file, self._socket.with_name(f"{self._socket.name}.lock")):
            # Before our first start no server of this home lives, or it would hold the home's lock: whatever
            # has that pid is somebody else's. Later it may be ours, unless it is dead and not reaped.
            if not self._started or _is_zombie(_first_number(left)):
                left.unlink(missing_ok=True)
        self._started = True

    def command(self) -> Sequence[str]:
        folder = '"' + str(self._socket.parent).replace('"', '""') + '"'
        options = {**self._options, "unix_socket_directories": folder}
        given = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [*as_postgres_wants(), str(binaries.postgres("postgres")), "-D", str(self._data), *given]

    async def is_ready(self) -> bool:
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(_startup_message())
            kind = b""
            while kind not in (b"Z", b"E"):  # ready for a query, or an error such as "is starting up"
                kind, length = struct.unpack("!ci", await reader.readexactly(5))
                await reader.readexactly(length - 4)
        finally:
            writer.close()
        return kind == b"Z"

    def stop(self, process: asyncio.subprocess.Process) -> None:
        """Shut down fast: its own pid gets the signal, because a bubblewrap around it passes none on."""
        os.kill(_first_number(self._pid_file) or process.pid, signal.SIGINT)

    def endpoints(self) -> Mapping[str, str]:
        host = quote(str(self._socket.parent), safe="")
        return {"database_url": f"postgresql://{DATABASE}@/{DATABASE}?host={host}&port={self._port}"}


def free_ports(count: int) -> tuple[int, ...]:
    """Different TCP ports of the loopback interface that nobody listens on right now."""
    sockets = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    try:
        return tuple(taken.getsockname()[1] for taken in sockets)
    finally:
        for taken in sockets:
            taken.close()


def as_postgres_wants() -> list[str]:
    """Postgres refuses to run as root: show it another uid. Its files stay root's, and no mode changes."""
    if os.geteuid() != 0:
        return []
    return [
        "bwrap",
        "--unshare-user",
        "--uid",
        "1",
        "--gid",
        "1",
        "--dev-bind",
        "/",
        "/",
        "--die-with-parent",
        "--",
    ]


def _first_number(file: Path) -> int | None:
    """The pid that a server wrote at the top of its lock file, None if there is none."""
    try:
        return int(file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _is_zombie(pid: int | None) -> bool:
    """Whether the process has ended and its parent has not asked how: Postgres would take it for alive."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "Z"


def _startup_message() -> bytes:
    words = b"user\0" + DATABASE.encode() + b"\0database\0" + DATABASE.encode() + b"\0\0"
    return struct.pack("!ii", len(words) + 8, 3 << 16) + words
