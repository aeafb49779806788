"""The layer of tools by itself: a registry, a sandbox and a call, with nothing of the product around them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEEDED = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection", "h11"}
"""The outside libraries of the layer: pydantic with what it is made of, and the proxy's reader of HTTP."""
NOUNS = {f"quantumsketch.{name}" for name in ("errors", "checks", "json_schema", "tool_spec")}
STRANGERS = {"temporalio", "manim", "litellm", "fastapi", "psycopg", "click", "renderers", "workflows"}
SCRIPT = """
import asyncio, json, sys
from importlib.abc import MetaPathFinder

NEEDED = set(json.loads(sys.argv[1]))

class Alone(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        root = name.partition(".")[0]
        # Python's own description of how it was built has a name of the machine, with a dash below
        if root not in {*NEEDED, *sys.stdlib_module_names, "quantumsketch", "renderers"} and root[0] != "_":
            raise ModuleNotFoundError(f"{name} is no part of the tools", name=name)
        return None

sys.meta_path.insert(0, Alone())
try:
    import click
except ModuleNotFoundError:
    print("CONTROL: what is not needed cannot be imported", file=sys.stderr)

from pathlib import Path
from pydantic import BaseModel
from quantumsketch.tools.for_models import ToolsForModels
from quantumsketch.tools.registry import Registry
from quantumsketch.tools.tool import Policy, Tool
from quantumsketch.tools.toolbox import open_toolbox

class Name(BaseModel):
    name: str

class Greeting(BaseModel):
    text: str

GREET = Tool(
    name="greet", description="Greets.", request=Name, result=Greeting, policy=Policy(), outputs={},
    command=lambda request: ["/bin/echo", "Hello,", request.name],
    answer=lambda ending, files: Greeting(text=ending.stdout.decode().strip()),
)

async def main(folder):
    async with open_toolbox(Registry([GREET]), folder) as toolbox:
        reply = await toolbox.call(GREET, Name(name="you"), keep=folder / "keep")
        told = await ToolsForModels(toolbox, ["greet"]).answer("greet", {"name": "model"})
    return [reply.ending.ended, reply.result and reply.result.text, told]

print(json.dumps({"said": asyncio.run(main(Path(sys.argv[2]))), "loaded": sorted(sys.modules)}))
"""


def test_the_tools_need_nothing_of_the_product(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(sorted(NEEDED)), tmp_path],
        cwd=ROOT, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "CONTROL" in ran.stderr
    told = json.loads(ran.stdout)
    assert told["said"] == ["ok", "Hello, you", '{"text":"Hello, model"}']
    ours = {name for name in told["loaded"] if name.startswith("quantumsketch.")}
    tools = {name for name in ours if name.startswith("quantumsketch.tools")}
    assert "quantumsketch.tools.sandbox.launcher" in tools
    assert ours - tools == NOUNS & ours
    assert STRANGERS & set(told["loaded"]) == set()
