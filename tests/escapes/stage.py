"""The host as an attempt finds it: a secret, things to change, somebody who listens. And what was seen of it.

Every attempt has a stage of its own, below a folder that is removed with it.
"""

from __future__ import annotations

import os
import secrets
import select
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from quantumsketch.tools.tool import Ending
from tests.escapes.onlooker import Process


class NotHere(Exception):
    """The case cannot be tried on this machine or by this user; the message says why."""


class HasFileno(Protocol):
    """A file or socket."""

    def fileno(self) -> int:
        """Return its descriptor."""
        ...


Fingerprint: TypeAlias = dict[str, tuple[object, ...]]
AS_IT_WAS = "as it was"


@dataclass(frozen=True)
class Seen:
    """What the host saw of one attempt."""

    said: str = ""
    """All that came out: what was printed, and the content of every file that was kept."""
    processes: tuple[Process, ...] = ()
    """The attempt's processes while it held still."""
    ending: Ending | None = None
    """How the call ended; None where there was no sandbox."""
    left: tuple[int, ...] = ()
    """Processes that were alive when the attempt was over."""
    modes: Mapping[str, int] = field(default_factory=dict)
    """What was in the probe's folder while it held still: names and modes."""
    open_to_all: bool = False
    """Whether any user of the host could enter that folder."""


@dataclass
class Stage:
    """What lies ready for one attempt."""

    folder: Path
    name: str
    token: str = field(default_factory=lambda: f"token{secrets.token_hex(6)}")
    """A word of this attempt alone: every process of the probe has it in its command line."""
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    """Lies in `hidden/secret`. A setting may put it elsewhere too. It must not come out."""
    facts: dict[str, object] = field(default_factory=dict)
    ears: list[HasFileno] = field(default_factory=list)
    """Where the host listens, and must not hear anything."""
    bystander: subprocess.Popen[bytes] | None = None
    """A process of the host that must not be harmed."""
    neighbours: list[Path] = field(default_factory=list)
    """Scratch folders of other calls."""
    before: Fingerprint = field(default_factory=dict)
    """The fingerprint when all was set."""

    def __post_init__(self) -> None:
        """Make the folders: `hidden` is in no policy, `readable` is in the policy, `given` is an input."""
        for folder in (self.hidden, self.readable, self.outside, self.scratch_root, self.keep):
            folder.mkdir(parents=True)
        (self.hidden / "secret").write_text(self.secret)
        (self.readable / "file").write_text(AS_IT_WAS)
        self.given.write_text(AS_IT_WAS)

    @property
    def hidden(self) -> Path:
        """A folder of the host that the policy does not name."""
        return self.folder / "hidden"

    @property
    def readable(self) -> Path:
        """A folder of the host that the policy names."""
        return self.folder / "readable"

    @property
    def given(self) -> Path:
        """An input of the call."""
        return self.folder / "given"

    @property
    def outside(self) -> Path:
        """Where the control works: what scratch is for the call."""
        return self.folder / "outside" / "attempt"

    @property
    def scratch_root(self) -> Path:
        """Where calls have their scratch folders."""
        return self.folder / "scratch"

    @property
    def keep(self) -> Path:
        """Where outputs are copied to."""
        return self.folder / "keep"

    def fingerprint(self) -> Fingerprint:
        """Return all that can be told of the files an attempt may not change."""
        roots = (self.hidden, self.readable, self.given)
        return {str(path): _traits(path) for root in roots for path in (root, *sorted(root.rglob("*")))}

    def heard(self) -> bool:
        """Whether anything arrived at one of the ears."""
        return bool(self.ears and select.select(self.ears, [], [], 0.2)[0])


def _traits(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
    attributes = {name: os.getxattr(path, name) for name in os.listxattr(path, follow_symlinks=False)}
    return (status.st_mode, status.st_uid, status.st_nlink, status.st_mtime_ns, content, attributes)
