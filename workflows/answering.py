"""Answers to questions about a tenant's graph: the pure loop, joined to the memory and the chain of models.

In the process that is asked, without Temporal: who asks waits meanwhile, and asks again if the process ends.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from quantumsketch.agent.answering import AnsweringVerbs, answer_question
from quantumsketch.answered import Answered, Mode
from quantumsketch.errors import BadInput, ModelFailed, QuantumSketchError
from quantumsketch.llm.metering import CallContext, Metered
from quantumsketch.llm.types import Answer, Ask, ModelEntry, NotAsked, ProviderTimeout, Question
from quantumsketch.memory.database import Database
from quantumsketch.memory.finding.question import LONGEST_QUESTION
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.finding.walking import Walker
from workflows.activities.models import Entries, in_order
from workflows.retrieval import Retrieval

MOST_SOURCES = 30
"""What `top_k` may be: sources of one search."""
PATIENCE_S = 60.0
"""Seconds for all models together; an HTTP client waits meanwhile."""
_PATIENCE_WITH_ONE_S = 25.0
"""With one model, if another is left to be asked after it."""
_LEAST_S = 1.0
MOST_USD = 0.25
"""What the models may cost one question; of one whose price is not known only the calls are bounded."""
_AS_OF = (
    "entries were searched for by what they say now; those found are told as they were recorded then, and "
    "the relations are those that, as is known now, held then"
)
_PURPOSE = "ask"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Models:
    """Who can be asked, in order, and by what."""

    entries: Entries
    metered: Metered


class Answers:
    """Answers for any tenant. Raises BadInput, and ServiceUnavailable if the database does not answer."""

    def __init__(
        self,
        database: Database,
        search: Search,
        walker: Walker,
        models: Models | None = None,
        *,
        patience_s: float = PATIENCE_S,
        most_usd: float = MOST_USD,
    ) -> None:
        self._database = database
        self._search = search
        self._walker = walker
        self._models = models
        self._patience_s = patience_s
        self._most_usd = most_usd

    async def ask(
        self,
        tenant: str,
        query: str,
        *,
        top_k: int = 8,
        mode: Mode = "fast",
        retrieve_only: bool = False,
        as_of: datetime | None = None,
    ) -> Answered:
        """Answer a question from what `tenant` has in its graph, or tell that the graph does not know.

        `top_k` bounds what one search finds; "deep" finds as many again along relations, and for each thing
        that is missing, and "global" so many neighbourhoods. With `retrieve_only` no model is asked; if none
        answers, or what that may cost is spent, the sources stand alone.
        """
        _check(query, top_k, mode)
        query = query.encode(errors="replace").decode()  # half of a surrogate pair cannot be sent
        models = None if retrieve_only else self._models
        entries = await in_order(models.entries, models.metered) if models else []
        retrieval = Retrieval(self._database, self._search, self._walker, tenant, query, top_k, as_of)
        answered = await answer_question(
            query,
            mode=mode,
            moment=f"{as_of or datetime.now(UTC):%Y-%m-%d}",
            models=entries,
            verbs=AnsweringVerbs(
                ask=self._asking(tenant, models.metered, entries) if models else _nobody,
                find=retrieval.find,
                follow=retrieval.follow,
                survey=retrieval.survey,
            ),
            retrieve_only=retrieve_only,
        )
        if as_of:
            return answered.model_copy(update={"notes": [*answered.notes, _AS_OF]})
        return answered

    def _asking(self, tenant: str, metered: Metered, models: Sequence[ModelEntry]) -> Ask:
        return _Asking(metered, tenant, models, self._patience_s, self._most_usd)


class _Asking:
    """One call to one model at a time, on the tenant's account, while there is time for the question."""

    def __init__(
        self, metered: Metered, tenant: str, models: Sequence[ModelEntry], patience_s: float, most_usd: float
    ) -> None:
        self._metered = metered
        self._tenant = tenant
        self._last = next((model for model in reversed(models) if model.reachable), None)
        self._patience_s = patience_s
        self._most_usd = most_usd
        self._ends = asyncio.get_running_loop().time() + patience_s
        self._name = f"{_PURPOSE}-{secrets.token_hex(8)}"
        """What the book has in place of a video's id."""

    async def __call__(self, model: ModelEntry, question: Question) -> Answer:
        """Ask once; raises ModelFailed, whatever it was that failed."""
        left_s = self._ends - asyncio.get_running_loop().time()
        if left_s < _LEAST_S:
            raise NotAsked(f"the {self._patience_s:g} s for this question are over")
        patience_s = left_s if model == self._last else min(left_s, _PATIENCE_WITH_ONE_S)
        context = CallContext(
            self._tenant,
            self._name,
            f"{self._name}/{secrets.token_hex(4)}",
            _PURPOSE,
            max_cost_usd=None if model.price is None else self._most_usd,
            last_attempt=True,
        )
        try:
            async with asyncio.timeout(patience_s):
                return await self._metered.ask(model, question, context=context)
        except TimeoutError:
            raise ProviderTimeout(f"{model.id} did not answer within {patience_s:.0f} s") from None
        except ModelFailed as failure:  # who asked is told of what kind it was
            _LOG.warning("%s did not answer a question: %s", model.id, failure)
            raise
        except QuantumSketchError as error:
            _LOG.warning("%s could not be asked: %s", model.id, error)
            raise ModelFailed(error.what, mend=error.mend) from error


async def _nobody(model: ModelEntry, question: Question) -> Answer:
    raise NotAsked(f"{model.id} cannot be asked here")


def _check(query: object, top_k: object, mode: object) -> None:
    """Raise BadInput for what cannot be asked."""
    if not isinstance(query, str) or not query.replace("\x00", " ").strip():
        raise BadInput(f"{query!r:.80} is no question", mend="Ask in words.")
    if len(query) > LONGEST_QUESTION:
        raise BadInput(
            f"the question has {len(query)} characters", mend=f"At most {LONGEST_QUESTION} are read."
        )
    if type(top_k) is not int or not 1 <= top_k <= MOST_SOURCES:
        raise BadInput(f"top_k cannot be {top_k!r}", mend=f"1 to {MOST_SOURCES} are possible.")
    if mode not in get_args(Mode):
        raise BadInput(
            f"a question cannot be answered in the mode {mode!r}",
            mend=f"There are {', '.join(get_args(Mode))}.",
        )
