"""The tools that there are, by their names. Runs none of them and knows no sandbox.

A toolbox runs what its registry holds and nothing else: whoever reads the list has read all that can happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from quantumsketch.errors import NotFound
from quantumsketch.tool_spec import ToolSpec, spec_of
from quantumsketch.tools.tool import Tool

AnyTool = Tool[Any, Any]
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
"""What every provider takes as the name of a tool, and every file system as a part of a folder's name."""


class Registry:
    """Tools by unique names, in the order in which they were given."""

    def __init__(self, tools: Iterable[AnyTool]) -> None:
        """Take the tools; ValueError if two have the same name, or a name is none that models can call."""
        self._tools: dict[str, AnyTool] = {}
        for tool in tools:
            if not _NAME.fullmatch(tool.name):
                raise ValueError(f"{tool.name!r} is no name for a tool: use a-z first, then 0-9, _ and - too")
            if tool.name in self._tools:
                raise ValueError(f"there are two tools named {tool.name!r}: give one of them another name")
            self._tools[tool.name] = tool

    def __iter__(self) -> Iterator[AnyTool]:
        return iter(self._tools.values())

    def __contains__(self, tool: object) -> bool:
        """Whether this very tool is registered: one with the same name and another policy is not."""
        return any(tool is registered for registered in self)

    @property
    def names(self) -> list[str]:
        """The tools' names, in order."""
        return list(self._tools)

    def tool(self, name: str) -> AnyTool:
        """Return the tool of that name; NotFound, which lists the names, if there is none."""
        if name not in self._tools:
            raise NotFound(f"there is no tool named {name!r}", mend=f"The tools are: {', '.join(self.names)}")
        return self._tools[name]

    def specs(self, names: Iterable[str]) -> list[ToolSpec]:
        """Return what a model is told of the tools of these names; NotFound if there is no such tool."""
        return [spec_of(tool.name, tool.description, tool.request) for tool in map(self.tool, names)]
