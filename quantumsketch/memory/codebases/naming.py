"""What things of a codebase are called: modules by their files, the keys of entities by dotted names. Pure.

A key is unique among all codebases: names below the codebase's own name are as one imports them
(`manim.Circle`), all others follow it behind a slash (`scikit-learn/sklearn.svm`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from quantumsketch.errors import BadInput

LONGEST_CODEBASE_NAME = 100
_CODEBASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PACKAGE = "__init__"


def checked_codebase_name(name: str) -> str:
    """Return `name` if a codebase can be called so; raises BadInput."""
    if len(name) <= LONGEST_CODEBASE_NAME and _CODEBASE_NAME.fullmatch(name):
        return name
    raise BadInput(
        f"a codebase cannot be called {name!r}",
        mend="Letters, digits, '.', '_' and '-' are possible: --name.",
    )


def normalised(name: str) -> str:
    """Return the name of a distribution as that of a package is usually written."""
    return re.sub(r"[-_.]+", "_", name).lower()


def key_name(codebase: str, dotted: str) -> str:
    """Return the natural key of what is imported as `dotted` from `codebase`."""
    return dotted if dotted.split(".")[0] == codebase else f"{codebase}/{dotted}"


def module_names(paths: Collection[PurePosixPath], package: str | None) -> dict[PurePosixPath, str]:
    """Return the dotted name of each file that has one; `package` is the name of a folder that is one itself.

    The folder `src` is no part of names, if it is no package. Of two files with one name the package wins.
    """
    names: dict[PurePosixPath, str] = {}
    taken: set[str] = set()
    in_source_folder = PurePosixPath("src/__init__.py") not in paths
    for path in sorted(paths, key=lambda path: (path.stem != PACKAGE, path.parts)):
        parts = [*path.parent.parts, *([] if path.stem == PACKAGE else [path.stem])]
        for candidate in _candidates(parts, package, without_src=in_source_folder):
            if candidate not in taken and _can_be_named(candidate):
                names[path] = candidate
                taken.add(candidate)
                break
    return names


def names_of_folder(folder: PurePosixPath, package: str | None) -> list[str]:
    """Return the dotted names that the modules below `folder` may begin with."""
    return _candidates([*folder.parts], package, without_src=True)


def _candidates(parts: list[str], package: str | None, *, without_src: bool) -> list[str]:
    if package:
        return [".".join([package, *parts])]
    whole = ".".join(parts)
    if without_src and len(parts) > 1 and parts[0] == "src":
        return [".".join(parts[1:]), whole]
    return [whole]


def _can_be_named(dotted: str) -> bool:
    return bool(dotted) and dotted.isprintable() and " " not in dotted
