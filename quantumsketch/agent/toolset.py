"""The tools that a model may use while it writes a scene: three of them, each with typed arguments.

A model's words choose among these and nothing else: what it asks beyond them is answered with an error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quantumsketch.agent.fencing import fenced
from quantumsketch.agent.scene_code import LONGEST_SCENE
from quantumsketch.errors import QuantumSketchError
from quantumsketch.llm.types import Message, ToolCall
from quantumsketch.tool_spec import Misfit, ToolSpec, no_such_tool, read_arguments, spec_of

MOST_CALLS_AT_ONCE = 4
"""Of the calls in one answer, those that are made; the others are told so."""
_LONGEST_ANSWER = 6000
_TOO_MANY = f"not done: at most {MOST_CALLS_AT_ONCE} tools are used at once. Ask again if you need it."
_LAST = "\n\nThat was the last use of tools: give your answer now."

Query = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Verb = Callable[[str], Awaitable[str]]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FindManim(_Arguments):
    """Look up classes, methods and keyword arguments of the installed Manim, by name or by meaning."""

    query: Query = Field(description="such as 'Axes.plot', 'include_numbers' or 'draw a brace beside a line'")


class CheckScene(_Arguments):
    """Run a whole scene without drawing it: its errors, its TeX, its length, and every fault of layout."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SCENE)] = Field(
        description="the whole source"
    )


class Recall(_Arguments):
    """Look up Manim code that came out well in earlier videos, of scenes on a like subject."""

    query: Query = Field(description="the subject, in a few words")


TOOLS: dict[str, type[_Arguments]] = {"find_manim": FindManim, "check_scene": CheckScene, "recall": Recall}


@cache
def tool_specs() -> list[ToolSpec]:
    """The tools as a model is told of them."""
    return [spec_of(name, shape.__doc__ or name, shape) for name, shape in TOOLS.items()]


@dataclass(frozen=True)
class Toolset:
    """Answers a model's tool calls by the three verbs; never raises because of what the model wrote."""

    find_manim: Verb
    check_scene: Verb
    """Takes the code, tells what the check found."""
    recall: Verb

    async def answer(self, calls: list[ToolCall], *, last: bool) -> list[Message]:
        """The tools' turns, one for each call, in order; the `last` ones say that no more will follow."""
        told = [await self._one(call) for call in calls[:MOST_CALLS_AT_ONCE]]
        told += [_TOO_MANY] * (len(calls) - len(told))
        closing = _LAST if last else ""
        return [
            Message(role="tool", content=f"{_as_data(words)}{closing}", tool_call_id=call.id)
            for call, words in zip(calls, told, strict=True)
        ]

    async def _one(self, call: ToolCall) -> str:
        shape = TOOLS.get(call.name)
        if shape is None:
            return no_such_tool(call.name, TOOLS)
        try:
            return await self._use(read_arguments(call.arguments, shape))
        except Misfit as misfit:
            return str(misfit)
        except QuantumSketchError:
            # why is no business of the model's, and may name this machine
            return f"{call.name} is not available now. Go on without it."

    async def _use(self, arguments: _Arguments) -> str:
        match arguments:
            case FindManim(query=query):
                return await self.find_manim(query)
            case CheckScene(code=code):
                return await self.check_scene(code)
            case Recall(query=query):
                return await self.recall(query)
        raise TypeError(f"{type(arguments).__name__} is the request of no tool")


def _as_data(told: str) -> str:
    return fenced(told[:_LONGEST_ANSWER] or "nothing was found", "what the tool says")
