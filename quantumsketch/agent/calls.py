"""What a loop asked of models: every call is recorded, however it ends. Knows no provider."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from quantumsketch.agent.budget import BeatBudget
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Answer, Ask, ModelEntry, NotAsked, Question, UnusableAnswer, cost_of
from quantumsketch.usage import ModelCall

_LONGEST_ENDING = 400


class RecordedAsk:
    """Asks as the given verb does, within a budget if there is one, and records each call."""

    def __init__(
        self,
        ask: Ask,
        purpose: str,
        beat_id: str | None = None,
        budget: BeatBudget | None = None,
        keep: int = 0,
    ) -> None:
        self._ask = ask
        self._purpose = purpose
        self._beat_id = beat_id
        self._budget = budget
        self._keep = keep
        self.calls: list[ModelCall] = []
        self.last: ModelCall | None = None
        """Of the latest asking; None if no call came of it."""

    async def __call__(self, model: ModelEntry, question: Question) -> Answer:
        """Ask one model once; raises ModelFailed, whose call is recorded if there was one, and Spent."""
        self.last = None
        if self._budget:
            self._budget.take_call(self._keep)
        try:
            answer = await self._ask(model, question)
        except NotAsked:
            if self._budget:
                self._budget.return_call()
            raise
        except ModelFailed as failure:
            self._record(
                model,
                ended_by(failure),
                input_tokens=failure.input_tokens if isinstance(failure, UnusableAnswer) else 0,
                output_tokens=failure.output_tokens if isinstance(failure, UnusableAnswer) else 0,
                cost_usd=cost_of(failure),
            )
            raise
        self._record(
            model,
            "answered",
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
            cost_usd=answer.cost_usd,
        )
        return answer

    def _record(
        self, model: ModelEntry, ended: str, *, input_tokens: int, output_tokens: int, cost_usd: float | None
    ) -> None:
        self.last = ModelCall(
            model=model.id,
            purpose=self._purpose,
            beat_id=self._beat_id,
            ended=ended,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost_usd=cost_usd,
        )
        self.calls.append(self.last)


class Attempt(BaseModel):
    """One call, or one entry that was passed over, and what became of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    succeeded: bool
    ended: str
    call: ModelCall | None = None
    """None: the entry was passed over."""


class ChainExhausted(ModelFailed):
    """No model of the chain delivered; `attempts` tells each of them and its cause, one a line."""

    def __init__(self, what: str, *, mend: str = "", attempts: list[str] | None = None) -> None:
        super().__init__(what, mend=mend)
        self.attempts = attempts or []


def exhausted(attempts: list[Attempt]) -> ChainExhausted:
    """The error for a chain that is used up, naming every attempt and its cause."""
    lines = [f"{attempt.model}: {attempt.ended}" for attempt in attempts]
    told = "".join(f"\n- {line}" for line in lines) or " the chain has no entry"
    mend = "`qs models` shows the chain and how each model is reached; QS_OFFLINE=on allows the tier without"
    what = f"no model delivered a storyboard:{told}\nand the tier without a model is switched off"
    return ChainExhausted(what, mend=mend, attempts=lines)


def ended_by(failure: ModelFailed) -> str:
    """How a failed call ended, in one line: which failure it was, and what it says."""
    kind = "" if type(failure) is ModelFailed else f"{type(failure).__name__}: "
    return one_line(f"{kind}{failure.what}")


def one_line(text: str) -> str:
    """The text without line breaks, as long as a note may be."""
    return " ".join(text.split())[:_LONGEST_ENDING]
