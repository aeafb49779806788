"""The tool that describes the installed Manim, as the toolbox takes it. Imports no Manim.

Its result changes only with Manim's version: whoever calls it does well to keep it.
"""

from __future__ import annotations

import sys

from pydantic import BaseModel, ConfigDict

from quantumsketch.tools.tool import Policy, Tool, answer_in
from renderers.manim.knowledge.index import ManimIndex

INDEX = "index.json"
_LARGEST_INDEX = 4 * 2**20


class NoRequest(BaseModel):
    """There is nothing to ask: the installed Manim is described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


DESCRIBE_MANIM: Tool[NoRequest, ManimIndex] = Tool(
    name="describe-manim",
    description="Read off the installed Manim what a scene can use.",
    request=NoRequest,
    result=ManimIndex,
    policy=Policy(python=True),
    command=lambda _: [sys.executable, "-m", "renderers.manim.knowledge.inside"],
    answer=answer_in(INDEX, ManimIndex, missing="the description of Manim ended well but left no index"),
    outputs={INDEX: _LARGEST_INDEX},
    preload=("renderers.manim.preloaded",),
)
