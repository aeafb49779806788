"""A folder of Python as entities and facts: what there is, its name, what it inherits, takes and uses.

Everything is read off the source's syntax: nothing is imported, nothing runs. No text of the source is kept
but docstrings. Knows no database and nothing of what was read before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from quantumsketch.errors import BadInput
from quantumsketch.memory.codebases.definitions import Module, module_of, parsed
from quantumsketch.memory.codebases.files import MOST_FILES, Skipped, Sources, read_sources
from quantumsketch.memory.codebases.naming import (
    PACKAGE,
    checked_codebase_name,
    key_name,
    module_names,
    names_of_folder,
)
from quantumsketch.memory.codebases.project import project_of, version_in
from quantumsketch.memory.codebases.resolving import Names
from quantumsketch.memory.codebases.telling import Telling
from quantumsketch.memory.statements import Entity, Fact, check_text

LONGEST_VERSION = 100


@dataclass(frozen=True)
class Reading:
    """What a folder of Python says, and what of it was not read."""

    name: str
    version: str | None
    entities: list[Entity]
    facts: list[Fact]
    skipped: list[Skipped]
    unread: frozenset[str]
    """Names of the modules and folders that are there and could not be read."""
    complete: bool
    """Whether everything else was read: what is not told here is no more."""

    def may_be_there(self, name: str) -> bool:
        """Tell whether what is called so may lie in what was not read."""
        if not self.complete:
            return True
        dotted = name.split("(")[0]
        while dotted:
            if dotted in self.unread:
                return True
            dotted = dotted.rpartition(".")[0]
        return False


def read_codebase(
    folder: Path,
    *,
    name: str | None = None,
    version: str | None = None,
    tests: bool = True,
    most_files: int = MOST_FILES,
) -> Reading:
    """Read the package or repository in `folder`; raises BadInput if there is none, or no Python in it.

    Its name and version are what its project file or its metadata says, unless they are given.
    """
    sources = read_sources(folder, tests=tests, most_files=most_files)
    folder = folder.resolve()
    package = folder.name if PurePosixPath("__init__.py") in sources.texts else None
    topmost = {path.parts[-2] for path in sources.texts if path.stem == PACKAGE and len(path.parts) in (2, 3)}
    declared_name, declared_version = project_of(folder, {package} if package else topmost)
    codebase = checked_codebase_name(declared_name if name is None else name)
    if version is not None:
        check_text("the version", version, 1, LONGEST_VERSION)
    return reading_of(sources, codebase, declared_version if version is None else version, package)


def reading_of(sources: Sources, name: str, version: str | None, package: str | None = None) -> Reading:
    """Return what the `sources` say; `package` is how the folder is imported if it is a package itself.

    Raises BadInput if there is no Python.
    """
    skipped = [*sources.skipped]
    names = module_names([*sources.texts, *_python_paths(sources.skipped)], package)
    modules: dict[str, Module] = {}
    files: dict[str, str] = {}
    for path, text in sources.texts.items():
        try:
            if path not in names:
                raise ValueError("another module has its name, or none can have")
            dotted = names[path]
            modules[dotted] = module_of(dotted, parsed(text), is_package=path.stem == PACKAGE)
            files[dotted] = str(path)
        except ValueError as error:
            skipped.append(Skipped(str(path), str(error)))
    if not modules:  # it would close all that is known of the codebase
        raise BadInput(f"no Python was found in the codebase {name!r}", mend="Give another folder.")
    telling = Telling(name, Names(modules, _source_folders(modules)))
    version = version or (version_in(modules[name].tree) if name in modules else None)
    telling.codebase(version, modules.get(name))
    for module in modules.values():
        telling.module(module, files[module.name], _parent(module.name, modules))
    return Reading(
        name=name,
        version=version,
        entities=telling.entities,
        facts=telling.facts,
        skipped=skipped,
        unread=frozenset(key_name(name, each) for each in _unread(skipped, names, package)),
        complete=sources.complete,
    )


def _python_paths(skipped: Sequence[Skipped]) -> list[PurePosixPath]:
    return [PurePosixPath(each.path) for each in skipped if each.path.endswith(".py")]


def _unread(skipped: Sequence[Skipped], names: Mapping[PurePosixPath, str], package: str | None) -> set[str]:
    unread: set[str] = set()
    for each in skipped:
        path = PurePosixPath(each.path)
        if path in names:
            unread.add(names[path])
        elif not each.path.endswith(".py"):
            unread.update(names_of_folder(path, package))
    return unread


def _source_folders(modules: Mapping[str, Module]) -> list[str]:
    """Names that modules begin with, but no module has."""
    above = {
        ".".join(parts[:length])
        for name in modules
        if (parts := name.split("."))
        for length in range(1, len(parts))
    }
    return sorted(above - set(modules), key=len, reverse=True)


def _parent(name: str, modules: Mapping[str, Module]) -> str | None:
    """The nearest package above a module."""
    above = name.rpartition(".")[0]
    while above and above not in modules:
        above = above.rpartition(".")[0]
    return above or None
