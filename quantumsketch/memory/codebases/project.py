"""What a codebase calls itself and its version, from its project file or its metadata. Runs nothing."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from pathlib import Path

from quantumsketch.memory.codebases.naming import normalised

_LARGEST = 1024 * 1024
_VERSION = re.compile(r"[vV]?\d[\w.+!-]{0,60}")


def project_of(folder: Path, packages: Iterable[str]) -> tuple[str, str | None]:
    """Return the name and the version of what lies in `folder`, whose topmost packages have these names."""
    declared = _from_project_file(folder / "pyproject.toml")
    if not declared and (folder / "__init__.py").exists():
        declared = _from_metadata_beside(folder)
        declared["name"] = folder.name
    name = declared.get("name") or folder.name
    same = [package for package in packages if normalised(package) == normalised(name)]
    return (same[0] if same else name), checked_version(declared.get("version"))


def version_in(package: ast.Module) -> str | None:
    """Return what a package writes down as its `__version__`."""
    for node in package.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__version__")], value=ast.Constant(value=text)):
                return checked_version(text)
    return None


def checked_version(text: object) -> str | None:
    """Return `text` if it looks like a version."""
    return text if isinstance(text, str) and _VERSION.fullmatch(text) else None


def _from_project_file(path: Path) -> dict[str, str]:
    try:
        parsed = tomllib.loads(_head(path))
    except (OSError, ValueError, RecursionError):
        return {}
    tool = parsed.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    tables = [table for table in (poetry, parsed.get("project")) if isinstance(table, dict)]
    return {
        field: table[field]
        for table in tables
        for field in ("name", "version")
        if isinstance(table.get(field), str)
    }


def _from_metadata_beside(package: Path) -> dict[str, str]:
    """What an installer wrote down beside an installed package: its distribution may be called otherwise."""
    for metadata in sorted(package.parent.glob("*.dist-info/METADATA")):
        distribution = metadata.parent.name.split("-")[0]
        if normalised(distribution) == normalised(package.name) or _tells_of(metadata.parent, package.name):
            try:
                headers = HeaderParser().parsestr(_head(metadata))
            except (OSError, ValueError):
                continue
            return _texts({"version": headers.get("Version")})
    return {}


def _tells_of(metadata: Path, package: str) -> bool:
    try:
        return package in _head(metadata / "top_level.txt").split()
    except (OSError, ValueError):
        return False


def _texts(found: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _head(path: Path) -> str:
    if not path.is_file():
        raise FileNotFoundError(path)
    with path.open("rb") as file:
        return file.read(_LARGEST).decode()
