"""What is wrong, in the words that the model reads next; and whether it is the same as before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quantumsketch.checking import Fault, SceneCheck
from quantumsketch.video import Finding

_MOST_TOLD = 6
"""The first faults cause many of the others."""
_LONGEST_EXCERPT = 1200
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def scene_complaint(check: SceneCheck, avoided: Sequence[str] = ()) -> str:
    """Everything that a scene is sent back for, the fewest lines of code with each fault.

    `avoided` are the words to avoid that it shows; they are never left out for the length of the rest.
    """
    words = [f"- {line}: say it in other words" for line in _shown(avoided)]
    told = [*map(_fault, check.faults), *map(_finding, check.findings)]
    more = [f"(and {len(told) - _MOST_TOLD} more of the kind)"] if len(told) > _MOST_TOLD else []
    return "\n".join([*words, *told[:_MOST_TOLD], *more])


def scene_complaints(check: SceneCheck, avoided: Sequence[str] = ()) -> list[str]:
    """The same, one line each, for a person."""
    return [
        *(f"{fault.rule}{_at_line(fault)}: {fault.message}" for fault in check.faults),
        *(f"{finding.rule} at {finding.at_s:.1f} s: {finding.message}" for finding in check.findings),
        *_shown(avoided),
    ]


def sameness(complaint: str) -> str:
    """What two complaints have in common if they are the same: all but their numbers."""
    return " ".join(_NUMBER.sub("#", complaint).casefold().split())


def sameness_of(check: SceneCheck, avoided: Sequence[str] = ()) -> frozenset[str]:
    """What two scenes sent back have in common if it was for the same: rules and messages without numbers."""
    told = [f"{fault.rule}: {fault.message}" for fault in check.faults]
    told += [f"{finding.rule}: {finding.message}" for finding in check.findings]
    return frozenset(map(sameness, [*told, *_shown(avoided)]))


def _shown(avoided: Sequence[str]) -> list[str]:
    return (
        [f"words: the scene shows {', '.join(map(repr, avoided))}, which is to be avoided"] if avoided else []
    )


def _fault(fault: Fault) -> str:
    excerpt = f"\n{fault.excerpt[:_LONGEST_EXCERPT]}" if fault.excerpt else ""
    return f"- {fault.rule}{_at_line(fault)}: {fault.message}{excerpt}"


def _at_line(fault: Fault) -> str:
    return f", line {fault.line}" if fault.line else ""


def _finding(finding: Finding) -> str:
    return f"- layout, {finding.rule} at {finding.at_s:.1f} s: {finding.message}"
