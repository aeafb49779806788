"""What a sandbox must show and set so that a payload finds its way out. Pure: mounts and starts nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from quantumsketch.tools.sandbox.egress import relay
from quantumsketch.tools.sandbox.egress.gate import Gate

RELAY = PurePosixPath("/run/egress/relay.py")
PORT = 3128
"""Of the sandbox's own loopback, where nobody else listens."""
PROXY = f"http://127.0.0.1:{PORT}"
ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        name: PROXY
        for scheme in ("http", "https", "all")
        for name in (f"{scheme}_proxy", f"{scheme}_PROXY".upper())
    }
    | {"no_proxy": "", "NO_PROXY": ""}
)
"""Programs differ in which of these they look at, and in which case."""


@dataclass(frozen=True)
class Inside:
    """How a call is started that has a way out."""

    mounts: Sequence[str]
    """bubblewrap's arguments, to come before its root is closed."""
    environment: Mapping[str, str]
    prefix: Sequence[str]
    """What comes before the command, behind the guard. It becomes the command, and keeps its process id."""
    descriptors: Sequence[int]
    """What the prefix has to inherit. The command does not."""


NO_WAY_OUT = Inside((), MappingProxyType({}), (), ())


def inside(gate: Gate) -> Inside:
    """Return what a call needs to reach the proxy through its gate on the host."""
    python = Path(sys.executable).resolve()
    shown = [(relay.__file__, RELAY), *((place, place) for place in _interpreter(python))]
    mounts = [part for source, place in shown for part in ("--ro-bind", str(source), str(place))]
    start = [str(python), "-I", "-S", str(RELAY), ",".join(map(str, gate.handed)), str(PORT)]
    return Inside(mounts, ENVIRONMENT, start, gate.handed)


def _interpreter(python: Path) -> list[Path]:
    """Return what of the interpreter lies outside /usr, which every sandbox shows."""
    library = Path(sys.base_prefix).resolve()
    places = [library] if python.is_relative_to(library) else [library, python]
    return [place for place in places if not place.is_relative_to("/usr")]
