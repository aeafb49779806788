"""SECURITY.md claims nothing that no test holds: what it names is there, and it names what is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from quantumsketch.tools.sandbox.contents import MOST_LEVELS
from quantumsketch.tools.sandbox.mounts import SHARED_MEMORY_BYTES
from quantumsketch.tools.tool import HARD_TIMEOUT_S, Limits

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+/test_\w+\.py)::(test_\w+)`", TEXT)))
MIB = 2**20


@cache
def names_in(file: str) -> set[str]:
    """The names of the functions of a file below `tests/`."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def claims() -> list[str]:
    """The rows of the table of claims."""
    table = TEXT.split("| claim | held by |")[1].split("\n\n")[0]
    return table.strip().splitlines()[1:]


def test_it_names_tests() -> None:
    assert len(NAMED) > 20
    assert "test_it_names_tests" in names_in("unit/test_security_document.py")
    assert "test_that_nobody_wrote" not in names_in("unit/test_security_document.py")


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_test_that_it_names_is_there(file: str, test: str) -> None:
    assert test in names_in(file)


def test_every_claim_names_a_test() -> None:
    assert len(claims()) > 10
    named = {f"{file}::{test}" for file, test in NAMED}
    assert [row for row in claims() if not any(name in row for name in named)] == []


def test_every_test_of_escapes_is_named_by_its_file() -> None:
    files = {file for file, _ in NAMED}
    assert {f"escapes/{path.name}" for path in (TESTS / "escapes").glob("test_*.py")} <= files


def test_every_path_that_it_names_is_there() -> None:
    paths = re.findall(r"`(?:tests/)?((?:escapes|unit|integration|acceptance)/[\w./]*)", TEXT)
    assert len(paths) > 20
    assert [path for path in paths if not (TESTS / path).exists()] == []


@pytest.mark.parametrize(
    "row",
    [
        f"| time | {HARD_TIMEOUT_S:g} s |",
        f"| processor time | {Limits().cpu_s:g} s |",
        f"| memory | {Limits().memory_bytes // 2**30} GiB |",
        f"| processes | {Limits().processes}, ",
        f"| scratch | {Limits().scratch_bytes // 2**30} GiB in {Limits().scratch_files:,} files, "
        f"{MOST_LEVELS} levels deep |",
        f"| shared memory | {SHARED_MEMORY_BYTES // MIB} MiB |",
        f"| open files | {Limits().open_files} ",
        f"| what it prints | {Limits().printed_bytes // 1024} KiB ",
        f"| network, if any | {Limits().network_bytes // MIB} MiB both ways, {Limits().connections} ",
    ],
)
def test_the_limits_that_it_tells_are_those_in_force(row: str) -> None:
    assert row in TEXT


def test_it_says_how_to_report_a_hole_in_private_and_what_is_not_covered() -> None:
    assert "Report a vulnerability" in TEXT
    assert len(re.findall(r"^- \*\*", TEXT.split("## What is not covered")[1], re.MULTILINE)) >= 8
