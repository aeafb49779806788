"""Checks one scene. Runs inside the sandbox: `python -m renderers.manim.checking.inside MANUAL`.

Reads request.json from the working folder; leaves check.json in it. What is known of the installed Manim
may be given as an input; it is found out anew without. Knows nothing of the host.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

from quantumsketch.checking import SceneCheckRequest
from renderers.manim.checking.answers import CHECK
from renderers.manim.knowledge.index import ManimIndex
from renderers.manim.writing.complaints import widen_log

SOFT_DEADLINE_S = 22.0
"""The scene must have ended by now; the sandbox ends the call some seconds later."""
_MOST_MEMORY = 2 * 2**30
"""Bytes. Below what the sandbox allows, so that the scene hears of it, and the fault has a line."""


def main() -> int:
    """Check what request.json asks for; returns the exit code."""
    stop_at = time.monotonic() + SOFT_DEADLINE_S
    request = SceneCheckRequest.model_validate_json(Path("request.json").read_text(encoding="utf-8"))
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    widen_log()
    given = Path(sys.argv[1])
    known = ManimIndex.model_validate_json(given.read_text(encoding="utf-8")) if given.exists() else None
    from renderers.manim.checking.scene_check import check_scene  # imports Manim: a second and more

    check = check_scene(request, stop_at - time.monotonic(), known)
    Path(CHECK).write_text(check.model_dump_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    os._exit(main())  # a thread that the scene has left behind must not keep the call alive
