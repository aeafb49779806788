"""What is said of a video once it is there: for a person in lines, for a program as one JSON object."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from quantumsketch import report
from quantumsketch.cli.input import foreign_sidecar
from quantumsketch.cli.output_file import written
from quantumsketch.cli.terminal import tell, tell_object
from quantumsketch.errors import NotFound, QuantumSketchError
from quantumsketch.storyboard import Storyboard
from quantumsketch.studio import Videos
from quantumsketch.usage import total
from quantumsketch.video import Outcome, Video

UNCHECKED_TOLD = 5
"""Statements that the lines for a person name one by one."""


def save_and_tell(videos: Videos, video: Video, output: Path | None, *, began: float, as_json: bool) -> None:
    """Save a finished video and say everything about it; `began` is when the command did (monotonic)."""
    target = output or _named_by_its_title(video)
    _save(videos, video, target)
    wall_s = time.monotonic() - began
    told = report.of_video(video, path=str(target.absolute()), wall_s=wall_s)
    if as_json:
        tell_object(told)
        return
    for line in lines(video, wall_s):
        tell(line)
    tell(str(target))


def _named_by_its_title(video: Video) -> Path:
    """Where a video goes that nobody named: only now can be seen what lies there."""
    target = Path(f"{report.slug(video.storyboard.title)}.mp4")
    if taken := foreign_sidecar(target):
        what = f"{video.id} is made, but not saved: it would replace {str(taken)!r}, which is not its own"
        raise QuantumSketchError(what, mend=f"Save it elsewhere: qs resume {video.id} -o FILE.mp4")
    return target


def _save(videos: Videos, video: Video, target: Path) -> None:
    try:
        videos.save(video, target)
    except NotFound as gone:  # it was imported, or cleared away
        mend = f"qs show {video.id} --rebuild says what it takes to make it again."
        raise NotFound(f"the film of {video.id} is not here: {gone.what}", mend=mend) from None
    except OSError as error:
        what = f"{video.id} is made, but cannot be saved as {str(target)!r}: {error.strerror}"
        raise QuantumSketchError(what, mend=f"Save it elsewhere: qs resume {video.id} -o FILE.mp4") from error


def save_storyboard(storyboard: Storyboard, output: Path) -> None:
    """Write a storyboard as a file for people to edit, whole or not at all."""
    with written(output, mode=0o644) as out:
        out.write(storyboard.model_dump_json(indent=2).encode() + b"\n")


def lines(video: Video, wall_s: float | None = None) -> Iterator[str]:
    """Who made it, whatever is not as planned, what it cost: nothing is kept back."""
    width, height = video.look.size
    yield f"{video.storyboard.title}: {video.film.duration_s:.1f} s, {width}x{height} at {video.look.fps}"
    yield f"storyboard by {video.storyboard_by}"
    yield from video.because
    for rendered in video.beats:
        if rendered.outcome is not Outcome.PLANNED:
            why = f": {rendered.complaint}" if rendered.complaint else ""
            yield f"{rendered.id} {rendered.beat.title}: {rendered.outcome}, not as planned{why}"
        if rendered.reused:
            scene = f"scene of {rendered.reused} reused, no model was asked"
            yield f"{rendered.id} {rendered.beat.title}: {scene}"
    yield from (f"note: {note}" for note in report.notes_beside_beats(video))
    if video.mathematics and video.mathematics.statements:
        yield f"mathematics on screen: {report.mathematics(video.mathematics)}"
        unchecked = video.mathematics.unchecked
        yield from (f"not checked: {line}" for line in unchecked[:UNCHECKED_TOLD])
        if len(unchecked) > UNCHECKED_TOLD:
            yield f"not checked: {len(unchecked) - UNCHECKED_TOLD} more (--json names them)"
    cached = sum(rendered.cached for rendered in video.beats)
    if cached:
        yield f"{cached} of {len(video.beats)} clips were there already"
    took = f", took {wall_s:.1f} s" if wall_s is not None else ""
    stages = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in video.stages.items())
    yield from usage_lines(video)
    spent = report.cost_of(video.cost_usd, total(video.calls))
    yield f"cost {spent}{took}" + (f" ({stages})" if stages else "")


def usage_lines(video: Video) -> Iterator[str]:
    """What the models were asked, a line each for the storyboard and for every beat that cost a call."""
    if not video.calls:
        return
    yield report.spent(total(video.calls))
    for beat_id in sorted({call.beat_id or "" for call in video.calls}):
        of_it = [call for call in video.calls if (call.beat_id or "") == beat_id]
        usage = total(of_it)
        by = ", ".join(dict.fromkeys(call.model for call in of_it))
        yield f"  {beat_id or 'storyboard'}: {report.cost(usage.cost_usd)}, {report.spent(usage)}, {by}"
