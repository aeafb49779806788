"""The chain as a person writes it down: a TOML file, read strictly. Knows the names of keys, and no key.

    free_tier = true                       # the discovered free models after these
    offline = true                         # and last the tier that needs no model

    [[models]]
    id = "anthropic/claude-sonnet-4-6"

    [[models]]
    id = "openai/qwen3-8b"                 # any id that LiteLLM takes
    base_url = "http://127.0.0.1:8080/v1"  # a server of one's own
    key = "MY_SERVER_KEY"                  # the variable that holds its key; without it none is sent
    input_usd_per_million = 0.10           # what it costs, where no list knows it
    output_usd_per_million = 0.40

Whatever else it says is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from quantumsketch.errors import BadInput
from quantumsketch.llm.routes import NamedModel
from quantumsketch.llm.types import Price
from quantumsketch.providers import fault_of_address

NAME = "models.toml"
"""What the file is called in the home."""
_MOST_BYTES = 1_000_000
_MILLION = 1_000_000

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FileEntry(_Strict):
    """One model of the file."""

    id: str
    base_url: str | None = None
    key: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = None
    input_usd_per_million: Usd | None = None
    output_usd_per_million: Usd | None = None

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None and (fault := fault_of_address(value)):
            raise ValueError(f"{fault}; a key is named by `key`")
        return value

    @model_validator(mode="after")
    def _both_prices_or_none(self) -> FileEntry:
        if (self.input_usd_per_million is None) != (self.output_usd_per_million is None):
            raise ValueError("gives one price of two: input_usd_per_million and output_usd_per_million")
        return self

    def named(self) -> NamedModel:
        """The model, priced by the token."""
        price = None
        if self.input_usd_per_million is not None and self.output_usd_per_million is not None:
            price = Price(
                input_usd=self.input_usd_per_million / _MILLION,
                output_usd=self.output_usd_per_million / _MILLION,
            )
        return NamedModel(id=self.id, base_url=self.base_url, key=self.key, price=price)


class ChainFile(_Strict):
    """What the file says; None: it does not."""

    free_tier: bool | None = None
    offline: bool | None = None
    models: list[FileEntry] | None = None


def read(path: Path, *, required: bool) -> ChainFile:
    """Read a chain file; one that need not be there says nothing if it is not.

    Raises BadInput naming the file, the entry and what is wrong with it.
    """
    name = f"the chain file {str(path)!r}"
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        if not required:
            return ChainFile()
        raise BadInput(f"{name} does not exist", mend="Write it, or unset QS_MODELS_FILE") from None
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}", mend="Give a TOML file") from None
    if len(content) > _MOST_BYTES:
        raise BadInput(f"{name} is larger than {_MOST_BYTES:,} bytes", mend="Shorten it")
    try:
        parsed = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:  # no UTF-8, or no TOML
        raise BadInput(f"{name} is not TOML: {error}", mend="Mend it there") from None
    try:
        chain = ChainFile.model_validate(parsed)
    except ValidationError as error:
        raise BadInput(f"{name} cannot be used: {_first(error, parsed)}", mend="Mend it there") from None
    if twice := _twice([entry.id for entry in chain.models or []]):
        raise BadInput(f"{name} names {twice!r} twice", mend="Leave one of the two")
    return chain


def _first(error: ValidationError, parsed: dict[str, Any]) -> str:
    """The first thing that is wrong, and in which entry."""
    problem = error.errors(include_url=False, include_input=False)[0]
    what = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        known = FileEntry if problem["loc"][0] == "models" else ChainFile
        what = f"is not known here; known are {', '.join(known.model_fields)}"
    match problem["loc"]:
        case ("models", int(index), *rest):
            entry = parsed["models"][index]
            model_id = entry.get("id") if isinstance(entry, dict) else None
            which = f"model {index + 1}" + (f" ({model_id!r})" if isinstance(model_id, str) else "")
            return ": ".join([which, *map(str, rest), what])
        case place:
            return ": ".join([*map(str, place), what])


def _twice(ids: Sequence[str]) -> str | None:
    return next((each for place, each in enumerate(ids) if each in ids[:place]), None)
