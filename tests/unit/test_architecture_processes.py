"""The toolbox is the only way to a process: whoever starts one by itself is named here, with the reason.

So is who runs text as code, sees the sandbox, runs something in it, or opens a toolbox.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import pytest

from tests.source_reading import PACKAGES, dotted, imported, modules, parsed, used, within

SANDBOX = "quantumsketch.tools.sandbox"
ON_THE_HOST = {
    "quantumsketch.runtime.child": "the embedded servers, which end with their last user",
    "quantumsketch.runtime.lease": "the supervisor of the embedded servers",
    "quantumsketch.runtime.supervisor": "leaves the command that started it",
    "quantumsketch.runtime.doctor": "asks the programs of the embedded servers for their versions",
    f"{SANDBOX}.bubblewrapped": "bubblewrap, around the command of a call",
    f"{SANDBOX}.warm.zygote_process": "bubblewrap, around a zygote",
    f"{SANDBOX}.landlock.landlocked": "the supervisor of a call, where there is no bubblewrap",
    f"{SANDBOX}.landlock.supervise": "the confined command of a call, and ends it with all that it started",
    f"{SANDBOX}.tries": "the doctor's proof that a try of a limit would succeed without the sandbox",
}
"""What they start is ours, or is started into the sandbox."""
INSIDE = {
    f"{SANDBOX}.egress.relay": "stays while it becomes the command",
    f"{SANDBOX}.guard_inside": "becomes the command when it has seen that the walls stand",
    f"{SANDBOX}.landlock.confine": "becomes the command when it has put up the walls",
    f"{SANDBOX}.probe": "tries what must not work",
    f"{SANDBOX}.warm.attendant": "the payload of a warm call, and its clock",
    f"{SANDBOX}.warm.walls": "puts up the walls of a warm call",
    f"{SANDBOX}.warm.zygote": "a process for each warm call",
    "renderers.manim.writing.formulas": "TeX",
}
"""These run in the sandbox: what they start is in it too."""
STARTING = (
    "subprocess", "_posixsubprocess", "multiprocessing", "pty", "ctypes", "cffi",
    "os.system", "os.popen", "os.fork", "os.forkpty", "os.exec", "os.spawn", "os.posix_spawn",
    "asyncio.create_subprocess", "asyncio.subprocess.create", "concurrent.futures.process",
    "concurrent.futures.ProcessPoolExecutor",
)  # fmt: skip
"""What starts a process, or can call what does."""
OF_A_LOOP = {"subprocess_exec", "subprocess_shell"}

RUN_TEXT = {
    "renderers.manim.film.code_scene": "a scene's code, inside",
    f"{SANDBOX}.warm.zygote": "the module that a tool of ours names, inside",
}
CODE_OF_TEXT = {"exec", "eval", "compile", "builtins.exec", "builtins.eval", "builtins.compile"}
LOADERS = ("runpy.", "pickle.", "marshal.", "shelve.", "code.InteractiveInterpreter.")

SEE_THE_SANDBOX = {
    "quantumsketch.tools.toolbox": "runs the calls in it",
    "quantumsketch.cli.doctor": "tells what holds of it",
}
RUN_IN_THE_SANDBOX = {
    "quantumsketch.tools.toolbox": "the calls of registered tools",
    f"{SANDBOX}.detect": "the first call, which finds out whether it works",
    f"{SANDBOX}.doctor": "the probe and the tries",
}
OPEN_A_TOOLBOX = {
    "workflows.bootstrap": "for the worker",
    "quantumsketch.cli.tools": "for one call",
}


def starts(source: str, module: str) -> list[str]:
    """The ways to a process that a module uses."""
    names = set(used(source, module))
    return sorted(name for name in names if name.startswith(STARTING) or name.rpartition(".")[2] in OF_A_LOOP)


def texts_run(source: str, module: str) -> list[str]:
    """The ways in which a module makes code, or objects of any class, of a text."""
    calls = [dotted(node.func) for node in ast.walk(parsed(source)) if isinstance(node, ast.Call)]
    return [
        name
        for name in {*calls, *used(source, module)}
        if name in CODE_OF_TEXT or f"{name}.".startswith(LOADERS)
    ]


def sights(source: str, module: str) -> list[str]:
    """What of the sandbox a module outside of it imports."""
    if within(module, {SANDBOX}):
        return []
    return [name for name in imported(source, module) if within(name, {SANDBOX})]


def runs(source: str, module: str) -> list[str]:
    """The calls of a sandbox, or of what it runs them with, that a module makes."""
    calls = [dotted(node.func) for node in ast.walk(parsed(source)) if isinstance(node, ast.Call)]
    return [name for name in calls if name.endswith("sandbox.run")]


def openings(source: str, module: str) -> list[str]:
    """The toolboxes that a module opens."""
    if module == "quantumsketch.tools.toolbox":
        return []
    calls = [dotted(node.func) for node in ast.walk(parsed(source)) if isinstance(node, ast.Call)]
    return [name for name in calls if name.rpartition(".")[2] in {"Toolbox", "open_toolbox"}]


Look = Callable[[str, str], list[str]]
RULES: list[tuple[Look, Mapping[str, str]]] = [
    (starts, {**ON_THE_HOST, **INSIDE}),
    (texts_run, RUN_TEXT),
    (sights, SEE_THE_SANDBOX),
    (runs, RUN_IN_THE_SANDBOX),
    (openings, OPEN_A_TOOLBOX),
]


@pytest.mark.parametrize(("look", "named"), RULES, ids=[look.__name__ for look, _ in RULES])
def test_only_who_is_named_does_it_and_everybody_named_does(look: Look, named: Mapping[str, str]) -> None:
    found = {name: what for name, source in modules(*PACKAGES) if (what := look(source, name))}
    assert {name: what for name, what in found.items() if name not in named} == {}
    assert sorted(set(named) - set(found)) == [], "named for what it does not do"


BAD: list[tuple[Look, str]] = [
    (starts, "from subprocess import run"),
    (starts, "def later():\n    import subprocess"),
    (starts, "import os\nos.execvp('sh', ['sh'])"),
    (starts, "import os as system\nsystem.posix_spawn('sh', ['sh'], {})"),
    (starts, "from os import fork as split"),
    (starts, "import os\ngetattr(os, 'system')('sh')"),
    (starts, "import asyncio\nasyncio.create_subprocess_exec('sh')"),
    (starts, "from asyncio import subprocess as children\nchildren.create_subprocess_shell('sh')"),
    (starts, "import asyncio\nasyncio.get_running_loop().subprocess_shell(None, 'sh')"),
    (starts, "from concurrent import futures\nfutures.ProcessPoolExecutor()"),
    (starts, "from multiprocessing.pool import Pool"),
    (starts, "import importlib\nimportlib.import_module('subprocess')"),
    (starts, "import ctypes\nctypes.CDLL(None).system(b'sh')"),
    (texts_run, "exec(answer.text)"),
    (texts_run, "import builtins\nbuiltins.eval(answer.text)"),
    (texts_run, "from runpy import run_path as run\nrun('scene.py')"),
    (texts_run, "import pickle\npickle.loads(data)"),
    (sights, "from quantumsketch.tools.sandbox import detect"),
    (sights, "import quantumsketch.tools.sandbox.launcher as starter"),
    (runs, "async def f(toolbox):\n    await toolbox._sandbox.run(['sh'], policy, scratch, {})"),
    (runs, "async def f(sandbox):\n    await sandbox.run(['sh'], policy, scratch, {})"),
    (openings, "from quantumsketch.tools.toolbox import Toolbox\nToolbox(registry, sandbox, root)"),
    (openings, "from quantumsketch.tools import toolbox\ntoolbox.open_toolbox(registry, root)"),
]


@pytest.mark.parametrize(("look", "source"), BAD)
def test_each_look_sees_what_is_to_be_named(look: Look, source: str) -> None:
    assert look(source, "workflows.activities.new")


GOOD = [
    "import os, re\nos.getpid()\nre.compile('x')",
    "import ast\nast.literal_eval('1')",
    "import asyncio\nasyncio.run(work())",
    "from quantumsketch.tools.toolbox import Toolbox\ndef f(toolbox: Toolbox) -> None: ...",
    "async def f(toolbox):\n    await toolbox.call(tool, request, keep=folder)",
]


@pytest.mark.parametrize("source", GOOD)
def test_no_look_minds_what_starts_nothing(source: str) -> None:
    assert [found for look, _ in RULES for found in look(source, "workflows.activities.new")] == []
