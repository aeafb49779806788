"""Settings: what the environment may say, and how a wrong word is answered."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from quantumsketch.errors import BadInput
from quantumsketch.settings import DEFAULT_MODELS, ROOT_HOME, Settings, secrets, variable_names

ROOT = Path(__file__).parents[2]


def test_an_empty_environment_means_offline_on_embedded_servers() -> None:
    settings = Settings()
    assert settings.models == DEFAULT_MODELS
    assert settings.home.is_absolute()
    assert (settings.database_url, settings.temporal_is_external) == (None, False)
    assert (settings.provider_keys, settings.provider_bases) == ({}, {})
    assert (settings.tenant, settings.worker) == ("default", "inline")
    assert settings.render_slots >= 1


@pytest.mark.parametrize("root", ["/", "/usr/.."])
def test_everything_is_no_home(monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    monkeypatch.setenv("QS_HOME", root)
    with pytest.raises(BadInput, match="QS_HOME"):
        Settings()


def test_root_keeps_its_data_outside_its_private_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert Settings().home == ROOT_HOME
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert Settings().home != ROOT_HOME


def test_a_variable_that_is_set_but_empty_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variable_names():
        monkeypatch.setenv(name, "")
    assert Settings() == Settings.model_construct(**Settings().model_dump())
    assert Settings().models == DEFAULT_MODELS
    assert Settings().provider_keys == {}


def test_the_model_chain_is_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_MODELS", " a/b , c/d:free,")
    assert Settings().models == ("a/b", "c/d:free")


@pytest.mark.parametrize("name", ["TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"])
def test_temporals_own_variables_mean_an_external_server(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "somewhere")
    assert Settings().temporal_is_external


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QS_HOME", "/elsewhere")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "environment:7233")
    settings = Settings(home=Path("/given"), temporal_address="given:7233")
    assert (settings.home, settings.temporal_address) == (Path("/given"), "given:7233")


def test_keys_and_addresses_are_found_by_their_variables_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "made-up")
    monkeypatch.setenv("OPENROUTER_API_BASE", "http://127.0.0.1:1/v1")
    settings = Settings()
    assert {name: key.get_secret_value() for name, key in settings.provider_keys.items()} == {
        "GEMINI_API_KEY": "made-up"
    }
    assert settings.provider_bases == {"OPENROUTER_API_BASE": "http://127.0.0.1:1/v1"}


def test_white_space_around_a_key_is_not_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", " made-up\n")
    monkeypatch.setenv("MISTRAL_API_KEY", " \n")
    assert {name: key.get_secret_value() for name, key in Settings().provider_keys.items()} == {
        "GROQ_API_KEY": "made-up"
    }


def test_a_variable_that_a_person_names_is_read_as_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SERVER_KEY", "hush-hush")
    found = secrets(["MY_SERVER_KEY", "NOBODY_SET_THIS"])
    assert list(found) == ["MY_SERVER_KEY"]
    assert "hush-hush" not in repr(found)


@pytest.mark.parametrize(
    "address",
    ["localhost:8080", "http://me:hush-hush@host/v1", "https://host/v1?key=hush-hush", "http://", "ftp://host",
     "http://host:port", "http://ho st/v1"],
)  # fmt: skip
def test_an_address_of_a_provider_is_refused_unless_it_is_one_and_no_more(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", address)
    with pytest.raises(BadInput, match="OPENAI_API_BASE") as caught:
        Settings()
    assert "hush-hush" not in str(caught.value)


def test_the_switches_are_on_and_there_is_no_budget_unless_they_are_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (Settings().free_tier, Settings().offline, Settings().tenant_budget) == (True, True, None)
    monkeypatch.setenv("QS_FREE_TIER", "off")
    monkeypatch.setenv("QS_OFFLINE", "off")
    monkeypatch.setenv("QS_TENANT_BUDGET", "12.5")
    assert (Settings().free_tier, Settings().offline, Settings().tenant_budget) == (False, False, 12.5)


def test_no_secret_shows_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [name for name in variable_names() if name.endswith("_KEY")]
    assert len(keys) > 15
    for name in keys:
        monkeypatch.setenv(name, "hush-hush")
    monkeypatch.setenv("QS_DATABASE_URL", "postgresql://me:hush-hush@host/base")
    settings = Settings()
    for text in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.provider_keys)):
        assert "hush-hush" not in text
    assert list(settings.provider_keys) == keys


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("QS_RENDER_SLOTS", "many", "whole number from 1 to 256"),
        ("QS_RENDER_SLOTS", "0", "whole number from 1 to 256"),
        ("QS_WORKER", "abroad", "inline or external"),
        ("QS_SANDBOX", "half", "any or full"),
        ("QS_TENANT", "Us & Co", "a-z"),
        ("QS_MODELS", " , ", "PROVIDER/MODEL"),
        ("QS_FREE_TIER", "perhaps", "on or off"),
        ("QS_OFFLINE", "never", "on or off"),
        ("QS_EMBEDDER", "the best one", "local or PROVIDER/MODEL"),
        ("QS_TENANT_BUDGET", "-1", "an amount in USD, 0 or more"),
        ("QS_TENANT_BUDGET", "nan", "an amount in USD, 0 or more"),
        ("QS_TENANT_BUDGET", "inf", "an amount in USD, 0 or more"),
        ("QS_TENANT_BUDGET", "ten", "an amount in USD, 0 or more"),
    ],
)
def test_a_wrong_value_is_answered_with_its_name_itself_and_what_is_allowed(
    name: str, value: str, allowed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadInput) as caught:
        Settings()
    assert name in str(caught.value)
    assert repr(value) in str(caught.value)
    assert allowed in str(caught.value)


def test_a_wrong_database_url_is_not_shown_as_it_may_hold_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QS_DATABASE_URL", "mysql://me:hush-hush@host/base")
    with pytest.raises(BadInput, match=r"QS_DATABASE_URL.*postgresql://") as caught:
        Settings()
    assert "hush-hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_example_file_has_every_variable_and_no_other() -> None:
    product, _, _ = (ROOT / ".env.example").read_text().partition("# --- docker compose alone")
    written = re.findall(r"^#?([A-Z][A-Z_]+)=", product, re.MULTILINE)
    assert sorted(written) == sorted(variable_names())


def test_reading_the_settings_imports_nothing_heavy() -> None:
    code = "import sys, quantumsketch.settings; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "pydantic_settings" in loaded
    assert not loaded & {"temporalio", "manim", "litellm", "psycopg", "fastapi", "numpy"}
