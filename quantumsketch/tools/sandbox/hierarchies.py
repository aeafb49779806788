"""Where this process stands in the kernel's control groups. Reads two tables of /proc; changes nothing.

Version 1 has a hierarchy for each controller or a few together, version 2 one for all; a machine may have
both. A container often sees only a part of a hierarchy, mounted as if it were the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

VERSIONS = ("cgroup", "cgroup2")  # the names of the two file systems


@dataclass(frozen=True)
class Hierarchy:
    """A mounted hierarchy and our own group in it."""

    top: Path
    """Where it is mounted: there may be groups above, but nobody here can see them."""
    own: Path
    controllers: frozenset[str] = frozenset()
    """Those of version 1; in version 2 each group says itself which it has."""

    @property
    def unified(self) -> bool:
        """Whether it is of version 2."""
        return not self.controllers


def hierarchies() -> list[Hierarchy]:
    """Return the hierarchies that this process can see itself in; none where /proc tells nothing of them."""
    try:
        mounted = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
        membership = Path("/proc/self/cgroup").read_text(errors="surrogateescape")
    except OSError:
        return []
    return found(mounted, membership)


def found(mounted: str, membership: str) -> list[Hierarchy]:
    """Read the hierarchies out of the texts of /proc/self/mountinfo and /proc/self/cgroup."""
    own_paths = dict(_memberships(membership))
    seen: dict[frozenset[str], Hierarchy] = {}
    for line in mounted.splitlines():
        about, _, rest = line.partition(" - ")
        version, _, options = rest.split(" ", 2)
        if version not in VERSIONS:
            continue
        root, top = (_plain(word) for word in about.split(" ")[3:5])
        named = set(options.split(",")) if version == "cgroup" else set()
        mine = (known for known in own_paths if known <= named and bool(known) == bool(named))
        controllers = next(mine, None)
        if controllers is None:
            continue
        own = own_paths[controllers]
        # a group outside of what is mounted has no folder here; it shows as /.. or under another root
        if own.is_relative_to(root) and ".." not in own.parts:
            seen[controllers] = Hierarchy(Path(top), Path(top) / own.relative_to(root), controllers)
    return list(seen.values())


def _memberships(text: str) -> Iterator[tuple[frozenset[str], PurePosixPath]]:
    """Give the controllers of each hierarchy, none for version 2, and the path of our group in it."""
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        yield frozenset(filter(None, controllers.split(","))), PurePosixPath(path)


def _plain(word: str) -> str:
    """Undo how mountinfo writes blanks, tabs, newlines and backslashes."""
    for code, sign in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        word = word.replace(code, sign)
    return word
