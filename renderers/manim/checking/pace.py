"""Judges a scene's length beside the time that its narration takes. Pure; only what is really bad is said."""

from __future__ import annotations

from quantumsketch.narration import beat_seconds
from quantumsketch.video import Finding

LONGEST_SCENE_S = 240.0
_LONGER, _GRACE_S = 1.6, 5.0
_SHORTEST_SHARE = 0.25
_SHORT_NARRATION_S = 8.0
"""A scene is not called short beside a narration that is over this soon."""


def judge_pace(duration_s: float, narration: str) -> list[Finding]:
    """What is wrong with a scene of `duration_s` seconds below this narration: one finding, or none."""
    spoken_s = beat_seconds(narration)
    if duration_s > _LONGER * spoken_s + _GRACE_S:
        return [_finding(
            duration_s,
            f"the scene takes {duration_s:.0f} s, its narration {spoken_s:.0f} s: the rest is silent. Shorten"
            f" run_time and self.wait so that all of it takes about {spoken_s:.0f} s",
        )]  # fmt: skip
    if spoken_s >= _SHORT_NARRATION_S and duration_s < _SHORTEST_SHARE * spoken_s:
        return [_finding(
            duration_s,
            f"the scene is over after {duration_s:.1f} s, and its narration takes {spoken_s:.0f} s: the last"
            f" picture stands still for the rest. Show it step by step, with self.wait between the steps, so"
            f" that all of it takes about {spoken_s:.0f} s",
        )]  # fmt: skip
    return []


def _finding(at_s: float, message: str) -> Finding:
    return Finding(rule="pace", objects=["the scene"], at_s=round(at_s, 3), message=message)
