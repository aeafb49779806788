"""What OpenRouter says of its models and of a key, read from its JSON. Pure: fetches nothing, ranks nothing.

What is said beyond what is used here is ignored; a row that does not fit is left out.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from quantumsketch.call_book import FreeLimits
from quantumsketch.llm.types import Price

WITHOUT_CREDIT, WITH_CREDIT = 50, 1000
"""Free calls a day, of an account that never bought credits and of one that did."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Modalities(_Said):
    """What goes into a model, and what comes out."""

    input_modalities: list[str]
    output_modalities: list[str]


class ListedModel(_Said):
    """One model as OpenRouter lists it."""

    id: Annotated[str, Field(pattern=r"^[\w.:/@~+-]{1,200}$")]
    created: float = 0
    context_length: int | None = None
    architecture: Modalities
    pricing: dict[str, Any]
    supported_parameters: list[str] = []
    expiration_date: datetime | None = None

    @property
    def costs_nothing(self) -> bool:
        """Whether the price of words is stated, and every price that is stated is zero."""
        return {"prompt", "completion"} <= self.pricing.keys() and _is_zero(self.pricing)

    @property
    def price(self) -> Price | None:
        """What a token costs at the cheapest of those who offer the model; None if that is not fixed."""
        input_usd, output_usd = (_number(self.pricing.get(part)) for part in ("prompt", "completion"))
        if input_usd is None or output_usd is None or min(input_usd, output_usd) < 0:
            return None
        return Price(input_usd=input_usd, output_usd=output_usd)

    def expires_by(self, moment: datetime) -> bool:
        """Whether it is withdrawn by then; times without a zone are UTC."""
        expires = self.expiration_date
        if expires is None:
            return False
        return (expires if expires.tzinfo else expires.replace(tzinfo=UTC)) <= moment


class Listing(_Said):
    """The models of one moment."""

    base_url: str
    fetched_at: AwareDatetime
    models: list[ListedModel]

    def find(self, model_id: str) -> ListedModel | None:
        """The model of that id, as OpenRouter spells it."""
        return next((model for model in self.models if model.id == model_id), None)


def listed_models(answer: Any) -> list[ListedModel]:
    """The models of an answer to GET /models; empty if it is none."""
    rows = answer.get("data") if isinstance(answer, dict) else None
    found = []
    for row in rows if isinstance(rows, list) else []:
        try:
            found.append(ListedModel.model_validate(row))
        except ValidationError:
            continue
    return found


def query_of_next_page(answer: Any) -> str:
    """The query by which the rest of a list is asked for; empty if this was all of it."""
    following = _object(_object(answer).get("links")).get("next")
    return following.partition("?")[2] if isinstance(following, str) else ""


def free_limits(answer: Any) -> FreeLimits:
    """The account's limits by an answer to GET /key; the lower ones if it does not tell."""
    key = _object(_object(answer).get("data"))
    told = _object(key.get("free_model_daily_requests")).get("limit")
    if isinstance(told, int) and told > 0:
        return FreeLimits(per_day=told)
    return FreeLimits(per_day=WITH_CREDIT if key.get("is_free_tier") is False else WITHOUT_CREDIT)


def free_calls_left(answer: Any) -> int | None:
    """How many free calls the account has left today by an answer to GET /key, if it tells."""
    left = _object(_object(_object(answer).get("data")).get("free_model_daily_requests")).get("remaining")
    return left if isinstance(left, int) else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_zero(price: Any) -> bool:
    """Whether nothing in a price, or in what it consists of, is anything but zero."""
    match price:
        case dict():
            return all(map(_is_zero, price.values()))
        case list():
            return all(map(_is_zero, price))
        case None:
            return True
    return _number(price) == 0


def _number(price: Any) -> float | None:
    if isinstance(price, bool) or not isinstance(price, str | int | float):
        return None
    try:
        number = float(price)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
