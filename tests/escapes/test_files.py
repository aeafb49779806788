"""Files: what the host has is neither read nor changed, whichever way is taken."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.escapes.case import Case, Harm, Kind
from tests.escapes.harms import changed, learnt, shows
from tests.escapes.probes import reads
from tests.escapes.settings import (
    handle_of_the_secret,
    open_folder,
    secret_at_home,
    secret_in_shared_memory,
    secret_of_another_call,
)
from tests.escapes.stage import Seen, Stage
from tests.escapes.users import User
from tests.escapes.ways import in_open_room, inside, outside

pytestmark = pytest.mark.slow
KIND = Kind.FILES
WRITABLE = {"/scratch", "/dev/shm"}
"""A call's own folders, which end with it."""
PROJECT = Path(__file__).parents[2]
ACCOUNTS = [Path("/etc/passwd"), Path("/etc/shadow"), Path("/etc/group")]
SOURCES = [PROJECT / name for name in ("pyproject.toml", "tests/conftest.py", "workflows/video.py")]


def has(kind: int) -> Harm:
    """The harm that a file with these bits of a mode lay in the probe's folder."""
    return lambda stage, seen: any(mode & kind == kind for mode in seen.modes.values())


async def in_hidden_alone(case: Case, stage: Stage) -> Seen:
    """Make the attempt outside, in one folder only: elsewhere it would succeed, too."""
    stage.facts["places"] = [str(stage.hidden)]
    return await outside(case, stage)


async def everywhere(case: Case, stage: Stage) -> Seen:
    """Make the attempt inside, in every folder."""
    stage.facts["places"] = []
    return await inside(case, stage)


def _device() -> list[int]:
    status = Path("/dev/full").stat()
    return [status.st_mode, status.st_mtime_ns]


@contextmanager
def device_put_right(stage: Stage) -> Iterator[None]:
    """A device that nobody misses for a moment; what was done to it is undone."""
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests that run beside this one have the same device
        before = Path("/dev/full").stat()
        stage.facts["device"] = _device()
        try:
            yield
        finally:
            if os.geteuid() == 0:
                Path("/dev/full").chmod(stat.S_IMODE(before.st_mode))
                os.utime("/dev/full", ns=(before.st_atime_ns, before.st_mtime_ns))


CASES = (
    Case(
        name="read a file by its path",
        probe=reads("[at.hidden + '/secret']"),
        harm=learnt,
    ),
    Case(
        name="read a file by climbing out of the folder",
        probe=reads("['../' * 30 + at.hidden + '/secret']"),
        harm=learnt,
    ),
    Case(
        name="read a file through a link planted in scratch",
        probe="os.symlink(at.hidden, 'link')"
        + reads("['link/secret', os.path.realpath('link') + '/secret']"),
        harm=learnt,
    ),
    Case(
        name="read a file through the root of any process",
        probe=reads("[f'{root}/{at.hidden}/secret' for root in glob.glob('/proc/[0-9]*/root')]"),
        harm=learnt,
    ),
    Case(
        name="read a file through a folder that some process has open",
        probe=reads("[*glob.glob('/proc/[0-9]*/fd/*/secret'), *glob.glob('/proc/[0-9]*/cwd/secret')]"),
        setting=open_folder,
        harm=learnt,
    ),
    Case(
        name="read what lies in the home folder",
        probe=reads("[f'{home}/.{at.token}' for home in [*at.homes, os.path.expanduser('~')]]"),
        setting=secret_at_home,
        harm=learnt,
    ),
    Case(
        name="read what lies in the host's shared memory",
        probe=reads("glob.glob('/dev/shm/*') + [f'/dev/shm/{at.token}']"),
        setting=secret_in_shared_memory,
        harm=learnt,
    ),
    Case(
        name="read the scratch folder of another call",
        probe=reads("[*glob.glob('../*/secret'), *glob.glob('../../*/secret')]"),
        setting=secret_of_another_call,
        harm=learnt,
    ),
    Case(
        name="read the accounts of the host",
        probe=reads(str([str(file) for file in ACCOUNTS])),
        harm=shows(ACCOUNTS),
    ),
    Case(
        name="read the project's own files",
        probe=reads(str([str(file) for file in SOURCES])),
        harm=shows(SOURCES),
    ),
    Case(
        name="read a file by a handle of its inode",
        probe="""
import ctypes
handle = (ctypes.c_char * 136).from_buffer_copy(bytes.fromhex(at.handle).ljust(136, b"\\0"))
anywhere = os.open(".", os.O_RDONLY)
file = ctypes.CDLL(None, use_errno=True).open_by_handle_at(anywhere, handle, os.O_RDONLY)
print(os.read(file, 100))
""",
        setting=handle_of_the_secret,
        harm=learnt,
        root_only="opening files by their handles",
    ),
    Case(
        name="write into an input",
        probe="open(at.given, 'w').write('changed')",
        harm=changed,
    ),
    Case(
        name="open an input again for writing, through its own descriptor",
        probe="""
file = os.open(at.given, os.O_RDONLY)
open(f"/proc/self/fd/{file}", "w").write("changed")
""",
        harm=changed,
    ),
    Case(
        name="replace an input",
        probe="open('mine', 'w').write('changed'); os.rename('mine', at.given)",
        harm=changed,
    ),
    Case(
        name="change an input's mode, times and attributes",
        probe="""
for change in (
    lambda: os.chmod(at.given, 0o777),
    lambda: os.utime(at.given, (1, 1)),
    lambda: os.setxattr(at.given, "user.changed", b"1"),
):
    try: change()
    except OSError as error: print(error)
""",
        harm=changed,
    ),
    Case(
        name="write into an input through a hard link in scratch",
        probe="os.link(at.given, 'mine'); open('mine', 'w').write('changed')",
        harm=changed,
    ),
    Case(
        name="make a file in a folder that may only be read",
        probe="open(at.readable + '/mine', 'w').write('changed')",
        harm=changed,
    ),
    Case(
        name="make a file in every folder that is mounted",
        probe="""
mounted = [line.split()[4] for line in open("/proc/self/mountinfo")]
for folder in at.places or mounted:
    try: open(os.path.join(folder, at.token), "w").close()
    except OSError as error: print(error)
""",
        control=in_hidden_alone,
        attack=everywhere,
        harm=lambda stage, seen: (
            changed(stage, seen)
            or {folder for process in seen.processes for folder in process.written} - WRITABLE
        ),
    ),
    Case(
        name="move a file into a folder that may only be read",
        probe="open('mine', 'w').close(); os.rename('mine', at.readable + '/mine')",
        harm=changed,
    ),
    Case(
        name="delete a file in a folder that may only be read",
        probe="os.unlink(at.readable + '/file')",
        harm=changed,
    ),
    Case(
        name="mount the folder that may only be read again, for writing",
        probe="""
import ctypes
remount, bind = 0x20, 0x1000
ctypes.CDLL(None).mount(None, at.readable.encode(), None, remount | bind, None)
open(at.readable + "/mine", "w").close()
""",
        control=in_open_room,
        harm=changed,
    ),
    Case(
        name="make a device",
        probe="import stat; os.mknod('null', 0o666 | stat.S_IFCHR, os.makedev(1, 3))",
        harm=has(stat.S_IFCHR),
        root_only="making devices",
    ),
    Case(
        name="change a device of the host",
        probe="""
for change in (lambda: os.chmod("/dev/full", 0o1666), lambda: os.utime("/dev/full", (1, 1))):
    try: change()
    except OSError as error: print(error)
""",
        setting=device_put_right,
        harm=lambda stage, seen: _device() != stage.facts["device"],
        root_only="changing devices",
    ),
    Case(
        name="leave a program that gives its owner's rights to whoever can reach it",
        probe="os.open('program', os.O_CREAT | os.O_WRONLY, 0o4755)",
        harm=lambda stage, seen: seen.open_to_all and has(stat.S_ISUID)(stage, seen),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_no_file_of_the_host_is_reached(case: Case, attacker: User) -> None:
    attacker.tries(__name__, case)
