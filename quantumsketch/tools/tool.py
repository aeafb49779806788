"""What a tool is: a typed request, a typed result, and a policy. Knows nothing of how a sandbox is built.

Whoever offers tools (the renderers) declares them with these types; `toolbox` runs them in the sandbox.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path, PurePosixPath
from signal import NSIG
from typing import Generic, TypeVar

from pydantic import BaseModel

from quantumsketch.tools.domains import Domain
from quantumsketch.tools.places import refuse_wide

Request = TypeVar("Request", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)

SCRATCH = PurePosixPath("/scratch")
"""The one writable folder inside the sandbox, and the working directory. `request.json` lies in it."""
INPUTS = PurePosixPath("/in")
"""Where the input files of a call appear, read-only, under the names that the caller gave them."""
HARD_TIMEOUT_S = 30.0
BY_SIGNAL = 128


@dataclass(frozen=True)
class Limits:
    """What one call may use, all its descendants together."""

    wall_s: float = HARD_TIMEOUT_S
    cpu_s: float = 4 * HARD_TIMEOUT_S
    memory_bytes: int = 3 * 2**30
    scratch_bytes: int = 1 * 2**30
    scratch_files: int = 5_000
    processes: int = 128
    open_files: int = 512
    printed_bytes: int = 256 * 1024
    network_bytes: int = 64 * 2**20
    """Through the proxy, both directions together. Only tools whose policy names domains have one."""
    connections: int = 32

    def __post_init__(self) -> None:
        """Refuse what bounds nothing."""
        for bound in fields(self):
            if not 0 < getattr(self, bound.name) < math.inf:
                raise ValueError(f"a limit is a positive number: {bound.name}={getattr(self, bound.name)!r}")
        if self.wall_s > HARD_TIMEOUT_S:
            raise ValueError(f"no call may take longer than {HARD_TIMEOUT_S:g} s: wall_s={self.wall_s!r}")


@dataclass(frozen=True)
class Policy:
    """What a tool may see and reach. An empty `domains` means no network at all."""

    readable: tuple[Path, ...] = ()
    """Host files and folders visible read-only under their own path, beside libraries and fonts."""
    python: bool = False
    """The interpreter, its environment and this project's own packages are visible, read-only."""
    domains: tuple[str, ...] = ()
    """`example.org` is that name, `*.example.org` those below it; ports 80 and 443, or `example.org:81`."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse a policy that shows or opens too much."""
        for path in self.readable:
            refuse_wide(path)
        for domain in self.domains:
            Domain.parse(domain)


class Ended(StrEnum):
    """How a call ended."""

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    OUT_OF_DISK = "out of disk"
    KILLED = "killed"
    REFUSED = "refused by policy"
    UNAVAILABLE = "sandbox unavailable"
    """Nothing has run: there is no sandbox here, or it could not be set up."""
    BAD_OUTPUT = "bad output"


class Backend(StrEnum):
    """What isolates a call, the strongest first."""

    FULL = "bubblewrap"
    NO_PROC = "bubblewrap without /proc"
    LANDLOCK = "landlock and seccomp (degraded)"

    @property
    def notice(self) -> str | None:
        """What a person has to know who relies on it, in one line; None of the full one."""
        if self is Backend.FULL:
            return None
        what = self.removesuffix(" (degraded)")
        return f"the sandbox is degraded, only {what}: `qs doctor` tells what it lacks and how to mend it"


@dataclass(frozen=True)
class Ending:
    """What the launcher saw of one call."""

    ended: Ended
    exit_code: int | None
    """128 and the signal's number for a death by signal, ours too, as shells do; None if it never began."""
    wall_s: float
    cpu_s: float
    stdout: bytes
    stderr: bytes
    truncated: bool = False
    """More was printed than the limit: stdout and stderr keep its beginning and its end."""
    detail: str = ""
    """What the launcher has to say about it, such as which limit was reached."""
    peak_memory_bytes: int | None = None
    """With what the kernel kept of its files, where a control group counted; None if nobody saw it run."""
    refused: tuple[str, ...] = ()
    """What the policy refused while the call ran, such as a name that is not among its domains."""
    backend: Backend | None = None
    warm: bool = False
    """Whether the call began in a sandbox that had its modules imported already."""

    @property
    def signal(self) -> int | None:
        """The signal that the command died of, if it did."""
        died = self.exit_code is not None and BY_SIGNAL < self.exit_code < BY_SIGNAL + NSIG
        return self.exit_code - BY_SIGNAL if died and self.exit_code is not None else None

    @property
    def last_line(self) -> str:
        """The last line of stderr, where a payload says why it failed."""
        return self.stderr.decode("utf-8", errors="replace").strip().rpartition("\n")[2]


Answer = Callable[[Ending, Mapping[str, Path]], Result]
"""Reads the result of a call that ended well; raises ValueError if it is not one."""


def answer_in(file: str, shape: type[Result], *, missing: str) -> Answer[Result]:
    """The answer of a payload that leaves JSON in `file`; without that file, `missing` is the error."""

    def read(_ending: Ending, files: Mapping[str, Path]) -> Result:
        if file not in files:
            raise ValueError(missing)
        return shape.model_validate_json(files[file].read_text(encoding="utf-8"))

    return read


@dataclass(frozen=True)
class Tool(Generic[Request, Result]):
    """One thing that can be done inside the sandbox."""

    name: str
    description: str
    request: type[Request]
    result: type[Result]
    policy: Policy
    command: Callable[[Request], Sequence[str]]
    """The argument vector to run inside, for a request."""
    answer: Answer[Result]
    outputs: Mapping[str, int]
    """Files that the payload leaves in scratch: name to the most bytes it may have."""
    preload: tuple[str, ...] = ()
    """Modules that a warm sandbox imports beforehand: for a command `python -m MODULE` that needs them."""


@dataclass(frozen=True)
class Reply(Generic[Result]):
    """What a call gave: a result if `ending.ended` is OK, and in any case how it ended."""

    ending: Ending
    result: Result | None
    files: Mapping[str, Path]
    """The outputs that were there, checked and copied to the host folder the caller named."""
