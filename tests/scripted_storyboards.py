"""Scripted verbs for the loop that writes a storyboard: models that say as told, a check that knows two."""

from __future__ import annotations

from quantumsketch.agent.review import Checked
from quantumsketch.checking import FormulaReport, MathReport, MathStatement, RefusedFormula, Verdict
from quantumsketch.errors import ModelFailed
from quantumsketch.llm.types import Answer, Message, ModelEntry, Question
from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.visuals import Derivation, Step


def beat(number: int, tex: str = "1 = 1", cue: str | None = None) -> Beat:
    return Beat(
        title=f"Thought {number}",
        narration=f"This is the thought that has the number {number}, and it is written below.",
        visual=Derivation(steps=[Step(tex=tex, note=f"thought {number}", cue=cue)]),
    )


def storyboard(title: str, *texs: str) -> Storyboard:
    beats = [beat(number, tex) for number, tex in enumerate(texs or ("1 = 1",), start=1)]
    return Storyboard(title=title, summary="About one.", beats=beats)


def models(*names: str) -> list[ModelEntry]:
    return [ModelEntry(id=name, litellm_id=name, reachable=True, why="a test") for name in names]


class Scripted:
    """Answers each model from its own script: a storyboard, words, or a failure; each answer at a price."""

    def __init__(self, **script: list[Storyboard | str | ModelFailed]) -> None:
        self.script = script
        self.asked: list[tuple[str, list[Message]]] = []

    async def __call__(self, model: ModelEntry, question: Question) -> Answer:
        assert question.answer_schema is not None
        self.asked.append((model.id, question.messages))
        said = self.script[model.id].pop(0)
        if isinstance(said, ModelFailed):
            raise said
        words = said if isinstance(said, str) else said.model_dump_json()
        return Answer(text=words, model=model.id, input_tokens=100, output_tokens=10, cost_usd=0.25)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


async def check(board: Storyboard) -> Checked:
    """Knows that two is wrong, that nobody can tell about x, and that TeX does not take a frac alone."""
    statements, refused = [], []
    for number, one in enumerate(board.beats, start=1):
        for step in one.visual.steps if isinstance(one.visual, Derivation) else []:
            verdict = Verdict.WRONG if "2" in step.tex else Verdict.RIGHT
            verdict = Verdict.UNCHECKED if "x" in step.tex else verdict
            place, message = f"beat {number}, step 1", "the right side should be 1"
            statements.append(
                MathStatement(place=place, statement=step.tex, verdict=verdict, message=message)
            )
            if step.tex == r"\frac":
                refused.append(RefusedFormula(place=place, tex=step.tex, message="File ended"))
    return Checked(
        mathematics=MathReport(statements=statements), formulas=FormulaReport(refused=refused), notes=["slow"]
    )


async def offline(prompt: str, max_beats: int) -> tuple[Storyboard, str]:
    return storyboard(prompt[:20]), "offline: a test"
