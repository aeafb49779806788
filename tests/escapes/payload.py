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


IN_A_WARM_CALL = """
import ctypes, sys
set_name = 15
ctypes.CDLL(None).prctl(set_name, {name!r}.encode(), 0, 0, 0)
sys.argv = ["-c", {facts!r}, {probe!r}]
exec({around!r}, {{}})
"""


def marker(name: str) -> str:
    """Return the line that an attempt prints first."""
    return f"{MARKER} {name}\n"


def payload(probe: str, facts: Mapping[str, object]) -> list[str]:
    """Return the command: print the marker, try the probe, hold still until the host has looked."""
    return [sys.executable, "-I", "-S", "-c", AROUND_THE_PROBE, json.dumps(dict(facts)), probe]


def warm_payload(name: str, probe: str, facts: Mapping[str, object]) -> list[str]:
    """Return the same for a process that has started already: it takes a name, to be known by.

    A call begins warm as `python -m MODULE`, and this is a module that runs what it is given.
    """
    code = IN_A_WARM_CALL.format(
        name=name, facts=json.dumps(dict(facts)), probe=probe, around=AROUND_THE_PROBE
    )
    return [sys.executable, "-m", "timeit", "-n", "1", "-r", "1", "-s", code, "pass"]
