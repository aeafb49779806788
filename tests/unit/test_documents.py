"""The documents tell the truth: every command, target, file and variable that they name is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from quantumsketch.cli.main import qs
from quantumsketch.settings import variable_names

ROOT = Path(__file__).parents[2]
DOCUMENTS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "ARCHITECTURE.md")}
TEXT = "\n".join(DOCUMENTS.values())
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def commands() -> list[str]:
    """The qs commands of the README's code blocks, one each."""
    blocks = re.findall(r"```sh\n(.*?)```", DOCUMENTS["README.md"], re.DOTALL)
    lines = [line.split("#")[0] for block in blocks for line in block.splitlines()]
    return [
        part.strip() for line in lines for part in re.split(r"\s{3,}", line) if part.strip().startswith("qs ")
    ]


def test_the_readme_shows_commands() -> None:
    assert len(commands()) > 8


@pytest.mark.parametrize("line", commands())
def test_a_command_of_the_readme_is_one_that_qs_takes(line: str) -> None:
    _, name, *words = shlex.split(line)
    command = qs.commands[name]
    context = click.Context(command, info_name=name)
    # parsed as `qs` would, but not run
    command.make_parser(context).parse_args(list(words))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make ([a-z]+)`?", TEXT))))
def test_a_make_target_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?<!/)\b((?:[a-z_]+/)+[a-z_]+\.[a-z]+)\b", TEXT))))
def test_a_file_that_is_named_exists(path: str) -> None:
    made = path.startswith("build/")
    assert made or any((root / path).exists() for root in (ROOT, ROOT / "tests", ROOT / "quantumsketch"))


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b(?:QS|TEMPORAL)_[A-Z_]+\b", TEXT))))
def test_a_variable_that_is_named_is_read(name: str) -> None:
    assert name in variable_names() or name in COMPOSE


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_no_placeholder_is_left(name: str) -> None:
    assert not re.search(r"@@|TODO|TBD", DOCUMENTS[name])
