"""Describes the installed Manim. Runs inside the sandbox: `python -m renderers.manim.knowledge.inside`.

Leaves index.json in the working folder. Knows nothing of the host.
"""

from __future__ import annotations

import sys
from pathlib import Path

from renderers.manim.knowledge.introspection import describe
from renderers.manim.knowledge.tools import INDEX


def main() -> int:
    """Write the index; returns the exit code."""
    Path(INDEX).write_text(describe().model_dump_json(exclude_defaults=True), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
