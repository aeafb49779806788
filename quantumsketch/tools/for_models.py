"""Lets a model call tools: some of a toolbox's, and those by name only. Knows no provider and no loop.

What a model writes chooses a tool and fills its request; the policy, the inputs and the folder for what comes
out are the caller's. What is answered are words for that model: not to be taken for anybody's instructions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from quantumsketch.tool_spec import Misfit, ToolSpec, no_such_tool, read_arguments
from quantumsketch.tools.tool import Ended, Ending
from quantumsketch.tools.toolbox import NO_INPUTS, Toolbox

LONGEST_ANSWER = 20_000
"""Characters of a result that a model is told."""
_MOST_SAID = 300
_PATH = re.compile(r"""https?://\S+|(["'])(/.*?)\1|(?<![\w./])(/[^\s"'<>|:;,()\[\]{}]+)""")


class ToolsForModels:
    """Answers a model's calls of the named tools; what the model writes makes it raise nothing."""

    def __init__(
        self, toolbox: Toolbox, names: Iterable[str], inputs: Mapping[str, Path] = NO_INPUTS
    ) -> None:
        """Take a toolbox and the names of what is offered; NotFound if it has no such tool.

        `inputs` (name to host path) are what every call finds at `/in/NAME`; the model cannot name others.
        """
        self._toolbox = toolbox
        self._tools = {name: toolbox.registry.tool(name) for name in names}
        self._inputs = inputs

    @property
    def specs(self) -> list[ToolSpec]:
        """What the model is told of the tools."""
        return self._toolbox.registry.specs(self._tools)

    async def answer(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Make one call; return its result as JSON, or in words what was wrong or how it ended."""
        if name not in self._tools:
            return no_such_tool(name, self._tools)
        tool = self._tools[name]
        try:
            request = read_arguments(arguments, tool.request)
            tool.command(request)
        except Misfit as misfit:
            return str(misfit)
        except ValueError as error:  # what no schema can say of a request, the making of its command does
            return f"the arguments do not fit: {_told(str(error))}"
        async with self._toolbox.folder("kept") as keep:
            reply = await self._toolbox.call(tool, request, inputs=self._inputs, keep=keep)
        if reply.result is None:
            return f"{name} gave no result: {how_it_ended(reply.ending)}"
        return _cut(reply.result.model_dump_json())


def how_it_ended(ending: Ending) -> str:
    """Tell how a call ended that gave no result, in words that hold no path of this machine."""
    match ending.ended:
        case Ended.UNAVAILABLE:  # why is no business of the model's
            return "it is not available now. Go on without it."
        case Ended.ERROR if ending.last_line:
            why = ending.last_line
        case _:
            why = ending.detail
    refused = "".join(f"; refused: {what}" for what in ending.refused)
    return f"{ending.ended} ({_told(why)}{_told(refused)})"


def _told(text: str) -> str:
    """Shorten a text, and leave of every absolute path its last part; the sandbox's own folders stay."""

    def last_part(found: re.Match[str]) -> str:
        quote, path = found[1] or "", found[2] or found[3] or ""
        is_ours = path.startswith("/") and not path.startswith(("/in/", "/scratch/"))
        return f"{quote}{Path(path).name}{quote}" if is_ours else found[0]

    return _PATH.sub(last_part, text)[:_MOST_SAID]


def _cut(text: str) -> str:
    if len(text) <= LONGEST_ANSWER:
        return text
    return f"{text[:LONGEST_ANSWER]} … (cut: {len(text):,} characters in all)"
