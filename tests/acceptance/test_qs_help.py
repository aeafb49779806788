"""`qs --help` as a newcomer runs it: every command named, nothing slow imported."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from quantumsketch.cli.main import qs

QS = Path(sys.executable).with_name("qs")
SLOW = {
    "fastapi", "httpx", "jinja2", "litellm", "manim", "numpy", "onnxruntime", "psycopg", "pydantic",
    "renderers", "rich", "temporalio", "tokenizers", "uvicorn", "web", "workflows",
}  # fmt: skip
COMMANDS = [
    "cancel", "concept", "doctor", "key", "list", "memory", "models", "preference", "related", "render",
    "resume", "serve", "show", "tenant", "tools", "worker",
]  # fmt: skip


def _imported(*words: str) -> set[str]:
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    ran = subprocess.run([QS, *words], env=environment, capture_output=True, text=True, check=True)
    return {name.strip().split(".")[0] for name in re.findall(r"\| +([\w.]+)$", ran.stderr, re.MULTILINE)}


def test_help_imports_nothing_slow() -> None:
    imported = _imported("--help")
    assert "click" in imported, "the list of imports was not read"
    assert imported & SLOW == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_imports_nothing_slow(command: str) -> None:
    imported = _imported(command, "--help")
    assert "click" in imported
    assert imported & SLOW == set()


def test_help_names_every_command() -> None:
    said = subprocess.run([QS, "--help"], capture_output=True, text=True, check=True).stdout
    assert sorted(qs.commands) == COMMANDS
    assert re.findall(r"^  (\w+)  ", said, re.MULTILINE) == COMMANDS
