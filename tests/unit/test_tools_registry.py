"""The list of tools: names that are unique, nothing found that is not in it, no tool of ours forgotten."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from quantumsketch.errors import NotFound
from quantumsketch.tools.for_models import how_it_ended
from quantumsketch.tools.registry import AnyTool, Registry
from quantumsketch.tools.tool import Ended, Ending, Policy
from tests.sandbox_calls import Command, tool
from workflows.tools import TOOLS

ROOT = Path(__file__).parents[2]
FIRST, SECOND = replace(tool(Policy()), name="first"), replace(tool(Policy()), name="second")


def test_tools_are_listed_in_order_and_found_by_name() -> None:
    registry = Registry([SECOND, FIRST])
    assert list(registry) == [SECOND, FIRST]
    assert registry.names == ["second", "first"]
    assert registry.tool("first") is FIRST


def test_two_tools_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two tools named 'first'"):
        Registry([FIRST, SECOND, replace(FIRST)])


@pytest.mark.parametrize("name", ["", "../up", "a b", "Ö", "A", "-a", "a" * 65, "a\n", "a/b", "a.b"])
def test_a_name_that_no_provider_takes_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name for a tool"):
        Registry([replace(FIRST, name=name)])


def test_a_tool_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(NotFound, match=r"no tool named 'third'.*first, second"):
        Registry([FIRST, SECOND]).tool("third")
    with pytest.raises(NotFound, match="no tool named 'third'"):
        Registry([FIRST]).specs(["first", "third"])


def test_only_the_very_tool_is_registered() -> None:
    registry = Registry([FIRST])
    assert FIRST in registry
    assert replace(FIRST, policy=Policy(python=True)) not in registry
    assert SECOND not in registry


def test_a_model_is_told_of_the_tools_that_were_named() -> None:
    (spec,) = Registry([FIRST, SECOND]).specs(["second"])
    assert (spec.name, spec.description) == ("second", SECOND.description)
    assert spec.parameters["required"] == list(Command.model_fields)


def made_in(source: str) -> Iterator[tuple[str, bool]]:
    """The tools that a module makes: the name it gives each, and whether that is at its top."""
    tree = ast.parse(source)
    named = {
        id(node.value): ast.unparse(target)
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split("[")[0].endswith("Tool"):
            yield named.get(id(node), ast.unparse(node)), id(node) in named


def tools_of_the_packages() -> Iterator[tuple[str, AnyTool]]:
    for package in ("quantumsketch", "renderers", "workflows", "web"):
        for path in (ROOT / package).rglob("*.py"):
            for name, at_top in made_in(path.read_text(encoding="utf-8")):
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                assert at_top, f"{module} makes a tool that no list can hold: {name}"
                yield f"{module}.{name}", getattr(importlib.import_module(module), name)


def test_every_tool_that_is_made_is_in_the_one_list() -> None:
    found = dict(tools_of_the_packages())
    assert {name for name, made in found.items() if made not in TOOLS} == set()
    assert len(found) == len(TOOLS.names) >= 9


@pytest.mark.parametrize(
    "source",
    [
        "X: Tool[A, B] = Tool(name='x')",
        "X = Tool[A, B](name='x')",
        "def f():\n    return Tool(name='x')",
        "from quantumsketch.tools import tool\nX = [tool.Tool(name='x')]",
    ],
)
def test_a_tool_is_seen_however_it_is_made(source: str) -> None:
    assert len(list(made_in(source))) == 1


@pytest.mark.parametrize("name", TOOLS.names)
def test_the_schemas_of_every_tool_are_json_schemas_of_objects(name: str) -> None:
    registered = TOOLS.tool(name)
    (spec,) = TOOLS.specs([name])
    for schema in (spec.parameters, registered.result.model_json_schema(mode="serialization")):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    assert spec.parameters["additionalProperties"] is False, "a request that takes what it does not know"
    assert spec.description.endswith(".")


def ended(how: Ended, **what: Any) -> Ending:
    return Ending(how, 1, 0.1, 0.1, b"", **{"stderr": b"", **what})


PLACES = [
    "/root/.cache/secret.txt is missing",
    "cannot open '/home/My Own Name/secret.txt'",
    'File "/opt/a b/c/secret.txt", line 3',
    "bwrap: Can't find source path /root/secret.txt: No such file",
    "see file:/root/secret.txt (in /root/secret.txt) or file:///root/secret.txt",
    "[/root/a/secret.txt:3] at=/root/secret.txt",
]


@pytest.mark.parametrize("said", PLACES)
def test_how_a_call_ended_is_told_without_the_paths_of_this_machine(said: str) -> None:
    for ending in (
        ended(Ended.ERROR, stderr=f"Traceback\n{said}\n".encode()),
        ended(Ended.BAD_OUTPUT, detail=said),
        ended(Ended.REFUSED, refused=(said,)),
    ):
        told = how_it_ended(ending)
        assert not any(place in told for place in ("root/", "home/", "opt/", "My Own"))
        assert "secret.txt" in told


@pytest.mark.parametrize("said", ["/in/a.mp4 is no film", "at 1/2 s", "https://example.org/page: no", "a/b"])
def test_what_is_no_path_of_this_machine_is_told_as_it_is(said: str) -> None:
    assert said in how_it_ended(ended(Ended.KILLED, detail=said))


def test_why_there_is_no_sandbox_is_no_business_of_a_models() -> None:
    told = how_it_ended(ended(Ended.UNAVAILABLE, detail="bubblewrap at /root/x is missing. apt-get install"))
    assert told == "it is not available now. Go on without it."


def test_what_a_payload_said_last_is_told_short() -> None:
    assert len(how_it_ended(ended(Ended.ERROR, stderr=b"x" * 10**6, refused=("y" * 10**6,)))) < 1000
