"""Scripted verbs for the loop that writes a scene: models as told, a check that reads marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from quantumsketch.agent.budget import BeatBudget, VideoBudget
from quantumsketch.agent.scene_prompts import Canvas
from quantumsketch.agent.scenes import SceneVerbs, Written, write_scene
from quantumsketch.agent.toolset import tool_specs
from quantumsketch.checking import Fault, SceneCheck
from quantumsketch.errors import ModelFailed
from quantumsketch.incidents import Complaint, Hint
from quantumsketch.llm.types import Answer, Message, ModelEntry, Question, ToolCall
from quantumsketch.storyboard import Beat
from quantumsketch.video import Finding
from quantumsketch.visuals import ManimCode

CANVAS = Canvas(width=14.2, height=8, safe_x=6.6, safe_y=3.5, captions_y=-3.0, manim="0.22.0")
IDEA = Beat(
    title="A circle",
    narration="Here is a circle. It is round.",
    visual=ManimCode(idea="A blue circle grows."),
)


def scene(marks: str = "nothing") -> str:
    """Source whose marks tell the scripted check what is wrong with it."""
    return f"class Beat(Scene):\n    def construct(self):\n        pass  # {marks}"


def with_code(code: str) -> Beat:
    return IDEA.model_copy(update={"visual": ManimCode(code=code)})


def models(*names: str) -> list[ModelEntry]:
    return [ModelEntry(id=name, litellm_id=name, reachable=True, why="a test") for name in names]


def uses(*calls: tuple[str, dict[str, str]]) -> list[ToolCall]:
    return [
        ToolCall(id=f"c{number}", name=name, arguments=given) for number, (name, given) in enumerate(calls)
    ]


Said = str | ModelFailed | list[ToolCall]


@dataclass
class World:
    """Scripted verbs: models that say one thing after the other, and a check that reads the marks."""

    said: list[Said]
    asked: list[tuple[str, list[Message]]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    known: list[Hint] = field(default_factory=list)
    """What is remembered, by the errors that it is told for."""
    complained: list[str] = field(default_factory=list)
    """The errors that something was to be remembered of."""

    async def ask(self, model: ModelEntry, question: Question) -> Answer:
        assert question.tools == tool_specs()
        self.asked.append((model.id, question.messages))
        said = self.said.pop(0)
        if isinstance(said, ModelFailed):
            raise said
        if isinstance(said, list):
            return Answer(text="", tool_calls=said, model=model.id, cost_usd=0.1)
        return Answer(text=said, model=model.id, cost_usd=0.1)

    async def check(self, beat: Beat) -> SceneCheck:
        assert isinstance(beat.visual, ManimCode)
        code = beat.visual.code or ""
        self.checked.append(code)
        faults = [
            Fault(rule="unknown-name", message=f"{word} is not known", line=3, excerpt=f"3 | {word}")
            for word in code.split()
            if word.startswith("bad_")
        ]
        findings = [
            Finding(rule="overlap", objects=[word], at_s=1.5, message=f"{word} overlaps")
            for word in code.split()
            if word.startswith("ugly_")
        ]
        mended = ["ShowCreation is Create"] if "old_name" in code else []
        return SceneCheck(
            code=code.replace("old_name", "new_name"),
            mended=mended,
            faults=faults,
            findings=[] if faults else findings,
            duration_s=4,
            animations=2,
        )

    async def look_up(self, query: str) -> str:
        self.looked_up.append(query)
        return f"what is known of {query}"

    async def hints(self, complaints: Sequence[Complaint]) -> list[Hint]:
        errors = [complaint.error for complaint in complaints]
        self.complained += errors
        return [hint for hint in self.known if hint.error in errors]

    @property
    def last_question(self) -> str:
        return self.asked[-1][1][-1].content


async def write(
    world: World,
    beat: Beat = IDEA,
    *names: str,
    author: str = "a model",
    budget: BeatBudget | None = None,
    avoid: Sequence[str] = (),
) -> Written:
    verbs = SceneVerbs(
        ask=world.ask,
        check=world.check,
        find_manim=world.look_up,
        recall=world.look_up,
        hints=world.hints,
    )
    return await write_scene(
        beat,
        CANVAS,
        author=author,
        models=models(*(names or ("a", "b"))),
        verbs=verbs,
        budget=budget or VideoBudget().for_beat(),
        beat_id="b03",
        avoid=avoid,
    )


def code_of(written: Written) -> str | None:
    assert isinstance(written.beat.visual, ManimCode)
    return written.beat.visual.code
