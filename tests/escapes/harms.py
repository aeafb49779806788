"""What the host can suffer: judgements that several cases share. Each looks at the host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from quantumsketch.tools.tool import Backend
from tests.escapes.onlooker import Process, host_namespaces
from tests.escapes.stage import Seen, Stage


def learnt(stage: Stage, seen: Seen) -> bool:
    """The secret came out."""
    return stage.secret in seen.said


def changed(stage: Stage, seen: Seen) -> bool:
    """A file of the host is not as it was."""
    return stage.fingerprint() != stage.before


def reached(stage: Stage, seen: Seen) -> bool:
    """Somebody who listens on the host heard something."""
    return stage.heard()


def shows(files: list[Path]) -> Callable[[Stage, Seen], bool]:
    """The harm that a line of one of these files came out."""

    def shown(stage: Stage, seen: Seen) -> bool:
        return any(line in seen.said for file in files for line in _telling_lines(file))

    return shown


def _telling_lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(errors="replace").splitlines() if len(line) > 20]
    except OSError:
        return []  # nobody can tell what this user may not read


def untouched(stage: Stage, seen: Seen) -> list[str]:
    """Return what of the host is not as it must be after any call, whatever it tried."""
    wrong = {
        "the secret came out": learnt(stage, seen),
        "a file of the host was changed": changed(stage, seen),
        "something listening on the host was reached": reached(stage, seen),
        "something of it still runs": seen.left,
        "its scratch folder is still there": set(stage.scratch_root.iterdir()) - set(stage.neighbours),
    }
    return [what for what, holds in wrong.items() if holds] + [
        complaint for process in seen.processes for complaint in _fallen_walls(process, seen)
    ]


def _fallen_walls(process: Process, seen: Seen) -> list[str]:
    """Return what is wrong with a process in the sandbox, as the host sees it."""
    if process.closed:
        return [f"process {process.inner_pid} cannot be looked into"]
    wrong = {
        "has capabilities": process.capable,
        "is not held by the filter": process.unbound,
        "is traced": process.status["TracerPid"].strip() != "0",
    }
    if seen.ending and seen.ending.backend is not Backend.LANDLOCK:
        shared = [name for name, place in host_namespaces().items() if process.namespaces[name] == place]
        wrong[f"shares namespaces with the host: {shared}"] = bool(shared)
    return [f"process {process.inner_pid} {what}" for what, holds in wrong.items() if holds]
