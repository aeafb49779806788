"""`qs` as a process with a chain that cannot be used: one line, exit 2, nothing started, nothing written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

REFUSED = {
    "an unknown provider": (
        {"QS_MODELS": "ollama/a,antropic/b"},
        "'antropic/b' in the model chain is of the",
    ),
    "no model at all": ({"QS_MODELS": "ollama/a,best"}, "'best' in the model chain is not a model"),
    "nobody who answers": (
        {"QS_OFFLINE": "off", "QS_MODELS": "groq/llama-4"},
        "offline is switched off: groq/llama-4: GROQ_API_KEY is not set",
    ),
    "only a free tier without a key": (
        {"QS_OFFLINE": "off", "QS_MODELS": "deepseek/deepseek-r1:free"},
        "deepseek/deepseek-r1:free: OPENROUTER_API_KEY is not set",
    ),
    "a file that is not there": ({"QS_MODELS_FILE": "none.toml"}, "none.toml' does not exist"),
    "a negative budget": ({"QS_TENANT_BUDGET": "-5"}, "QS_TENANT_BUDGET is '-5'"),
    "an address that is none": ({"OPENAI_API_BASE": "localhost"}, "OPENAI_API_BASE is not an address"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_chain_that_cannot_be_used_is_refused_before_anything_starts(
    run_qs: Run, qs_home: Path, name: str
) -> None:
    env, told = REFUSED[name]
    ran = run_qs("render", "-", typed="Tea", env=env)
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1), ran.stderr
    assert told in ran.stderr
    assert list(qs_home.iterdir()) == []


def test_a_malformed_chain_file_is_refused_with_its_entry(run_qs: Run, qs_home: Path) -> None:
    file = qs_home / "models.toml"
    file.write_text('[[models]]\nid = "ollama/a"\n[[models]]\nid = "openai/b"\nprice = 3\n')
    ran = run_qs("render", "-", typed="Tea")
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1), ran.stderr
    assert f"{str(file)!r} cannot be used: model 2 ('openai/b'): price" in ran.stderr
    assert list(qs_home.iterdir()) == [file]


def test_qs_models_starts_nothing_and_writes_nothing_without_a_key(run_qs: Run, qs_home: Path) -> None:
    ran = run_qs("models")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "anthropic/claude-sonnet-4-6" in ran.stdout
    assert list(qs_home.iterdir()) == []
