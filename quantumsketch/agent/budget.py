"""What the loops of one video may use: plain counters, so that they count alike in a workflow and in a test.

Knows no money: that is the business of whoever calls the models.
"""

from __future__ import annotations

from dataclasses import dataclass

CALLS_PER_VIDEO = 60
"""Model calls of all beats of a video together, beside those for the storyboard."""
CALLS_PER_BEAT = 8
CHECKS_PER_BEAT = 8
"""Checks in the sandbox; each costs some seconds of a core."""
TOOL_TURNS_PER_ANSWER = 4
"""How often a model may use tools before it has to answer."""


class Spent(Exception):
    """A budget is used up; the message says which."""


@dataclass
class VideoBudget:
    """What all beats of a video share."""

    calls_left: int = CALLS_PER_VIDEO
    calls_per_beat: int = CALLS_PER_BEAT
    checks_per_beat: int = CHECKS_PER_BEAT
    tool_turns_per_answer: int = TOOL_TURNS_PER_ANSWER

    def for_beat(self) -> BeatBudget:
        """The budget of one beat, its scene's writing and all its repairs together."""
        return BeatBudget(
            video=self,
            calls_left=self.calls_per_beat,
            checks_left=self.checks_per_beat,
            tool_turns_per_answer=self.tool_turns_per_answer,
        )


@dataclass
class BeatBudget:
    """What one beat may still use."""

    video: VideoBudget
    calls_left: int
    checks_left: int
    tool_turns_per_answer: int

    def take_call(self, keep: int = 0) -> None:
        """Count one model call; raises Spent if there is none left but those that the beat keeps."""
        if min(self.calls_left - keep, self.video.calls_left) < 1:
            whose = "beat" if self.calls_left - keep < 1 else "video"
            raise Spent(f"the {whose}'s budget of model calls is used up")
        self.calls_left -= 1
        self.video.calls_left -= 1

    def return_call(self) -> None:
        """Give back a call that was not made after all."""
        self.calls_left += 1
        self.video.calls_left += 1

    def take_check(self) -> None:
        """Count one check; raises Spent if there is none left."""
        if self.checks_left < 1:
            raise Spent("the beat's budget of checks is used up")
        self.checks_left -= 1

    def allows_calls(self, count: int, keep: int = 0) -> bool:
        """Whether as many calls may still follow, beside those that the beat keeps."""
        return min(self.calls_left - keep, self.video.calls_left) >= count
