"""Runs inside the sandbox: lets programs that know only TCP reach the proxy's Unix socket, then the command.

    python -I -S relay.py SOCKET PORT -- COMMAND…

Standard library only. It is under the same system-call filter and the same limits as the payload, and no part
of any wall: a payload that kills it, or speaks to the socket itself, gains nothing. It listens before the
command starts, and is no child of it, so that a command that waits for all its children does not wait for it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress

MOST_CONNECTIONS = 32
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


def relay(listener: socket.socket, path: str) -> None:
    """Relay connections for ever."""
    connections: list[Connection] = []
    while True:
        flows = [flow for connection in connections for flow in connection.flows]
        reading = {flow.source: flow for flow in flows if not flow.waiting and not flow.ended}
        writing = {flow.sink: flow for flow in flows if flow.waiting}
        accepting = [listener] if len(connections) < MOST_CONNECTIONS else []
        readable, writable, _ = select.select([*accepting, *reading], list(writing), [])
        for end in writable:
            writing[end].send()
        for end in readable:
            if end is listener:
                connections += accepted(listener, path)
            else:
                reading[end].receive()
        for connection in [each for each in connections if each.over()]:
            connection.close()
            connections.remove(connection)


def accepted(listener: socket.socket, path: str) -> list[Connection]:
    """Accept a connection and pair it with one to the proxy; none if either cannot be had."""
    try:
        program, _ = listener.accept()
    except OSError:
        time.sleep(PAUSE_S)  # no descriptor is left, perhaps for a while
        return []
    try:
        proxy = socket.socket(socket.AF_UNIX)
        proxy.connect(path)
    except OSError:
        program.close()  # the proxy takes no more
        return []
    for end in (program, proxy):
        end.setblocking(False)
    return [Connection(program, proxy)]


def detach(listener: socket.socket, path: str) -> None:
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
            relay(listener, path)
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
    path, port = sys.argv[1:3]
    detach(socket.create_server(("127.0.0.1", int(port)), backlog=MOST_CONNECTIONS), path)
    become(sys.argv[4:])
