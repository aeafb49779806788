"""Runs inside the sandbox: lets programs that know only TCP reach the proxy, then becomes the command.

    python -I -S relay.py DESCRIPTOR,DESCRIPTOR,… PORT COMMAND…

Standard library only. It is under the same system-call filter and the same limits as the payload. The
descriptors are its connections to the proxy (see `gate`). The command inherits none of them, and nobody can
get at another process's. It listens before the command starts. A payload that kills it has no network, that
is all. It is no child of the command, so that one that waits for all its children does not wait for it.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress

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
        """End both for everybody: the first process of the sandbox still holds a copy of the proxy's."""
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def inherited(descriptors: str) -> list[socket.socket]:
    """Return the connections to the proxy, under low numbers (for `select`) and not inherited further."""
    connections = []
    for number in map(int, descriptors.split(",")):
        try:
            connections.append(socket.socket(fileno=os.dup(number)))
        except OSError as error:
            sys.exit(f"the connections to the proxy cannot be had: {error.strerror}")
        os.close(number)
        connections[-1].setblocking(False)
    return connections


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
            os.close(nothing)
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
    descriptors, port, *command = sys.argv[1:]
    to_proxy = inherited(descriptors)
    detach(socket.create_server(("127.0.0.1", int(port)), backlog=MOST_AT_ONCE), to_proxy)
    become(command)
