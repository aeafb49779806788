"""Renders one beat, or the rest of one. Runs inside the sandbox: `python -m renderers.manim.inside`.

Reads request.json from the working folder; leaves clip.mp4 and result.json in it. Manim source that fails
ends with exit code 1 and one JSON object as the last line of stderr. Knows nothing of the host.
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from quantumsketch.video import RenderRequest
from renderers.manim.clip_format import CLIP, RESULT
from renderers.manim.writing.formulas import prepare
from renderers.manim.writing.inline import formulas_of

SOFT_DEADLINE_S = 21.0
"""After this much wall time no further animation begins; the rest is for the next call."""


def main() -> int:
    """Render what request.json asks for; returns the exit code."""
    stop_at = time.monotonic() + SOFT_DEADLINE_S
    request = RenderRequest.model_validate_json(Path("request.json").read_text(encoding="utf-8"))
    with ThreadPoolExecutor(max_workers=1) as beside:
        typeset = beside.submit(prepare, formulas_of(request.beat))
        # TeX works while Manim is imported, which takes seconds
        from renderers.manim.film import clip, code_scene

        typeset.result()
    try:
        result = clip.render(request, Path(CLIP), stop_at)
    except (Exception, SystemExit) as error:
        if request.beat.visual.kind != "manim":
            raise
        print(code_scene.failure(error).model_dump_json(), file=sys.stderr)  # noqa: T201
        return 1
    Path(RESULT).write_text(result.model_dump_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # a thread that a scene has left behind must not keep the call alive
