"""What the environment says about this installation. The only place that reads it; knows no server, no model.

Of Temporal's own variables only the presence is read here: Temporal's client library reads the rest.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from quantumsketch.errors import BadInput
from quantumsketch.providers import BASE_VARIABLES, KEY_VARIABLES, fault_of_address
from quantumsketch.storyboard import TenantName

DEFAULT_MODELS = ("anthropic/claude-sonnet-4-6", "google/gemini-2.5-flash", "deepseek/deepseek-r1:free")
LOCAL_EMBEDDER = "local"
ROOT_HOME = Path("/var/lib/quantumsketch")
_PREFIX = "QS_"


def _default_home() -> Path:
    if os.geteuid() == 0:  # root's own home is private: servers under another uid could not reach into it
        return ROOT_HOME
    import platformdirs

    return Path(platformdirs.user_data_dir("quantumsketch", appauthor=False))


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _named(variable: str) -> Any:
    """A field read from a variable that others named: it has no prefix of ours."""
    return Field(default=None, validation_alias=variable)


class Settings(BaseSettings):
    """This installation's settings, from the environment unless given by field name.

    Raises BadInput that names the variable, its value (unless secret) and what is allowed.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, extra="forbid", frozen=True, populate_by_name=True
    )

    home: Path = Field(default_factory=_default_home, description="a folder, not the root of everything")
    """Everything that is kept lies here: databases, assets, logs."""
    database_url: SecretStr | None = Field(
        default=None, description="postgresql://USER:PASSWORD@HOST/DATABASE"
    )
    """A Postgres with pgvector. Without one the embedded server is started."""
    tenant: TenantName = Field(default="default", description="1 to 63 of a-z, 0-9, _ and -")
    models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=DEFAULT_MODELS, min_length=1, description="PROVIDER/MODEL names with commas between"
    )
    """The chain: who is asked first, and who is asked when that one fails."""
    models_file: Path | None = Field(default=None, description="a TOML file")
    """The chain written in a file, instead of `models.toml` in the home; `models` wins over its entries."""
    free_tier: bool = Field(default=True, description="on or off")
    """Whether OpenRouter's free models are asked after the chain."""
    offline: bool = Field(default=True, description="on or off")
    """Whether a storyboard is written without a model when none answers."""
    embedder: str = Field(
        default=LOCAL_EMBEDDER, pattern=r"^(local|[^/\s]+/\S+)$", description="local or PROVIDER/MODEL"
    )
    """What makes vectors of the memory's texts: the model that needs no network, or a hosted one."""
    tenant_budget: float | None = Field(
        default=None, ge=0, allow_inf_nan=False, description="an amount in USD, 0 or more"
    )
    """USD that the models may cost one tenant in a calendar month (UTC). None: any amount."""
    worker: Literal["inline", "external"] = Field(default="inline", description="inline or external")
    """Whether `qs` does the work itself, or leaves it to a `qs worker` elsewhere."""
    render_slots: int = Field(
        default_factory=_usable_cores, ge=1, le=256, description="a whole number from 1 to 256"
    )
    """How many clips this machine renders at the same time."""
    sandbox: Literal["any", "full"] = Field(default="any", description="any or full")
    """Which sandbox will do: the best that works here, or bubblewrap with every wall and nothing less."""

    temporal_address: str | None = _named("TEMPORAL_ADDRESS")
    temporal_profile: str | None = _named("TEMPORAL_PROFILE")
    temporal_config_file: str | None = _named("TEMPORAL_CONFIG_FILE")

    _provider_keys: Mapping[str, SecretStr] = PrivateAttr(default_factory=lambda: secrets(KEY_VARIABLES))
    _provider_bases: Mapping[str, str] = PrivateAttr(default_factory=lambda: _addresses(BASE_VARIABLES))

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            raise _bad_setting(error) from None

    @field_validator("models", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        names = tuple(name.strip() for name in value.split(",") if name.strip())
        if not names:
            raise ValueError("no model is named")
        return names

    @field_validator("home", "models_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and Path.cwd() / value.expanduser()

    @field_validator("home")
    @classmethod
    def _has_a_name(cls, value: Path) -> Path:
        if value.resolve() == Path("/"):
            raise ValueError("everything lies below it")
        return value

    @field_validator("database_url")
    @classmethod
    def _names_a_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("not the address of a Postgres")
        return value

    @property
    def temporal_is_external(self) -> bool:
        """Whether Temporal's environment configuration names a server, so that none is started here."""
        return bool(self.temporal_address or self.temporal_profile or self.temporal_config_file)

    @property
    def provider_keys(self) -> Mapping[str, SecretStr]:
        """The providers' keys that are set, by variable name."""
        return self._provider_keys

    @property
    def provider_bases(self) -> Mapping[str, str]:
        """Addresses of providers that replace the usual ones, by variable name. They hold no secret."""
        return self._provider_bases


def secrets(variables: Iterable[str]) -> dict[str, SecretStr]:
    """Read those of the variables that are set and not empty: a person names some of them in a chain file."""
    found = ((name, os.environ.get(name, "").strip()) for name in variables)
    return {name: SecretStr(value) for name, value in found if value}


def _addresses(variables: Iterable[str]) -> dict[str, str]:
    """Read addresses from the environment; raises BadInput that names the variable, not its value."""
    found = {name: value.get_secret_value() for name, value in secrets(variables).items()}
    for name, address in found.items():
        if fault := fault_of_address(address):
            raise BadInput(
                f"{name} {fault}", mend="Allowed is http(s)://HOST/PATH; keys have variables of their own"
            )
    return found


def variable_names() -> list[str]:
    """The environment variables that are read, in order."""
    return [*map(_variable, Settings.model_fields), *KEY_VARIABLES, *BASE_VARIABLES]


def _variable(field: str) -> str:
    alias = Settings.model_fields[field].validation_alias if field in Settings.model_fields else None
    return alias if isinstance(alias, str) else f"{_PREFIX}{field.upper()}"


def _bad_setting(error: ValidationError) -> BadInput:
    problem = error.errors(include_url=False)[0]
    place = str(problem["loc"][0]) if problem["loc"] else ""
    field = Settings.model_fields.get(place)
    secret = field is None or "Secret" in str(field.annotation)
    value = "a value that is not shown" if secret else repr(problem["input"])
    allowed = field.description if field and field.description else problem["msg"]
    return BadInput(f"{_variable(place) if field else place} is {value}", mend=f"Allowed is {allowed}")
