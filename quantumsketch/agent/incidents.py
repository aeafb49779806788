"""What the versions of a beat teach: which faults there were, and the least change after which each was gone.

Pure, and quick whatever a model wrote: of two sources that have little in common nothing is learned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from quantumsketch.agent.complaints import sameness
from quantumsketch.checking import Fault, SceneCheck
from quantumsketch.incidents import (
    LONGEST_ERROR,
    LONGEST_SIDE,
    MOST_LINES,
    SLOW,
    Change,
    Complaint,
    Incident,
)
from quantumsketch.video import Finding

_MOST_COMPARED = 80
"""Lines between the first and the last that differ; of more, nothing is compared."""
_MOST_KEPT = 12
"""Of one check, and of one scene: a scene can write by itself what its check says, however much that is."""
_MOST_BYTES = 16_000
"""Of the incidents of a scene, as JSON: those of 24 beats are passed on with the video, within 2 MB."""
_LONGEST_MESSAGE = 500
_MOST_OBJECTS = 8
_LEFT_OUT = "…"
_QUOTED = re.compile(r"'(\w+)'")
_SEVERAL = re.compile(r"\ba shape(?:, a shape)*+(?: and \d++ more)?")
_BOUND = re.compile(
    r"^[ \t]*+(?:self\.)?(\w++(?:[ \t]*+,[ \t]*+\w++)*+)[ \t]*+=(?!=)"
    r"|\b(?:for|def|class|lambda|as)[ \t]++(\w++(?:[ \t]*+,[ \t]*+\w++)*+)",
    re.MULTILINE,
)

Trail = Sequence[tuple[str, SceneCheck]]
"""Every check of a scene in order, with who wrote what was checked."""
Lines = tuple[Sequence[str], Sequence[str]]


def complaints_of(check: SceneCheck) -> list[Complaint]:
    """Everything that keeps a scene from being used, each kind of it once."""
    own = _names_bound_in(check.code) if check.faults else frozenset[str]()
    found = [_of_fault(fault, own) for fault in check.faults[:_MOST_KEPT]]
    found += [_of_finding(finding) for finding in check.findings[:_MOST_KEPT]]
    return list({complaint.error: complaint for complaint in reversed(found)}.values())[::-1][:_MOST_KEPT]


def complaint_of_render(message: str, *, slow: bool = False) -> Complaint:
    """What is wrong with a visual that gave no clip; `slow` if it was for want of time."""
    told = message[:_LONGEST_MESSAGE]
    return Complaint(error=_error(SLOW if slow else "render", told), message=told)


def incidents_of(trail: Trail, hints: Mapping[str, list[str]], *, usable: bool) -> list[Incident]:
    """What each fault on the `trail` came to; `usable` says whether the last version may be rendered.

    `hints` are the names of the repairs that were told, by error. A scene that ends early hides the faults
    behind its end: one counts as gone only where a later version was worked through to its end.
    """
    last: dict[str, tuple[int, Complaint]] = {}
    for at, (_, check) in enumerate(trail):
        last |= {complaint.error: (at, complaint) for complaint in complaints_of(check)}
    found = [*last.items()][:_MOST_KEPT]
    return _those_that_fit(
        _incident(trail, at, complaint, hints.get(error, []), usable=usable)
        for error, (at, complaint) in found
    )


def unverified(incidents: Iterable[Incident]) -> list[Incident]:
    """The same incidents where what was to be rendered was not: nothing of it has helped."""
    return [each.model_copy(update={"mended": False, "repair": None}) for each in incidents]


def redrawn(incidents: Iterable[Incident], kind: str, by: str) -> list[Incident]:
    """The same incidents once a visual of another `kind`, of the model `by`, took the failed one's place."""
    return [
        each.model_copy(update={"mended": True, "repair": Change(before=each.visual, after=kind, by=by)})
        if each.visual
        else each
        for each in incidents
    ]


def change_between(before: str, after: str, line: int | None = None) -> tuple[str, str] | None:
    """The lines that differ, those at `line` (from 1) alone if there are any; None if they are too many."""
    old, new = before.splitlines(), after.splitlines()
    start = _common(old, new)
    end = min(_common(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    middle = old[start : len(old) - end], new[start : len(new) - end]
    if not any(middle) or max(map(len, middle)) > _MOST_COMPARED:
        return None
    blocks = SequenceMatcher(None, *middle, autojunk=False).get_opcodes()
    places = [
        (range(start + i1, start + i2), range(start + j1, start + j2))
        for what, i1, i2, j1, j2 in blocks
        if what != "equal"
    ]
    at_line = [place for place in places if line and line - 1 in place[0]]
    sides = _sides((old, new), at_line or places)
    if any(len(side.splitlines()) > MOST_LINES or len(side) > LONGEST_SIDE for side in sides):
        return None
    return sides


def _incident(trail: Trail, at: int, complaint: Complaint, hints: list[str], *, usable: bool) -> Incident:
    gone = next((version for version in trail[at + 1 :] if not version[1].faults), None)
    if not usable or gone is None:
        return Incident(complaint=complaint, hints=hints)
    (_, faulty), (by, whole) = trail[at], gone
    sides = change_between(faulty.code, whole.code, _line_of(complaint, faulty))
    repair = Change(before=sides[0], after=sides[1], by=by) if sides else None
    return Incident(complaint=complaint, mended=True, repair=repair, hints=hints)


def _those_that_fit(incidents: Iterable[Incident]) -> list[Incident]:
    """Those that a video has room for, in order; one that has none is left out."""
    kept: list[Incident] = []
    room = _MOST_BYTES
    for incident in incidents:
        size = len(incident.model_dump_json().encode())
        if size <= room:
            kept.append(incident)
            room -= size
    return kept


def _line_of(complaint: Complaint, check: SceneCheck) -> int | None:
    return next((fault.line for fault in check.faults if _message(fault) == complaint.message), None)


def _message(fault: Fault | Finding) -> str:
    return fault.message[:_LONGEST_MESSAGE]


def _of_fault(fault: Fault, own: frozenset[str]) -> Complaint:
    """How somebody called their variables is no part of the error."""
    words = _QUOTED.sub(lambda name: f"'{_LEFT_OUT}'" if name[1] in own else name[0], _message(fault))
    return Complaint(error=_error(fault.rule, words), message=_message(fault))


def _of_finding(finding: Finding) -> Complaint:
    """Nor is what is on screen, and how much of it; the advice behind the colon is always the same."""
    names = sorted(filter(None, finding.objects[:_MOST_OBJECTS]), key=len, reverse=True)
    words = _message(finding)
    if names:
        named = re.compile("|".join(re.escape(name[:_LONGEST_MESSAGE]) for name in names))
        words = named.sub(lambda name: "a text" if name[0].startswith("text") else "a shape", words)
    words = _SEVERAL.sub("a shape", words.partition(": ")[0])
    return Complaint(error=_error(finding.rule, words), message=_message(finding))


def _error(rule: str, words: str) -> str:
    return f"{rule}: {sameness(words)}"[:LONGEST_ERROR]


def _names_bound_in(code: str) -> frozenset[str]:
    """The names to which a source itself gives a value."""
    names = (found[1] or found[2] for found in _BOUND.finditer(code))
    return frozenset(name.strip() for those in names for name in those.split(","))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are the same from the first on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _sides(sources: Lines, places: Sequence[tuple[range, range]]) -> tuple[str, str]:
    """Both sides of the places; what is only added or taken out is told with the line before it."""
    old: list[str] = []
    new: list[str] = []
    for before, after in places:
        lead = 1 if before.start and after.start and not (before and after) else 0
        for side, source, place in ((old, sources[0], before), (new, sources[1], after)):
            side += [_LEFT_OUT] if side else []
            side += source[place.start - lead : place.stop]
    return _dedented(old), _dedented(new)


def _dedented(lines: Sequence[str]) -> str:
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip() not in ("", _LEFT_OUT)]
    margin = min(indents, default=0)
    return "\n".join(line if line == _LEFT_OUT else line[margin:] for line in lines)
