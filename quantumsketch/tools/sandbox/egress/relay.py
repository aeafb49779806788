"""Runs inside the sandbox: lets programs that know only TCP reach the proxy's Unix socket, then the command.

    python -I -S relay.py SOCKET CONNECTIONS PORT COMMAND…

Standard library only. It is under the same system-call filter and the same limits as the payload. It makes
all its connections to the proxy, and listens, before the command starts; afterwards nobody else can connect
there (see `gate`) or get at its descriptors. A payload that kills it has no network, that is all. It is no
child of the command, so that one that waits for all its children does not wait for it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress

READY = b"."
"""What the proxy says on the last connection when it has them all and takes no more."""
MOST_AT_ONCE = 32
CHUNK_BYTES = 2**16
PAUSE_S = 0.05
NO_SUCH_COMMAND, CANNOT_RUN = 127, 126


class Flow:
    """One direction of a connection; holds at most one chunk that the other side has not taken yet."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source, self.sink = source, sink
        self.waiting = b""
        self.ended = False

    def receive(self) -> None:
        """Take what has come; at the end tell the sink."""
        try:
            self.waiting = self.source.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self.waiting = b""  # it broke off
        if not self.waiting:
            self.ended = True
            with suppress(OSError):
                self.sink.shutdown(socket.SHUT_WR)

    def send(self) -> None:
        """Hand on as much as the sink takes."""
        try:
            self.waiting = self.waiting[self.sink.send(self.waiting) :]
        except BlockingIOError:
            return
        except OSError:
            self.waiting, self.ended = b"", True


class Connection:
    """A program's connection and the one to the proxy. It is over when the proxy has nothing more to say."""

    def __init__(self, program: socket.socket, proxy: socket.socket) -> None:
        self.ends = (program, proxy)
        self.flows = (Flow(program, proxy), Flow(proxy, program))

    def over(self) -> bool:
        return self.flows[1].ended

    def close(self) -> None:
        for end in self.ends:
            end.close()


def connected(path: str, count: int) -> list[socket.socket]:
    """Make all connections to the proxy; leave the program if it does not take them all."""
    made = []
    try:
        for _ in range(count):
            made.append(socket.socket(socket.AF_UNIX))
            made[-1].connect(path)
        ready = made[-1].recv(len(READY)) == READY
    except OSError as error:
        sys.exit(f"{count} connections to the proxy cannot be had: {error.strerror}")
    if not ready:
        sys.exit("the proxy does not take the connections")
    for each in made:
        each.setblocking(False)
    return made


def relay(listener: socket.socket, unused: list[socket.socket]) -> None:
    """Relay connections, as many as there are unused ones to the proxy, for ever."""
    connections: list[Connection] = []
    while True:
        flows = [flow for connection in connections for flow in connection.flows]
        reading = {flow.source: flow for flow in flows if not flow.waiting and not flow.ended}
        writing = {flow.sink: flow for flow in flows if flow.waiting}
        accepting = [listener] if unused and len(connections) < MOST_AT_ONCE else []
        readable, writable, _ = select.select([*accepting, *reading], list(writing), [])
        for end in writable:
            writing[end].send()
        for end in readable:
            if end is listener:
                connections += accepted(listener, unused)
            else:
                reading[end].receive()
        for connection in [each for each in connections if each.over()]:
            connection.close()
            connections.remove(connection)
        if not unused:
            listener.close()  # who comes now is told so at once


def accepted(listener: socket.socket, unused: list[socket.socket]) -> list[Connection]:
    """Accept a connection and pair it with one to the proxy; none if there is no descriptor left for it."""
    try:
        program, _ = listener.accept()
    except OSError:
        time.sleep(PAUSE_S)
        return []
    program.setblocking(False)
    return [Connection(program, unused.pop(0))]


def detach(listener: socket.socket, unused: list[socket.socket]) -> None:
    """Relay in a process of its own that belongs to nobody, with nothing of the payload's open."""
    if child := os.fork():
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            nothing = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(nothing, standard)
            relay(listener, unused)
    finally:
        os._exit(0)


def become(command: list[str]) -> None:
    """Turn into the command, with the signals as they were before Python changed them."""
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606  (inside; the command is the payload)
    except OSError as error:
        sys.stderr.write(f"{command[0]!r} cannot be run: {error.strerror}\n")
        sys.exit(NO_SUCH_COMMAND if isinstance(error, FileNotFoundError) else CANNOT_RUN)


if __name__ == "__main__":
    path, count, port, *command = sys.argv[1:]
    to_proxy = connected(path, int(count))
    detach(socket.create_server(("127.0.0.1", int(port)), backlog=MOST_AT_ONCE), to_proxy)
    become(command)  # its end of every connection is closed by that
