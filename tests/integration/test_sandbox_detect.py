"""Detection, on this machine and where no sandbox can be made: inside the sandbox itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from quantumsketch.tools.sandbox import detect
from quantumsketch.tools.tool import Ended
from tests.sandbox_calls import Command, run

REFUSED = """
import json
from quantumsketch.errors import SandboxUnavailable
from quantumsketch.tools.sandbox import checks, detect
try:
    detect()
except SandboxUnavailable as error:
    print(json.dumps([error.what, error.mend, [[check.ok, check.mend] for check in checks()]]))
"""


async def test_a_sandbox_is_detected_while_an_event_loop_runs() -> None:
    assert detect().bubblewrap.is_absolute()


async def test_where_no_sandbox_works_it_refuses_and_names_the_mending_command(tmp_path: Path) -> None:
    reply = await run(tmp_path, Command(arguments=[sys.executable, "-c", REFUSED]))
    assert reply.ending.ended is Ended.OK, reply.ending
    what, mend, checked = json.loads(reply.ending.stdout)
    assert "could not set up" in what
    assert "apt-get" in mend or "docker run" in mend or "sysctl" in mend
    assert checked == [[False, mend]]
