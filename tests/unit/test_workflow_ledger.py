"""What a run says of itself while it goes on."""

from __future__ import annotations

from quantumsketch.storyboard import Beat, Storyboard
from quantumsketch.video import BeatState, Outcome, Stage
from quantumsketch.visuals import TitleCard
from workflows.ledger import Ledger

BOARD = Storyboard(
    title="Two beats",
    summary="A board",
    beats=[
        Beat(title="One", narration="The first.", visual=TitleCard(heading="One")),
        Beat(title="Two", narration="The second.", visual=TitleCard(heading="Two")),
    ],
)


def test_beats_are_numbered_in_order_and_start_waiting() -> None:
    ledger = Ledger(now=0.0)
    assert ledger.planned(BOARD, "you") == {"b01": 0, "b02": 1}
    assert [(b.id, b.title, b.state) for b in ledger.snapshot().beats] == [
        ("b01", "One", BeatState.WAITING),
        ("b02", "Two", BeatState.WAITING),
    ]


def test_a_stage_is_timed_from_its_start_to_the_start_of_the_next() -> None:
    ledger = Ledger(now=10.0)
    ledger.enter(Stage.BEATS, 12.5)
    ledger.enter(Stage.MERGE, 20.0)
    snapshot = ledger.snapshot()
    assert snapshot.stages == {"storyboard": 2.5, "beats": 7.5}
    assert snapshot.stage is Stage.MERGE


def test_a_snapshot_does_not_change_when_the_run_goes_on() -> None:
    ledger = Ledger(now=0.0)
    ledger.planned(BOARD, "you")
    before = ledger.snapshot()
    ledger.beat("b01", BeatState.DONE, outcome=Outcome.CARD, cached=True)
    assert before.beats[0].state is BeatState.WAITING
    after = ledger.snapshot().beats[0]
    assert (after.state, after.outcome, after.cached) == (BeatState.DONE, Outcome.CARD, True)
