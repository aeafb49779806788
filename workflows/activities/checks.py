"""Activities that check what a model wrote, in the sandbox, before anything of it is rendered."""

from __future__ import annotations

import asyncio

from temporalio import activity

from quantumsketch.agent.review import Checked
from quantumsketch.assets.keys import content_key
from quantumsketch.assets.store import AssetStore
from quantumsketch.checking import FormulaReport, MathReport, SceneCheck, SceneCheckRequest
from quantumsketch.mathematics.tools import CHECK_MATHEMATICS
from quantumsketch.storyboard import Storyboard
from quantumsketch.tools.tool import Reply
from quantumsketch.tools.toolbox import Toolbox
from quantumsketch.visuals import ManimCode
from renderers.manim.tools import CHECK_FORMULAS, CHECK_SCENE, MANUAL, fault_of
from renderers.manim.version import check_version, manim_version
from workflows.activities.calling import called
from workflows.activities.context import heartbeats
from workflows.activities.manual import Manual
from workflows.activities.probing import said
from workflows.activities.remembered import remember, remembered


class CheckActivities:
    """Holds the toolbox, the store, where the check of a scene is found again, and what Manim offers."""

    def __init__(self, toolbox: Toolbox, store: AssetStore, manual: Manual) -> None:
        self.toolbox = toolbox
        self.store = store
        self.manual = manual

    @activity.defn
    async def check_scene(self, request: SceneCheckRequest) -> SceneCheck:
        """Mend a scene, work through it without drawing, and look at its layout after every animation."""
        key = content_key("scene check", check_version(), manim_version(), request)
        async with heartbeats():
            if found := await remembered(self.store, key, SceneCheck, lambda _: []):
                return found
            given = {MANUAL: await self.manual.file()}
            async with self.toolbox.folder("check") as keep:
                reply = await called(self.toolbox, CHECK_SCENE, request, inputs=given, keep=keep)
            if reply.result is None:
                # not remembered: a busy machine may have been the reason
                return SceneCheck(code=_code(request), faults=[fault_of(reply.ending)])
            await remember(self.store, key, reply.result)
            return reply.result

    @activity.defn
    async def check_storyboard(self, storyboard: Storyboard) -> Checked:
        """Check the mathematics on screen, and whether TeX takes every formula."""
        async with heartbeats(), self.toolbox.folder("check") as keep:
            mathematics, formulas = await asyncio.gather(
                called(self.toolbox, CHECK_MATHEMATICS, storyboard, keep=keep),
                called(self.toolbox, CHECK_FORMULAS, storyboard, keep=keep),
            )
        return Checked(
            mathematics=mathematics.result or MathReport(),
            formulas=formulas.result or FormulaReport(),
            notes=[
                *_missing("the mathematics on screen", mathematics),
                *_missing("whether TeX takes the formulas", formulas),
            ],
        )


def _missing(what: str, reply: Reply[MathReport] | Reply[FormulaReport]) -> list[str]:
    return [] if reply.result else [f"{what} was not checked: the check ended with {said(reply.ending)}"]


def _code(request: SceneCheckRequest) -> str:
    visual = request.beat.visual
    return (visual.code if isinstance(visual, ManimCode) else None) or ""
