"""Which models are asked, and over which provider each is reached."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.errors import BadInput
from quantumsketch.llm.chain import Chain, chain_of, models
from quantumsketch.llm.routes import NamedModel
from quantumsketch.llm.types import ModelEntry, Price
from quantumsketch.settings import DEFAULT_MODELS, Settings

ROUTES = [
    ("anthropic/claude-sonnet-4-6", {"ANTHROPIC_API_KEY"}, "anthropic/claude-sonnet-4-6"),
    (
        "anthropic/claude-sonnet-4-6",
        {"ANTHROPIC_API_KEY", "OPENROUTER_API_KEY"},
        "anthropic/claude-sonnet-4-6",
    ),
    ("anthropic/claude-sonnet-4-6", {"OPENROUTER_API_KEY"}, "openrouter/anthropic/claude-sonnet-4.6"),
    ("anthropic/claude-sonnet-4.6", {"ANTHROPIC_API_KEY"}, "anthropic/claude-sonnet-4-6"),
    ("anthropic/claude-haiku-4-5-20251001", {"OPENROUTER_API_KEY"}, "openrouter/anthropic/claude-haiku-4.5"),
    (
        "anthropic/claude-3-5-sonnet-20241022",
        {"OPENROUTER_API_KEY"},
        "openrouter/anthropic/claude-3.5-sonnet",
    ),
    ("anthropic/claude-sonnet-4-20250514", {"OPENROUTER_API_KEY"}, "openrouter/anthropic/claude-sonnet-4"),
    ("openrouter/anthropic/claude-opus-4-6", {"OPENROUTER_API_KEY"}, "openrouter/anthropic/claude-opus-4.6"),
    ("google/gemini-2.5-flash", {"GEMINI_API_KEY"}, "gemini/gemini-2.5-flash"),
    ("google/gemini-2.5-flash", {"OPENROUTER_API_KEY"}, "openrouter/google/gemini-2.5-flash"),
    ("gemini/gemini-2.5-flash", {"OPENROUTER_API_KEY"}, "openrouter/google/gemini-2.5-flash"),
    ("deepseek/deepseek-r1", {"DEEPSEEK_API_KEY"}, "deepseek/deepseek-r1"),
    (
        "deepseek/deepseek-r1:free",
        {"DEEPSEEK_API_KEY", "OPENROUTER_API_KEY"},
        "openrouter/deepseek/deepseek-r1:free",
    ),
    ("openrouter/meta/llama:free", {"OPENROUTER_API_KEY"}, "openrouter/meta/llama:free"),
    ("openai/gpt-5", {"OPENAI_API_KEY"}, "openai/gpt-5"),
    ("ollama/llama3", set(), "ollama_chat/llama3"),
    ("groq/llama-4", {"GROQ_API_KEY"}, "groq/llama-4"),
    ("mistral/mistral-large-latest", {"MISTRAL_API_KEY"}, "mistral/mistral-large-latest"),
    ("x-ai/grok-4.3", {"XAI_API_KEY"}, "xai/grok-4.3"),
    ("xai/grok-4.3", {"OPENROUTER_API_KEY"}, "openrouter/x-ai/grok-4.3"),
    ("qwen/qwen3-coder:free", {"OPENROUTER_API_KEY"}, "openrouter/qwen/qwen3-coder:free"),
    ("bedrock/anthropic.claude-v2:1", set(), "bedrock/anthropic.claude-v2:1"),
]


@pytest.mark.parametrize(("model_id", "keys", "litellm_id"), ROUTES)
def test_a_model_is_reached_by_its_own_key_else_through_openrouter(
    model_id: str, keys: set[str], litellm_id: str
) -> None:
    (entry,) = models([model_id], keys)
    assert (entry.id, entry.litellm_id, entry.reachable) == (model_id, litellm_id, True)


@pytest.mark.parametrize(
    ("model_id", "keys", "missing"),
    [
        ("anthropic/claude-sonnet-4-6", set(), "neither ANTHROPIC_API_KEY nor OPENROUTER_API_KEY"),
        ("google/gemini-2.5-flash", {"ANTHROPIC_API_KEY"}, "neither GEMINI_API_KEY nor OPENROUTER_API_KEY"),
        ("deepseek/deepseek-r1:free", {"DEEPSEEK_API_KEY"}, "OPENROUTER_API_KEY"),
        ("openrouter/meta/llama", {"OPENAI_API_KEY"}, "OPENROUTER_API_KEY"),
        ("groq/llama-4", {"OPENROUTER_API_KEY"}, "GROQ_API_KEY"),
        ("openai/gpt-5", set(), "neither OPENAI_API_KEY nor OPENROUTER_API_KEY"),
        ("hosted_vllm/qwen3-8b", set(), "HOSTED_VLLM_API_BASE"),
    ],
)
def test_a_model_without_a_key_is_skipped_and_says_which_is_missing(
    model_id: str, keys: set[str], missing: str
) -> None:
    (entry,) = models([model_id], keys)
    assert not entry.reachable
    assert entry.why == f"{missing} is {'set' if 'nor' in missing else 'not set'}"


def test_the_chain_keeps_its_order_and_names_each_model_once() -> None:
    chain = [*DEFAULT_MODELS, DEFAULT_MODELS[0]]
    assert [entry.id for entry in models(chain, {"OPENROUTER_API_KEY"})] == list(DEFAULT_MODELS)


@pytest.mark.parametrize(
    "bad", ["", "claude", "anthropic/", "/claude", "anthropic/claude sonnet", "a/b\n", "antropic/claude"]
)
def test_an_entry_that_is_no_model_is_refused_by_name(bad: str) -> None:
    with pytest.raises(BadInput) as caught:
        models(["ollama/llama3", bad], set())
    assert repr(bad) in caught.value.what
    assert caught.value.mend


def test_a_provider_that_nobody_knows_is_told_with_how_to_reach_it_at_openrouter() -> None:
    with pytest.raises(BadInput) as caught:
        models(["meta-llama/llama-4"], {"OPENROUTER_API_KEY"})
    assert "'meta-llama'" in caught.value.what
    assert "openrouter/meta-llama/llama-4" in caught.value.mend


@given(st.text(max_size=40))
def test_any_text_is_either_a_model_or_refused_by_name(text: str) -> None:
    try:
        said = models([text], {"OPENROUTER_API_KEY"})[0].id
    except BadInput as refused:
        said = refused.what
    assert said == text or repr(text) in said


def _only(named: str | NamedModel, keys: set[str], bases: dict[str, str] | None = None) -> ModelEntry:
    (entry,) = models([named], keys, bases or {})
    return entry


def test_an_entry_says_which_key_it_is_called_with_and_never_the_key() -> None:
    assert _only("google/gemini-2.5-flash", {"GEMINI_API_KEY"}).key_name == "GEMINI_API_KEY"
    assert _only("google/gemini-2.5-flash", {"OPENROUTER_API_KEY"}).key_name == "OPENROUTER_API_KEY"
    assert _only("ollama/llama3", set()).key_name is None


def test_a_server_at_the_usual_variable_is_asked_there_and_needs_no_key() -> None:
    entry = _only("openai/qwen3-8b", set(), {"OPENAI_API_BASE": "http://127.0.0.1:8080/v1"})
    assert (entry.reachable, entry.base_url, entry.key_name) == (True, "http://127.0.0.1:8080/v1", None)
    assert entry.price == Price(input_usd=0, output_usd=0)
    at_gateway = _only(
        "anthropic/claude-sonnet-4-6", {"ANTHROPIC_API_KEY"}, {"ANTHROPIC_API_BASE": "https://gateway/v1"}
    )
    assert (at_gateway.base_url, at_gateway.key_name) == ("https://gateway/v1", "ANTHROPIC_API_KEY")
    assert not _only(
        "anthropic/claude-sonnet-4-6", set(), {"ANTHROPIC_API_BASE": "https://gateway"}
    ).reachable


def test_a_providers_key_is_not_sent_to_an_address_of_the_entrys_own() -> None:
    own = NamedModel(id="openai/qwen3-8b", base_url="http://10.0.0.7/v1")
    entry = _only(own, {"OPENAI_API_KEY"})
    assert (entry.reachable, entry.base_url, entry.key_name) == (True, "http://10.0.0.7/v1", None)
    keyed = own.model_copy(update={"key": "MY_KEY"})
    assert _only(keyed, {"OPENAI_API_KEY", "MY_KEY"}).key_name == "MY_KEY"
    missing = _only(keyed, {"OPENAI_API_KEY"})
    assert (missing.reachable, missing.why) == (False, "MY_KEY is not set")


def test_an_entry_of_openrouter_can_name_another_key_for_it() -> None:
    entry = _only(NamedModel(id="deepseek/deepseek-r1:free", key="MY_KEY"), {"MY_KEY", "OPENROUTER_API_KEY"})
    assert (entry.litellm_id, entry.key_name) == ("openrouter/deepseek/deepseek-r1:free", "MY_KEY")


def test_only_openrouters_free_models_are_marked_free_and_cost_nothing() -> None:
    keys = {"OPENROUTER_API_KEY", "ANTHROPIC_API_KEY"}
    free, paid = models(["deepseek/deepseek-r1:free", "anthropic/claude-sonnet-4-6"], keys)
    assert (free.free, free.price) == (True, Price(input_usd=0, output_usd=0))
    assert (paid.free, paid.price) == (False, Price(input_usd=3e-06, output_usd=15e-06))


def test_a_price_that_a_person_gives_wins_over_every_list() -> None:
    mine = Price(input_usd=1e-06, output_usd=2e-06)
    for model_id in ("anthropic/claude-sonnet-4-6", "ollama/llama3"):
        assert _only(NamedModel(id=model_id, price=mine), {"ANTHROPIC_API_KEY"}).price == mine


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def _chain(home: Path, text: str = "", **settings: object) -> Chain:
    if text:
        (home / "models.toml").write_text(text)
    return chain_of(Settings(home=home, **settings))


def _ids(chain: Chain) -> list[str]:
    return [each.id for each in chain.named]


def test_without_a_file_and_variables_the_chain_is_the_usual_one(home: Path) -> None:
    chain = _chain(home)
    assert _ids(chain) == list(DEFAULT_MODELS)
    assert (chain.origin, chain.offline, chain.free_tier_on, chain.free_tier) == (
        "the usual one", True, True, None,
    )  # fmt: skip


def test_the_file_in_the_home_names_the_chain_and_its_switches(home: Path) -> None:
    chain = _chain(home, 'free_tier = false\noffline = false\n[[models]]\nid = "ollama/llama3"')
    assert _ids(chain) == ["ollama/llama3"]
    assert chain.origin == str(home / "models.toml")
    assert (chain.offline, chain.free_tier_on) == (False, False)


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_MODELS", "ollama/mistral")
    monkeypatch.setenv("QS_OFFLINE", "on")
    chain = _chain(home, 'free_tier = false\noffline = false\n[[models]]\nid = "ollama/llama3"')
    assert (_ids(chain), chain.origin) == (["ollama/mistral"], "QS_MODELS")
    assert (chain.offline, chain.free_tier_on) == (True, False)


def test_a_file_elsewhere_is_read_instead_and_has_to_be_there(home: Path) -> None:
    other = home / "other.toml"
    with pytest.raises(BadInput, match=r"other\.toml' does not exist"):
        _chain(home, models_file=other)
    other.write_text('[[models]]\nid = "ollama/phi"')
    assert _ids(_chain(home, '[[models]]\nid = "ollama/llama3"', models_file=other)) == ["ollama/phi"]


def test_a_file_of_switches_alone_keeps_the_usual_models_and_an_empty_list_has_none(home: Path) -> None:
    assert _ids(_chain(home, "offline = true")) == list(DEFAULT_MODELS)
    assert _ids(_chain(home, "models = []")) == []


def test_the_variable_that_an_entry_names_is_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[[models]]\nid = "openai/qwen3-8b"\nbase_url = "http://127.0.0.1:8080/v1"\nkey = "MY_SERVER_KEY"'
    (missing,) = _chain(home, text).named_entries()
    assert (missing.reachable, missing.why) == (False, "MY_SERVER_KEY is not set")
    monkeypatch.setenv("MY_SERVER_KEY", "hush-hush")
    chain = _chain(home, text)
    (entry,) = chain.named_entries()
    assert (entry.reachable, entry.key_name) == (True, "MY_SERVER_KEY")
    assert chain.keys["MY_SERVER_KEY"].get_secret_value() == "hush-hush"
    assert "hush-hush" not in repr(chain) + entry.model_dump_json()


def test_a_chain_of_which_nothing_can_answer_is_refused_entry_by_entry(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput) as caught:
        _chain(home, offline=False).check()
    for model_id in DEFAULT_MODELS:
        assert f"{model_id}: " in caught.value.what
    assert "neither ANTHROPIC_API_KEY nor OPENROUTER_API_KEY is set" in caught.value.what
    _chain(home).check()
    _chain(home, offline=False, models=("ollama/llama3",)).check()
    monkeypatch.setenv("OPENROUTER_API_KEY", "made-up")
    _chain(home, offline=False, models=("groq/llama-4",)).check()
    with pytest.raises(BadInput, match="GROQ_API_KEY is not set"):
        _chain(home, offline=False, free_tier=False, models=("groq/llama-4",)).check()


async def test_without_a_key_for_openrouter_the_entries_are_the_named_ones(home: Path) -> None:
    chain = _chain(home)
    assert await chain.entries() == chain.named_entries()
