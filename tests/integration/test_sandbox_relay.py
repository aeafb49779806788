"""What the relay inside changes for a payload: nothing but that it finds the proxy."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from quantumsketch.tools.sandbox.egress.inside import ENVIRONMENT
from quantumsketch.tools.tool import Ended
from tests.outside_world import ECHO_PORT, GREETING, LISTED, SILENT_PORT, World
from tests.proxy_calls import UNLISTED, call, printed, script
from tests.sandbox_calls import QUICK, Command, alive, outside, run, shell

OPEN_TUNNEL = f"""
import socket
tunnel = socket.create_connection(("127.0.0.1", 3128), 8)
tunnel.sendall(b"CONNECT {LISTED}:{SILENT_PORT} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
assert tunnel.recv(100).startswith(b"HTTP/1.1 200 ")
"""


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World().opened() as world:
        yield world


@pytest.mark.parametrize(
    ("command", "exit_code", "ended"),
    [
        ("exit 0", 0, Ended.OK),
        ("exit 7", 7, Ended.ERROR),
        ("kill -SEGV $$", 128 + signal.SIGSEGV, Ended.KILLED),
        ("exec /no/such/program", 127, Ended.ERROR),
    ],
)
async def test_a_command_ends_as_it_would_without_a_relay(
    tmp_path: Path, world: World, command: str, exit_code: int, ended: Ended
) -> None:
    for reply in (await call(tmp_path, world, shell(command)), await run(tmp_path, shell(command))):
        assert (reply.ending.exit_code, reply.ending.ended) == (exit_code, ended)


@pytest.mark.parametrize(("program", "exit_code"), [("/no/such/program", 127), ("/etc/fonts", 126)])
async def test_a_command_that_cannot_be_run_says_so(
    tmp_path: Path, world: World, program: str, exit_code: int
) -> None:
    ending = (await call(tmp_path, world, Command(arguments=[program]))).ending
    assert (ending.ended, ending.exit_code) == (Ended.ERROR, exit_code)
    assert repr(program).encode() in ending.stderr


async def test_where_the_connections_cannot_be_had_nothing_starts(tmp_path: Path, world: World) -> None:
    ending = (await call(tmp_path, world, shell("echo started"), replace(QUICK, open_files=20))).ending
    assert (ending.ended, ending.stdout) == (Ended.ERROR, b"")
    assert ending.last_line == "the connections to the proxy cannot be had: Too many open files"


SELF = """
import json, os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status"))
try: children = os.waitpid(-1, os.WNOHANG)
except ChildProcessError: children = None
print(json.dumps({
    "signals": [status[name].strip() for name in ("SigBlk", "SigIgn")],
    "files": sorted(os.listdir("/proc/self/fd")),
    "session": os.getsid(0) - os.getpid(),
    "children": children,
    "places": sorted(os.listdir("/scratch")),
    "variables": sorted(os.environ),
}))
"""


async def test_a_payload_has_the_signals_files_and_children_it_would_have_without(
    tmp_path: Path, world: World
) -> None:
    with_relay = json.loads(printed(await call(tmp_path, world, script(SELF))))
    without = json.loads(printed(await run(tmp_path, script(SELF))))
    assert set(with_relay.pop("variables")) - set(without.pop("variables")) == set(ENVIRONMENT)
    assert with_relay == without
    assert with_relay["children"] is None


async def test_of_the_way_out_one_file_is_seen_that_cannot_be_changed(tmp_path: Path, world: World) -> None:
    change = "rm $each || mv $each $each.old; chmod 0 $each"
    tries = f"ls /run /run/egress; for each in /run/egress/*; do {change}; done"
    reply = await call(tmp_path, world, shell(f"{tries}; echo >/run/egress/new; ls /run/egress"))
    seen = reply.ending.stdout.decode().split()
    assert seen == ["/run:", "egress", "/run/egress:", "relay.py", "relay.py"]
    assert reply.ending.stderr.count(b"Read-only file system") == 3  # and modes cannot be changed at all
    assert b"cannot access" in (await run(tmp_path, shell("ls /run/egress"))).ending.stderr


PASS_A_LINGERING_SOCKET = """
import array, glob, os, socket, struct, time
listener = socket.create_server(("127.0.0.1", 0))
lingers, peer = socket.create_connection(listener.getsockname()), listener.accept()[0]
lingers.setblocking(False)
try:
    while lingers.send(bytes(2**16)): pass
except BlockingIOError: pass
lingers.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 1))
here, there = socket.socketpair()
for shared in (here, *OF_OTHERS):
    shared.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [lingers.fileno()]))])
lingers.close()
started = time.monotonic()
there.recv(1)
print(time.monotonic() - started)
"""
OF_OTHERS = """
import os, socket
def opened(place):
    try: return [socket.socket(fileno=os.open(place, os.O_RDWR))]
    except OSError as error: refused.append(error.strerror)
    return []
others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
refused, folders = [], [f"/proc/{pid}/fd" for pid in others]
places = [f"{folder}/{fd}" for folder in folders for fd in os.listdir(folder) if int(fd) > 2]
found = [each for place in places for each in opened(place)]
own = [fd for fd in os.listdir("/proc/self/fd") if int(fd) > 3]
try: made = socket.socket(socket.AF_UNIX)
except OSError as error: made = error.strerror
print(len(found), own, made, len(refused) > 30, set(refused))
"""


async def test_a_payload_cannot_pass_the_proxy_a_file_whose_closing_would_stop_it(
    tmp_path: Path, world: World
) -> None:
    harmful = PASS_A_LINGERING_SOCKET.replace("*OF_OTHERS", "")
    assert float(outside(*script(harmful).arguments)) > 0.9
    found = printed(await call(tmp_path, world, script(OF_OTHERS)))
    assert found == "0 [] Address family not supported by protocol True {'No such device or address'}"


RELAY_STATUS = """
import glob
for place in glob.glob("/proc/[0-9]*"):
    if b"/run/egress/relay.py" in open(place + "/cmdline", "rb").read().split(b"\\0")[3:4]:
        print("".join(line for line in open(place + "/status")
                      if line.split(":")[0] in ("NoNewPrivs", "Seccomp", "CapEff", "CapBnd", "PPid")))
"""


async def test_the_relay_is_behind_the_same_walls_as_the_payload(tmp_path: Path, world: World) -> None:
    status = printed(await call(tmp_path, world, script(RELAY_STATUS))).split()
    nothing = "0" * 16
    assert status == [
        "PPid:",
        "1",
        "CapEff:",
        nothing,
        "CapBnd:",
        nothing,
        "NoNewPrivs:",
        "1",
        "Seccomp:",
        "2",
    ]


KILL_ALL_OTHERS = """
import os, socket, time
for pid in set(range(2, 50)) - {os.getpid()}:
    try: os.kill(pid, 9)
    except OSError: pass
time.sleep(.2)
print(socket.socket().connect_ex(("127.0.0.1", 3128)))
"""


async def test_a_payload_that_kills_the_relay_loses_its_network_and_nothing_else(
    tmp_path: Path, world: World
) -> None:
    assert printed(await call(tmp_path, world, script(KILL_ALL_OTHERS))) == "111"


async def test_a_call_ends_with_its_command_however_busy_the_relay_is(tmp_path: Path, world: World) -> None:
    mark = uuid4().hex
    assert printed(await call(tmp_path, world, script(f"{OPEN_TUNNEL}print('done')", mark))) == "done"
    assert alive(mark) == []


async def test_after_a_cancelled_call_no_task_no_socket_and_no_folder_is_left(
    tmp_path: Path, world: World
) -> None:
    mark, tasks = uuid4().hex, asyncio.all_tasks()
    waits = script(f"{OPEN_TUNNEL}import time; time.sleep(60)", mark)
    running = asyncio.create_task(call(tmp_path, world, waits))
    await asyncio.wait_for(world.reached.wait(), 20)
    assert len(alive(mark)) >= 3  # the first process, the relay, the payload
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert alive(mark) == []
    assert files_below(tmp_path / "scratch") == []
    await world.idle()
    assert asyncio.all_tasks() == tasks


def files_below(folder: Path, name: str = "*") -> list[Path]:
    return list(folder.rglob(name))


CONNECT = """
import socket, sys
connection = socket.create_connection(("127.0.0.1", 3128), 8)
connection.sendall(("CONNECT %s:%s HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n" % tuple(sys.argv[1:])).encode())
print(connection.recv(12).decode()[-3:])
"""


async def test_calls_at_the_same_time_have_each_their_own_way_out(tmp_path: Path, world: World) -> None:
    to_listed, to_other = (script(CONNECT, name, str(ECHO_PORT)) for name in (LISTED, UNLISTED))
    mine, theirs = (f"{LISTED}:{ECHO_PORT}",), (f"{UNLISTED}:{ECHO_PORT}",)
    for name in "abcd":
        (tmp_path / name).mkdir()
    replies = await asyncio.gather(
        call(tmp_path / "a", world, to_listed, domains=mine),
        call(tmp_path / "b", world, to_listed, domains=theirs),
        call(tmp_path / "c", world, to_other, domains=mine),
        call(tmp_path / "d", world, to_other, domains=theirs),
    )
    assert [printed(reply) for reply in replies] == ["200", "403", "403", "200"]
    assert [len(reply.ending.refused) for reply in replies] == [0, 1, 1, 0]


async def test_a_tool_without_domains_has_no_way_out_at_all(tmp_path: Path) -> None:
    reply = await run(tmp_path, shell("env | grep -i proxy; ls -d /run"))
    assert b"cannot access '/run'" in reply.ending.stderr
    assert reply.ending.stdout == b""
    assert GREETING not in reply.ending.stdout
