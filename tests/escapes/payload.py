"""What is run: the lines before and after every probe. The same text inside and outside."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

MARKER = "ESCAPE-ATTEMPT"
TRIED, LOOKED = "tried", "looked"
"""Files in the probe's folder: it has tried, and the host has looked at it."""

AROUND_THE_PROBE = f"""
import json, os, sys, time, traceback
from types import SimpleNamespace
at = SimpleNamespace(**json.loads(sys.argv[1]))
print({MARKER!r}, at.name, flush=True)
try:
    exec(sys.argv[2])
except BaseException:
    traceback.print_exc()
sys.stdout.flush()
if at.holds_still:
    open({TRIED!r}, "w").close()
    give_up = time.monotonic() + 8
    while not os.path.exists({LOOKED!r}) and time.monotonic() < give_up:
        time.sleep(0.01)
"""


def marker(name: str) -> str:
    """Return the line that an attempt prints first."""
    return f"{MARKER} {name}\n"


def payload(probe: str, facts: Mapping[str, object]) -> list[str]:
    """Return the command: print the marker, try the probe, hold still until the host has looked."""
    return [sys.executable, "-I", "-S", "-c", AROUND_THE_PROBE, json.dumps(dict(facts)), probe]
