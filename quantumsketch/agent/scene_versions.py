"""One version of a scene while it is written: whether it may be used, and what it is sent back for.

Pure. Knows neither who is asked next nor how often: that is the loop's business.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantumsketch.agent.complaints import sameness_of, scene_complaint, scene_complaints
from quantumsketch.checking import SceneCheck

PERSON = "you"
"""The author whose code is kept as it is wherever it can be rendered."""


@dataclass(frozen=True)
class Version:
    """One source, who wrote it, what the check says of it, and the words to avoid that it shows."""

    by: str
    check: SceneCheck
    avoided: list[str]

    @property
    def weight(self) -> tuple[int, int, int]:
        """How bad it is, for choosing among several."""
        return len(self.check.faults), len(self.check.findings), len(self.avoided)

    @property
    def is_usable(self) -> bool:
        """A person's code may be laid out as that person likes; a model's may not."""
        return self.check.passes or (self.by == PERSON and not self.check.faults)

    @property
    def is_finished(self) -> bool:
        """Words to avoid keep no scene from being used, but a model is asked for one without them first."""
        return self.is_usable and (self.by == PERSON or not self.avoided)

    @property
    def complaint(self) -> str:
        """What it is sent back for, as the model reads it."""
        return scene_complaint(self.check, self.avoided)

    @property
    def complaints(self) -> list[str]:
        """The same, one line each, for a person."""
        return scene_complaints(self.check, self.avoided)

    def is_as_bad_as(self, other: Version) -> bool:
        """Tell whether both are sent back for the same."""
        return sameness_of(self.check, self.avoided) == sameness_of(other.check, other.avoided)
