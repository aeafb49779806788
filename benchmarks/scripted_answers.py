"""What the model of `benchmarks.agent` answers: scenes of the corpus, in a mix that is written down here.

Nothing of it is measured at a model: the shares are a guess, and harsher than a good one deserves.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from quantumsketch.storyboard import Beat, Look
from quantumsketch.visuals import ManimCode
from tests.scene_corpus import Becomes, BrokenScene, GoodScene, broken_scenes, good_scenes

RIGHT_AT_ONCE = 24
WITH_A_MISTAKE = 48
"""Drawn by the weights that the scenes' headers state."""
SAME_MISTAKE_AGAIN = 10
"""After one complaint in so many the model has understood nothing."""
SEED = 3


@dataclass(frozen=True)
class Scripted:
    """One scene that is asked for, and what the model answers, call after call; the last answer for ever."""

    name: str
    kind: str
    beat: Beat
    look: Look
    answers: tuple[str, ...]

    def answer(self, call: int) -> str:
        """The words of that call, counted from 0."""
        code = self.answers[min(call, len(self.answers) - 1)]
        return code if "```" in code else f"```python\n{code}```"


def scripted_scenes() -> list[Scripted]:
    """The same scenes in the same order each time."""
    dice = random.Random(SEED)
    broken = [scene for scene in broken_scenes() if scene.weight]
    drawn = dice.choices(broken, [scene.weight for scene in broken], k=WITH_A_MISTAKE)
    drawn.sort(key=lambda scene: scene.fixed is None)  # those that are complained of come first
    wrong = [_wrong(scene, at % SAME_MISTAKE_AGAIN == 0) for at, scene in enumerate(drawn, start=1)]
    scenes = [*map(_right, good_scenes()[:RIGHT_AT_ONCE]), *wrong]
    dice.shuffle(scenes)
    return scenes


def _right(scene: GoodScene) -> Scripted:
    return Scripted(scene.name, "no mistake", _only_an_idea(scene.beat), scene.look, (scene.code,))


def _wrong(scene: BrokenScene, stubborn: bool) -> Scripted:
    kind = {
        Becomes.MENDED: "mistake with one right answer", Becomes.HARMLESS: "mistake without effect",
        Becomes.NAMED: "error to be named", Becomes.FOUND: "layout or pace to be found",
        Becomes.REFUSED: "ended by the sandbox",
    }[scene.becomes]  # fmt: skip
    last = scene.fixed if scene.fixed is not None and not stubborn else scene.code
    return Scripted(scene.name, kind, _only_an_idea(scene.beat), scene.look, (scene.code, last))


def _only_an_idea(beat: Beat) -> Beat:
    return beat.model_copy(update={"visual": ManimCode(idea="What the narration says, as it is said.")})
