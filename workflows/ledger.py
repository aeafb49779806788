"""What a run knows of itself while it goes on: its stage, its beats, its seconds, its notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from quantumsketch import report
from quantumsketch.storyboard import Look, Storyboard, Theme
from quantumsketch.usage import ModelCall, total
from quantumsketch.video import BeatProgress, BeatState, Outcome, Progress, RenderedBeat, Stage
from quantumsketch.visuals import ManimCode

FINDINGS_TOLD = 3
"""Layout faults of one beat that the report names one by one."""


def beat_name(index: int) -> str:
    """The name of a storyboard's beat, counted from 0: b01, b02, …"""
    return f"b{index + 1:02}"


class Ledger:
    """Collects progress; `snapshot` is what the progress query answers.

    Is told the time instead of asking for it, so that a replay tells the same story.
    """

    def __init__(self, now: float) -> None:
        self.stages: dict[str, float] = {}
        self.notes: list[str] = []
        self.notices: list[str] = []
        self.because: list[str] = []
        self.calls: list[ModelCall] = []
        self.waiting: str | None = None
        self._stage = Stage.STORYBOARD
        self._since = now
        self._title: str | None = None
        self._by: str | None = None
        self._beats: dict[str, BeatProgress] = {}

    def planned(self, storyboard: Storyboard, by: str) -> dict[str, int]:
        """Take up the storyboard; gives the ids of its beats with their index."""
        self._title, self._by = storyboard.title, by
        ids = {beat_name(index): index for index in range(len(storyboard.beats))}
        for name, index in ids.items():
            beat = storyboard.beats[index]
            self._beats[name] = BeatProgress(id=name, title=beat.title, kind=beat.visual.kind)
        return ids

    def enter(self, stage: Stage, now: float) -> None:
        """Close the stage that went on until `now` and open the next."""
        self.stages[self._stage.value] = round(now - self._since, 3)
        self._stage, self._since = stage, now

    def beat(
        self, beat_id: str, state: BeatState, *, outcome: Outcome | None = None, cached: bool = False
    ) -> None:
        """Note how far a beat is; news of a beat that is done, or of none here, come too late."""
        if beat_id not in self._beats or self._beats[beat_id].state is BeatState.DONE:
            return
        update = {"state": state, "outcome": outcome, "cached": cached}
        self._beats[beat_id] = self._beats[beat_id].model_copy(update=update)

    def notice(self, notice: str | None) -> None:
        """Take up what workers say of themselves; the finished video tells it, each thing once."""
        if notice and notice not in self.notices:
            self.notices.append(notice)

    def snapshot(self) -> Progress:
        return Progress(
            stage=self._stage,
            title=self._title,
            storyboard_by=self._by,
            beats=list(self._beats.values()),
            stages=dict(self.stages),
            notes=list(self.notes),
            because=list(self.because),
            usage=total(self.calls),
            waiting=self.waiting,
        )


def dark_beats(beats: Iterable[RenderedBeat], look: Look) -> list[str]:
    """Say which beats do not have the light ground that was asked for: code is written for a dark one."""
    if look.theme is not Theme.PAPER:
        return []
    dark = [rendered.id for rendered in beats if isinstance(rendered.beat.visual, ManimCode)]
    return [f"{', '.join(dark)}: animated, and so on a dark ground"] if dark else []


def shortfalls(beats: Iterable[RenderedBeat], told: Sequence[str]) -> list[str]:
    """Say of every beat what came out worse than asked, unless a note that was `told` of it says so."""
    return [line for rendered in beats for line in _shortfalls(rendered, told)]


def _shortfalls(rendered: RenderedBeat, told: Sequence[str]) -> Iterator[str]:
    if shortfall := report.shortfall(rendered):
        yield shortfall
    of_it = [note for note in told if note.startswith(f"{rendered.id}:")]
    findings = [
        finding for finding in rendered.clip.findings if not any(finding.message in note for note in of_it)
    ]
    for finding in findings[:FINDINGS_TOLD]:
        what = "shows a formula as its source" if finding.rule == "formula" else "layout"
        yield f"{rendered.id} {what}: {finding.message}"
    if len(findings) > FINDINGS_TOLD:
        yield f"{rendered.id}: {len(findings) - FINDINGS_TOLD} more faults of the picture"
