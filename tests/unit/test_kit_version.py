"""The kit's version and its tool are known without importing Manim."""

from __future__ import annotations

import subprocess
import sys

from quantumsketch.tools.tool import Ended, Ending
from renderers.manim.tools import RENDER_BEAT, scene_failure
from renderers.manim.version import check_version, kit_version, manim_version


def ending(stderr: bytes) -> Ending:
    return Ending(ended=Ended.ERROR, exit_code=1, wall_s=1, cpu_s=1, stdout=b"", stderr=stderr)


def test_the_version_and_the_tool_do_not_import_manim() -> None:
    code = (
        "import sys, renderers.manim.tools, renderers.manim.version as version;"
        "version.kit_version(); print('manim' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_versions_look_like_versions() -> None:
    assert len(kit_version()) == 64
    assert kit_version() == kit_version()
    assert check_version() != kit_version()
    assert manim_version().startswith("0.22")


def test_the_tool_sees_no_network_and_declares_its_files() -> None:
    assert RENDER_BEAT.policy.domains == ()
    assert set(RENDER_BEAT.outputs) == {"clip.mp4", "result.json"}


def test_a_scenes_failure_is_read_from_the_last_line_of_stderr() -> None:
    found = scene_failure(ending(b'noise\n{"error":"NameError: no","line":3}\n'))
    assert found is not None
    assert (found.error, found.line) == ("NameError: no", 3)
    assert scene_failure(ending(b"Traceback: something else")) is None
    assert scene_failure(ending(b"")) is None
