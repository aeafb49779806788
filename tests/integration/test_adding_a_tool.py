"""The tool that ARCHITECTURE.md shows is a whole tool: it runs in the real sandbox as it stands there."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from quantumsketch.tools.for_models import ToolsForModels
from quantumsketch.tools.tool import Ended
from quantumsketch.tools.toolbox import Toolbox
from tests.sandbox_calls import toolbox

DOCUMENT = Path(__file__).parents[2] / "ARCHITECTURE.md"
LONGEST = 35
"""Lines of a tool that is still called small, blank ones left out."""


def shown() -> str:
    """The code block of the section on adding a tool."""
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Adding a tool\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(block)


@pytest.fixture
def example(tmp_path: Path) -> ModuleType:
    """The example as a module of its own, from a file as a reader would write it."""
    path = tmp_path / "brightness.py"
    path.write_text(shown(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("brightness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A white square in a black one of four times its area."""
    path = tmp_path / "picture.png"
    drawn = "color=white:s=20x20:d=0.04,pad=40:40:10:10:black"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", drawn, "-frames:v", "1", "-update", "1"]
    subprocess.run([*command, path], check=True)
    return path


@pytest.fixture
def box(example: ModuleType, tmp_path: Path) -> Toolbox:
    return toolbox(tmp_path / "scratch", example.BRIGHTNESS)


def test_the_example_is_small() -> None:
    assert 20 < len([line for line in shown().splitlines() if line.strip()]) <= LONGEST


@pytest.mark.parametrize(("share", "level"), [(0.5, 255), (1, 64)])
async def test_the_example_does_what_it_says(
    share: float, level: int, example: ModuleType, picture: Path, box: Toolbox, tmp_path: Path
) -> None:
    request = example.Spot(share=share)
    inputs = {"picture.png": picture}
    reply = await box.call(example.BRIGHTNESS, request, inputs=inputs, keep=tmp_path / "keep")
    assert reply.ending.ended is Ended.OK, reply.ending
    assert reply.result is not None
    assert abs(reply.result.level - level) <= 10  # ffmpeg's mean of an area is no exact one


async def test_the_example_says_how_it_failed(example: ModuleType, box: Toolbox, tmp_path: Path) -> None:
    inputs = {"picture.png": DOCUMENT}
    reply = await box.call(example.BRIGHTNESS, example.Spot(), inputs=inputs, keep=tmp_path / "keep")
    assert reply.ending.ended in {Ended.ERROR, Ended.BAD_OUTPUT}
    assert reply.result is None


async def test_a_model_can_use_the_example_as_it_is(picture: Path, box: Toolbox) -> None:
    offered = ToolsForModels(box, ["brightness"], inputs={"picture.png": picture})
    assert offered.specs[0].parameters["properties"]["share"]["maximum"] == 1
    assert await offered.answer("brightness", {"share": 0.5}) == '{"level":255}'
    assert "share: Input should be less than or equal to 1" in await offered.answer(
        "brightness", {"share": 2}
    )
