"""Checks a storyboard's mathematics inside the sandbox: `python -m quantumsketch.mathematics.inside`.

Reads request.json from the working folder and leaves report.json in it. Knows nothing of the host.
"""

from __future__ import annotations

import sys
from pathlib import Path

from quantumsketch.mathematics.report import check
from quantumsketch.mathematics.tools import REPORT
from quantumsketch.storyboard import Storyboard


def main() -> int:
    """Check what request.json holds; returns the exit code."""
    storyboard = Storyboard.model_validate_json(Path("request.json").read_text(encoding="utf-8"))
    Path(REPORT).write_text(check(storyboard).model_dump_json(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
