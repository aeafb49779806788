"""The corpus of scenes: the mistakes that models really make, what must become of each, and good scenes.

A file of `tests/scenes` is Manim source as a model would answer it, below a header of TOML in lines that
begin with `#| `; the header is no part of the source. `broken/NAME.fixed.txt` is what a model writes after
the complaint about `broken/NAME.txt`. Whatever would do harm outside the sandbox is marked `dangerous`.
Nothing here runs a scene.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from quantumsketch.checking import SceneCheck
from quantumsketch.storyboard import Aspect, Beat, Look, Storyboard
from quantumsketch.visuals import ManimCode

SCENES = Path(__file__).parent / "scenes"
_MARK = "#| "


class Becomes(StrEnum):
    """What the check must make of a broken scene."""

    MENDED = "mended"
    """It passes without a model; the check says what it mended."""
    NAMED = "named"
    """A fault, with its rule and, where there is one, its line."""
    FOUND = "found"
    """It could be rendered, but its layout or its pace is wrong."""
    REFUSED = "refused"
    """The sandbox ends it."""
    HARMLESS = "harmless"
    """It passes as it is: what it tries has no effect."""


class BrokenScene(BaseModel):
    """A scene with one mistake, and what must become of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    code: str
    fixed: str | None = Field(description="what a model writes after the complaint")
    mistake: str
    becomes: Becomes
    mended: list[str] = Field(default=[], description="words that the list of what was mended has")
    rule: str | None = Field(default=None, description="of a fault or of a finding")
    at: str | None = Field(default=None, description="words of the line that the fault names")
    says: list[str] = Field(default=[], description="words that the message has")
    ending: list[str] = Field(default=[], description="how the sandbox may end it")
    dangerous: bool = Field(default=False, description="runs in the sandbox only")
    narration: str = "Here is one thought in a few plain words, shown as it is said."
    aspect: Aspect = Aspect.WIDE
    weight: Annotated[int, Field(ge=0)] = Field(default=1, description="its share of a model's mistakes")

    @property
    def beat(self) -> Beat:
        """A beat that shows this scene."""
        return _beat(self.name, self.narration, self.code)

    @property
    def fixed_beat(self) -> Beat:
        """The beat after the mistake is mended."""
        if self.fixed is None:
            raise ValueError(f"the scene {self.name!r} has no mended version")
        return _beat(self.name, self.narration, self.fixed)

    @property
    def look(self) -> Look:
        return Look(aspect=self.aspect)


class GoodScene(BaseModel):
    """A scene in which nothing is wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    code: str
    subject: str
    narration: str
    aspect: Aspect = Aspect.WIDE

    @property
    def beat(self) -> Beat:
        """A beat that shows this scene."""
        return _beat(self.name, self.narration, self.code)

    @property
    def look(self) -> Look:
        return Look(aspect=self.aspect)


def disagreements(scene: BrokenScene, check: SceneCheck) -> list[str]:
    """What the check of a broken scene should have said and did not, a line each."""
    match scene.becomes:
        case Becomes.MENDED | Becomes.HARMLESS:
            mended = "; ".join(check.mended)
            return [
                *(f"fault: {fault.rule}: {fault.message}" for fault in check.faults),
                *(f"finding: {finding.rule}: {finding.message}" for finding in check.findings),
                *(
                    f"{word!r} is not in what was mended: {mended!r}"
                    for word in scene.mended
                    if word not in mended
                ),
            ]
        case Becomes.NAMED:
            lines = check.code.splitlines()
            said = [
                (fault.rule, fault.message, lines[fault.line - 1] if fault.line else "")
                for fault in check.faults
                if not scene.at or scene.at in fault.excerpt
            ]
        case Becomes.FOUND:
            said = [] if check.faults else [(one.rule, one.message, "") for one in check.findings]
        case Becomes.REFUSED:
            raise ValueError(f"the sandbox ends {scene.name!r}: there is no check of it")
    fits = any(
        rule == scene.rule and (scene.at or "") in line and all(word in message for word in scene.says)
        for rule, message, line in said
    )
    return [] if fits else [f"not {scene.rule} at {scene.at!r} saying {scene.says}, but: {check!r}"]


@cache
def broken_scenes() -> tuple[BrokenScene, ...]:
    """Every scene with a mistake, by name."""
    paths = sorted(path for path in (SCENES / "broken").glob("*.txt") if ".fixed" not in path.suffixes)
    return tuple(_broken(path) for path in paths)


@cache
def good_scenes() -> tuple[GoodScene, ...]:
    """Every scene without a mistake, by name."""
    return tuple(
        GoodScene(name=path.stem, code=code, **header)
        for path in sorted((SCENES / "good").glob("*.txt"))
        for header, code in [_read(path)]
    )


@cache
def storyboards() -> dict[str, Storyboard]:
    """Storyboards as a model answers them, some with a mistake that their name states."""
    return {
        path.stem: Storyboard.model_validate_json(path.read_text(encoding="utf-8"))
        for path in sorted((SCENES / "storyboards").glob("*.json"))
    }


def scene_for(storyboard: str, beat: int) -> str:
    """The code that answers the idea of that beat, counted from 1."""
    return (SCENES / "storyboards" / f"{storyboard}.b{beat:02d}.txt").read_text(encoding="utf-8")


def _broken(path: Path) -> BrokenScene:
    header, code = _read(path)
    fixed = path.with_suffix(".fixed.txt")
    return BrokenScene(name=path.stem, code=code, fixed=_read(fixed)[1] if fixed.exists() else None, **header)


def _read(path: Path) -> tuple[dict[str, object], str]:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    header = [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]
    return tomllib.loads("".join(header)), "".join(lines[len(header) :])


def _beat(name: str, narration: str, code: str) -> Beat:
    return Beat(
        title=name.replace("_", " "), narration=narration, visual=ManimCode(idea="As it is said.", code=code)
    )
