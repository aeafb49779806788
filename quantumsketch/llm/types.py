"""What passes between whoever asks a model and whoever calls it, and how a call can fail. Knows no provider.

ModelFailed
├── RateLimited        asked too often; says when to come back, if the provider does
├── QuotaExhausted     nothing left to spend
│   └── DayQuotaExhausted   … until a new day begins
├── Overloaded         the provider is too busy or broken; a retry can help
├── ProviderTimeout    no answer in time
├── Unreachable        no connection; a retry can help
│   └── ConnectionLost      … any more: it broke while the answer was awaited, which may be billed
├── NotAuthorised      the key is missing, wrong or not allowed this
├── ContextTooLong     the question does not fit into the model
├── BadRequest         the provider does not take the request
│   └── UnknownModel        … because it does not have the model
├── UnusableAnswer     an answer that may have been billed
│   ├── Refused             the model or its provider declines
│   ├── EmptyAnswer         an answer without words
│   ├── TruncatedAnswer     an answer that was cut off
│   └── ChargedFreeModel    an answer of a free model that was charged for
└── NotAsked           the model was not called, nothing was spent
    ├── CoolingDown         it failed a short while ago
    ├── FreeTierSpent       the free tier allows no further call now
    ├── BudgetSpent         the call could cost more than is left
    │   └── BudgetHeld          … while other calls are under way; a retry can help
    └── PriceUnknown        there is a limit, and nobody knows what the model costs
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from quantumsketch.errors import ModelFailed
from quantumsketch.json_schema import Schema
from quantumsketch.tool_spec import ToolSpec


class _Noun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToolCall(_Noun):
    """A model's wish to use a tool; the arguments are its words, not checked yet."""

    id: str
    name: str
    arguments: dict[str, Any] = Field(
        description="what is no JSON object is kept under the name '', as it was written"
    )


class Message(_Noun):
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_calls: list[ToolCall] = Field(default=[], description="of an assistant's turn")
    tool_call_id: str | None = Field(default=None, description="of a tool's turn: the call that it answers")


class Question(_Noun):
    """All that one call says to a model, whichever model that is."""

    messages: Annotated[list[Message], Field(min_length=1)]
    answer_schema: Schema | None = Field(default=None, description="the answer is one JSON object that fits")
    tools: list[ToolSpec] = Field(default=[], description="what the model may use before it answers")
    least_tokens: Annotated[int, Field(ge=1)] = Field(
        default=1_500, description="a shorter answer would be cut off and still be billed: better none"
    )


class Answer(_Noun):
    """What a model said, and what that took."""

    text: str = Field(description="empty only beside tool calls")
    tool_calls: list[ToolCall] = Field(default=[], description="empty: this is the model's answer")
    model: str = Field(description="the entry's public id")
    input_tokens: Annotated[int, Field(ge=0)] = 0
    output_tokens: Annotated[int, Field(ge=0)] = 0
    cost_usd: float | None = Field(default=None, description="None: not known")


class Price(_Noun):
    """What a model costs, in USD for one token."""

    input_usd: Annotated[float, Field(ge=0)]
    output_usd: Annotated[float, Field(ge=0)]


class ModelEntry(_Noun):
    """One entry of the chain. Holds no key."""

    id: str = Field(description="the public spelling, such as anthropic/claude-sonnet-4-6")
    litellm_id: str = Field(description="the spelling by which it is called")
    reachable: bool
    why: str = Field(description="how it is reached, or what is missing")
    key_name: str | None = Field(default=None, description="the variable that holds its key")
    base_url: str | None = Field(default=None, description="instead of the provider's usual address")
    price: Price | None = Field(default=None, description="None: not known")
    free: bool = Field(default=False, description="of OpenRouter's free tier, whose limits are the account's")

    @property
    def is_own_server(self) -> bool:
        """Whether it is a server of one's own: nobody bills its calls, and few are answered at a time."""
        costs_nothing = self.price is not None and self.price.input_usd == self.price.output_usd == 0
        return self.key_name is None and not self.free and (self.base_url is not None or costs_nothing)


class Ask(Protocol):
    """One question to one model; raises ModelFailed."""

    async def __call__(self, model: ModelEntry, question: Question) -> Answer: ...


class RateLimited(ModelFailed):
    """The provider wants fewer calls."""

    def __init__(
        self,
        what: str,
        *,
        mend: str = "",
        retry_after_s: float | None = None,
        whole_account: bool = False,
    ) -> None:
        super().__init__(what, mend=mend)
        self.retry_after_s = retry_after_s
        self.whole_account = whole_account
        """The limit counts the calls to all models of the account, such as OpenRouter's for free ones."""


class QuotaExhausted(ModelFailed):
    """There is no credit or quota left."""


class DayQuotaExhausted(QuotaExhausted):
    """What the day allows is used up."""


class Overloaded(ModelFailed):
    """The provider cannot answer now."""

    retryable = True


class ProviderTimeout(ModelFailed):
    """No answer came in time; whether it was billed is not known."""


class Unreachable(ModelFailed):
    """No connection to the provider."""

    retryable = True


class ConnectionLost(Unreachable):
    """The connection broke before the answer was there; whether it was billed is not known."""


class NotAuthorised(ModelFailed):
    """The provider does not accept the key."""


class ContextTooLong(ModelFailed):
    """The question is longer than the model can read."""


class BadRequest(ModelFailed):
    """The provider does not take the request as it is."""


class UnknownModel(BadRequest):
    """The provider does not have the model, or no longer."""


class UnusableAnswer(ModelFailed):
    """There was an answer, which may have been billed, but it cannot be used."""

    def __init__(
        self,
        what: str,
        *,
        mend: str = "",
        input_tokens: int = 0,
        output_tokens: int = 0,
        cost_usd: float | None = None,
    ) -> None:
        super().__init__(what, mend=mend)
        self.input_tokens = input_tokens
        self.output_tokens = output_tokens
        self.cost_usd = cost_usd


class Refused(UnusableAnswer):
    """The model or its provider declines to answer."""


class EmptyAnswer(UnusableAnswer):
    """The answer has no words."""


class TruncatedAnswer(UnusableAnswer):
    """The answer stops in the middle."""


class ChargedFreeModel(UnusableAnswer):
    """A model of the free tier was charged for."""


class NotAsked(ModelFailed):
    """The model was not called."""


class CoolingDown(NotAsked):
    """The model, or what it is reached by, failed a short while ago."""

    def __init__(self, what: str, *, mend: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(what, mend=mend)
        self.retry_after_s = retry_after_s


class FreeTierSpent(NotAsked):
    """The account has made as many free calls as it may for now."""

    def __init__(self, what: str, *, mend: str = "", retry_after_s: float) -> None:
        super().__init__(what, mend=mend)
        self.retry_after_s = retry_after_s


class BudgetSpent(NotAsked):
    """The call could cost more than is left of a budget."""


class BudgetHeld(BudgetSpent):
    """The call would fit if the calls under way did not hold what they may cost at most."""


class PriceUnknown(NotAsked):
    """The call could cost anything, and there is a limit."""


def cost_of(failure: ModelFailed) -> float | None:
    """USD that a failed call cost; None where that cannot be known."""
    match failure:
        case UnusableAnswer():
            return failure.cost_usd
        case ConnectionLost():
            return None
        case RateLimited() | QuotaExhausted() | Overloaded() | Unreachable():
            return 0.0
        case NotAuthorised() | ContextTooLong() | BadRequest() | NotAsked():
            return 0.0
    return None
