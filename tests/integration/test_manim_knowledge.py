"""The installed Manim described inside the real sandbox, the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.tools.tool import Ended
from renderers.manim.knowledge.tools import DESCRIBE_MANIM, NoRequest
from tests.manim_names import installed
from tests.sandbox_calls import toolbox

pytestmark = pytest.mark.slow


async def test_manim_is_described_inside_the_sandbox_as_it_is_outside(tmp_path: Path) -> None:
    tools = toolbox(tmp_path / "scratch", DESCRIBE_MANIM)
    reply = await tools.call(DESCRIBE_MANIM, NoRequest(), keep=tmp_path / "keep")
    assert reply.ending.ended is Ended.OK, reply.ending
    assert reply.result == installed()
    assert len(reply.result.entries) > 500
