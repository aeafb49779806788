"""What a run says of itself while it goes on."""

from __future__ import annotations

from quantumsketch.storyboard import Beat, Look, Storyboard, Theme
from quantumsketch.video import AssetRef, BeatState, Clip, Finding, Outcome, RenderedBeat, Stage
from quantumsketch.visuals import ManimCode, TitleCard
from workflows.ledger import FINDINGS_TOLD, Ledger, dark_beats, shortfalls

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


def rendered(*findings: Finding) -> RenderedBeat:
    asset = AssetRef(sha256="0" * 64, media_type="video/mp4", size=1)
    clip = Clip(asset=asset, duration_s=3, width=854, height=480, fps=15, findings=list(findings))
    return RenderedBeat(
        id="b01",
        beat=BOARD.beats[0],
        outcome=Outcome.PLANNED,
        attempts=1,
        model="you",
        clip=clip,
        cached=False,
    )


def overlap(message: str) -> Finding:
    return Finding(rule="overlap", objects=["a", "b"], at_s=1.0, message=message)


def test_a_fault_of_the_layout_is_told_once() -> None:
    beat = rendered(overlap("a and b overlap"), overlap("a and c overlap"))
    told = ["b01: left as it is: overlap at 1.0 s: a and b overlap", "b02: a and c overlap"]
    assert shortfalls([beat], told) == ["b01 layout: a and c overlap"]
    assert shortfalls([beat], []) == ["b01 layout: a and b overlap", "b01 layout: a and c overlap"]


def test_of_many_faults_of_the_layout_the_first_are_told_one_by_one() -> None:
    beat = rendered(*(overlap(f"fault {number}") for number in range(FINDINGS_TOLD + 2)))
    assert shortfalls([beat], [])[-1] == "b01: 2 more faults of the picture"


def test_on_paper_animated_beats_are_said_to_be_dark() -> None:
    still = rendered()
    animated = still.model_copy(
        update={"beat": BOARD.beats[0].model_copy(update={"visual": ManimCode(code="x")})}
    )
    assert dark_beats([still, animated], Look(theme=Theme.PAPER)) == [
        "b01: animated, and so on a dark ground"
    ]
    assert dark_beats([still], Look(theme=Theme.PAPER)) == []
    assert dark_beats([still, animated], Look()) == []
