"""What one call may do under Landlock, as `confine.py` is told it. Starts nothing.

There are no mounts: everything keeps its path on the host, scratch and the inputs too. Arguments of a command
that name an input are changed accordingly.
"""

from __future__ import annotations

import platform
import secrets
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath

from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox.bubblewrap import ENVIRONMENT, ceilings
from quantumsketch.tools.sandbox.landlock.second_filter import second_filter
from quantumsketch.tools.sandbox.mounts import CACHES, SETTINGS, SYSTEM, visible
from quantumsketch.tools.sandbox.seccomp import filter_program
from quantumsketch.tools.tool import INPUTS, SCRATCH, Policy

NOBODYS = (range(2_000_000_000, 2_001_000_000), range(61_184, 65_520))
"""User ids that are given to nobody: beyond all accounts and, where a container knows few ids, those that
systemd gives to services for as long as they run."""
OF_ROOT = {
    "CAP_CHOWN": 0,
    "CAP_DAC_OVERRIDE": 1,
    "CAP_FOWNER": 3,
    "CAP_KILL": 5,
    "CAP_SETGID": 6,
    "CAP_SETUID": 7,
}
"""To run a call as somebody else, to end it, and to take what it leaves behind. Docker's root has them."""
_PROCESS = Path("/proc/self/status")


@dataclass(frozen=True)
class Walls:
    """What `confine.py` puts up, by the names of its own arguments."""

    scratch: str
    readable: Sequence[str]
    user: int | None
    ceilings: dict[str, int]
    filters: Sequence[str]
    """Programs in hexadecimal digits."""


@dataclass(frozen=True)
class Plan:
    """The walls of a call, and what runs behind them."""

    walls: Walls
    command: Sequence[str]
    environment: dict[str, str]


@dataclass(frozen=True)
class Folders:
    """The folders of one call, on the host."""

    scratch: Path

    @property
    def inputs(self) -> Path:
        """Where its inputs lie."""
        return self.scratch.parent / "in"

    @property
    def packages(self) -> Path:
        """Where Python finds our own packages: the folder that holds them must not be looked into."""
        return self.scratch.parent / "packages"


def plan(command: Sequence[str], policy: Policy, folders: Folders, user: int | None) -> dict[str, object]:
    """Return the plan of a call, ready for JSON."""
    shown = [*_system(), *visible(policy), folders.inputs, folders.packages]
    programs = (filter_program(platform.machine()), second_filter(platform.machine()))
    walls = Walls(
        str(folders.scratch),
        [str(path) for path in shown],
        user,
        ceilings(policy.limits),
        [program.hex() for program in programs],
    )
    arguments = [_moved(argument, INPUTS, folders.inputs) for argument in command]
    environment = {name: _moved(value, SCRATCH, folders.scratch) for name, value in ENVIRONMENT.items()}
    environment["PYTHONPATH"] = str(folders.packages)
    return asdict(Plan(walls, arguments, environment))


def _system() -> Iterator[Path]:
    """Give what every program needs; links among it lead to what is given anyway."""
    return (Path(name) for name in (*SYSTEM, *SETTINGS, *CACHES) if Path(name).exists())


def _moved(text: str, inside: PurePath, to: Path) -> str:
    """Return a path as it is on the host, if it is one that bubblewrap would have made."""
    path = PurePath(text)
    return str(to / path.relative_to(inside)) if path.is_relative_to(inside) else text


def unprivileged_user() -> int:
    """Return the id of a user and a group of its own for one call of root's.

    SandboxUnavailable if there is none, or if this root is not allowed what that takes.
    """
    held = next(line for line in _PROCESS.read_text().splitlines() if line.startswith("CapEff:")).split()[1]
    if missing := [name for name, bit in OF_ROOT.items() if not int(held, 16) >> bit & 1]:
        raise SandboxUnavailable(
            f"this root lacks capabilities: {', '.join(missing)}", mend="Run as an ordinary user."
        )
    for ids in NOBODYS:
        user = secrets.choice(ids)
        if _known(user, Path("/proc/self/uid_map")) and _known(user, Path("/proc/self/gid_map")):
            return user
    raise SandboxUnavailable(
        "this container knows no user that root could become", mend="Run as an ordinary user."
    )


def _known(number: int, mapping: Path) -> bool:
    ranges = (tuple(map(int, line.split())) for line in mapping.read_text().splitlines())
    return any(first <= number < first + count for first, _, count in ranges)


def refuse_closed(user: int, policy: Policy, scratch: Path) -> None:
    """Refuse what only root may reach, for root's calls run as another: SandboxUnavailable says what."""
    for path in (scratch, *visible(policy), *([Path(sys.executable)] if policy.python else [])):
        for way in (*reversed(path.resolve().parents), path.resolve()):
            status = way.stat()
            ours = path == scratch and way == scratch.resolve()  # is given to that user
            if not ours and not status.st_mode & (0o001 if way.is_dir() else 0o004):
                raise SandboxUnavailable(
                    f"as root a call runs as the unprivileged user {user}, who may not enter {str(way)!r} "
                    f"on the way to {str(path)!r}",
                    mend="Run as an ordinary user, or install where others may read.",
                )
