"""Names a version of some code by its sources, for the keys of what that code made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_KINDS = {".py", ".json"}


def sources_sha256(places: Iterable[Path]) -> str:
    """The sha256 over the code and data files at `places`, folders with all below them, in hexadecimal."""
    digest = hashlib.sha256()
    for place in places:
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in files:
            if path.suffix in _KINDS:
                digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
