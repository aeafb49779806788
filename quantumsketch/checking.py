"""What the checks say of what a model wrote: scenes in Manim code, mathematics, formulas. No I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quantumsketch.storyboard import Beat, Look
from quantumsketch.video import Finding


class _Noun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(_Noun):
    """One reason why a scene cannot be rendered as it is written."""

    rule: str = Field(description="a stable name of the kind of fault, such as unknown-name or tex")
    message: str = Field(description="what is wrong, with what, and a fix in words")
    line: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="in the checked source, from 1"
    )
    excerpt: str = Field(default="", description="the fewest numbered lines that hold the fault")


class SceneCheckRequest(_Noun):
    """A beat whose visual is Manim code, to be checked without drawing it."""

    beat: Beat
    look: Look


class SceneCheck(_Noun):
    """What the check of a scene found. Its code is what is to be rendered."""

    code: str = Field(description="the source, with everything mended that has one right answer")
    mended: list[str] = Field(default=[], description="what was mended, a line each")
    faults: list[Fault] = Field(default=[], description="why it cannot be rendered; empty: it can")
    findings: list[Finding] = Field(default=[], description="faults of layout, after every animation")
    duration_s: float = Field(default=0.0, ge=0, description="seconds that the scene plays")
    animations: int = Field(default=0, ge=0)

    @property
    def passes(self) -> bool:
        """Whether it can be rendered and is laid out right."""
        return not self.faults and not self.findings


class Verdict(StrEnum):
    """What can be said of a statement on screen."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCHECKED = "unchecked"


class MathStatement(_Noun):
    """One statement that the storyboard puts on screen, and whether it holds."""

    place: str = Field(description="where it stands, such as 'beat 2, step 3'")
    statement: str = Field(description="as it is written there")
    verdict: Verdict
    message: str = Field(description="why it is wrong and what would be right, or why it was not checked")


class MathReport(_Noun):
    """Every statement of a storyboard that claims something."""

    statements: list[MathStatement] = []

    def of(self, verdict: Verdict) -> list[MathStatement]:
        """The statements of that verdict, in order."""
        return [statement for statement in self.statements if statement.verdict is verdict]


class RefusedFormula(_Noun):
    """A formula that TeX does not take, so that its source would be shown instead."""

    place: str = Field(description="where it stands, such as 'beat 2, step 3'")
    tex: str
    message: str = Field(description="TeX's own complaint, with the offending part")


class FormulaReport(_Noun):
    """Every formula of a storyboard that cannot be set."""

    refused: list[RefusedFormula] = []
