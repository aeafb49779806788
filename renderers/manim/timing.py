"""In which order the parts of a figure appear, and which of them together. Knows cues, not drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from quantumsketch.narration import LEAD_S
from quantumsketch.visuals import Revealed
from renderers.manim.scene import BeatScene

Thing = TypeVar("Thing")


def appearances(scene: BeatScene, parts: Sequence[Revealed]) -> list[float]:
    """When each part appears, in seconds from the start of the beat, in the order of `parts`.

    Unlike `BeatScene.cues` the parts need not be in the order of their cues: one without a cue follows the
    part before it.
    """
    said: list[float] = []
    for part in parts:
        before = said[-1] if said else LEAD_S
        said.append(scene.cues([part])[0] if part.cue else before)
    order = sorted(range(len(parts)), key=lambda index: (said[index], index))
    times = [LEAD_S] * len(parts)
    for index, at in zip(order, scene.cues([parts[index] for index in order]), strict=True):
        times[index] = at
    return times


def moments(items: Iterable[tuple[float, Thing]], together: float = 0.45) -> list[tuple[float, list[Thing]]]:
    """Put what appears within `together` seconds into one moment; moments are in order of time."""
    found: list[tuple[float, list[Thing]]] = []
    for at, item in sorted(items, key=lambda pair: pair[0]):
        if found and at - found[-1][0] < together:
            found[-1][1].append(item)
        else:
            found.append((at, [item]))
    return found
