"""The chain file: what it may say, and how each mistake in it is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.errors import BadInput
from quantumsketch.llm.chain_file import read
from quantumsketch.llm.types import Price

FULL = """
free_tier = false
offline = true

[[models]]
id = "openai/qwen3-8b"
base_url = "http://127.0.0.1:8080/v1"
key = "MY_SERVER_KEY"
input_usd_per_million = 0.5
output_usd_per_million = 2

[[models]]
id = "ollama/llama3"
"""


def entry(lines: str) -> str:
    return f'[[models]]\nid = "ollama/llama3"\n[[models]]\nid = "openai/qwen3"\n{lines}'


WRONG = {
    "no toml": ("models = [", "is not TOML"),
    "nested for ever": ("models = " + "[" * 5000, "is not TOML"),
    "an unknown field": ("fallback = true", "fallback: is not known here; known are free_tier, offline, m"),
    "a switch in words": ('offline = "no"', "offline: Input should be a valid boolean"),
    "a list that is none": ('models = "a/b"', "models: Input should be a valid list"),
    "an entry that is none": ('models = ["a/b"]', "model 1: "),
    "no id": ("[[models]]\nbase_url = 'http://a'", "model 1: id: Field required"),
    "an unknown field of an entry": (entry("top_p = 1"), "top_p: is not known here; known are id, base_url"),
    "a price in words": (entry('input_usd_per_million = "1"'), "input_usd_per_million: Input should be a"),
    "a negative price": (
        entry("input_usd_per_million = -1\noutput_usd_per_million = 1"),
        "model 2 ('openai/qwen3'): input_usd_per_million: Input should be greater than or equal to 0",
    ),
    "a price of nan": (entry("input_usd_per_million = nan\noutput_usd_per_million = 1"), "finite number"),
    "an endless price": (entry("input_usd_per_million = 1\noutput_usd_per_million = inf"), "finite number"),
    "half a price": (entry("input_usd_per_million = 1"), "model 2 ('openai/qwen3'): gives one price of two"),
    "no address": (entry('base_url = "localhost:8080"'), "base_url: is not an address that starts with http"),
    "an address with a password": (entry('base_url = "http://me:hush@a/v1"'), "base_url: holds more than"),
    "an address with a query": (entry('base_url = "http://a/v1?key=hush"'), "base_url: holds more than"),
    "a key instead of its name": (entry('key = "sk-hush"'), "model 2 ('openai/qwen3'): key: "),
    "a model twice": (entry('[[models]]\nid = "ollama/llama3"'), "names 'ollama/llama3' twice"),
}  # fmt: skip


def test_everything_that_a_file_may_say_is_read(tmp_path: Path) -> None:
    (tmp_path / "chain.toml").write_text(FULL)
    chain = read(tmp_path / "chain.toml", required=True)
    assert (chain.free_tier, chain.offline) == (False, True)
    assert chain.models
    own, local = (each.named() for each in chain.models)
    assert (own.id, own.base_url, own.key) == ("openai/qwen3-8b", "http://127.0.0.1:8080/v1", "MY_SERVER_KEY")
    assert own.price == Price(input_usd=0.5e-6, output_usd=2e-6)
    assert (local.id, local.base_url, local.key, local.price) == ("ollama/llama3", None, None, None)


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_with_the_file_the_entry_and_the_reason(tmp_path: Path, name: str) -> None:
    text, told = WRONG[name]
    (tmp_path / "chain.toml").write_text(text)
    with pytest.raises(BadInput) as caught:
        read(tmp_path / "chain.toml", required=False)
    assert "chain.toml" in caught.value.what
    assert told in caught.value.what
    assert "hush" not in str(caught.value)
    assert caught.value.mend


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "latin").write_bytes("# für alle".encode("latin-1"))
    (tmp_path / "long").write_bytes(b"#" * 1_000_001)
    for name, told in (("folder", "directory"), ("latin", "is not TOML"), ("long", "larger than 1,000,000")):
        with pytest.raises(BadInput, match=told):
            read(tmp_path / name, required=True)


def test_only_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    assert read(tmp_path / "none.toml", required=False).models is None
    with pytest.raises(BadInput, match="does not exist"):
        read(tmp_path / "none.toml", required=True)
