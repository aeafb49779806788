"""How one version of a beat becomes a clip: call after call, each as far as its time reaches, then joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from quantumsketch.storyboard import Beat, Look
    from quantumsketch.video import Clip, RenderRequest
    from workflows.calls import call
    from workflows.jobs import JoinJob, Part, RenderAttempt, RenderJob
    from workflows.policies import Work

MOST_PARTS = 20
"""Calls of up to 30 s that one beat may take."""
MOST_BEAT_S = 240
"""Seconds that one beat may play; the longest narration takes three minutes."""


@dataclass(frozen=True)
class Drawn:
    """A clip, and what it took."""

    clip: Clip
    cached: bool
    """Every part of it was there already."""
    took_s: float | None
    """Wall seconds of its render calls; None once a part was there already."""


class Unrendered(Exception):
    """A version that gave no clip; the message is the complaint that its repair starts from."""

    def __init__(self, complaint: str, *, slow: bool = False) -> None:
        super().__init__(complaint)
        self.slow = slow


async def render(beat_id: str, beat: Beat, look: Look, notice: Callable[[str | None], None]) -> Drawn:
    """Return the clip of a beat; `notice` takes what a worker says of its sandbox. Raises Unrendered."""
    attempts: list[RenderAttempt] = []
    parts: list[Part] = []
    first_animation: int | None = 0
    while first_animation is not None:
        if len(parts) == MOST_PARTS:
            raise Unrendered(f"the beat needs more than {MOST_PARTS} calls of 30 s to render", slow=True)
        request = RenderRequest(beat=beat, look=look, first_animation=first_animation)
        job = RenderJob(beat_id=beat_id, request=request)
        attempt = await call(
            Work.RENDER, "render_part", job, RenderAttempt, summary=f"{beat_id} {beat.title}"
        )
        if attempt.part is None:
            complaint = attempt.complaint or "the render gave neither a clip nor a reason"
            raise Unrendered(complaint, slow=attempt.too_slow)
        attempts.append(attempt)
        parts.append(attempt.part)
        notice(attempt.part.notice)
        if sum(part.result.duration_s for part in parts) > MOST_BEAT_S:
            raise Unrendered(f"the scene plays longer than the {MOST_BEAT_S} s that a beat may")
        first_animation = attempt.part.result.next_animation
    times = [attempt.took_s for attempt in attempts if attempt.took_s is not None]
    return Drawn(
        await _joined(parts),
        cached=all(attempt.cached for attempt in attempts),
        took_s=round(sum(times), 3) if len(times) == len(attempts) else None,
    )


def check_shown(clip: Clip) -> None:
    """Raise Unrendered if a formula is shown as its source."""
    refused = [finding.message for finding in clip.findings if finding.rule == "formula"]
    if refused:
        raise Unrendered("; ".join(refused))


async def _joined(parts: list[Part]) -> Clip:
    if len(parts) > 1:
        return await call(Work.MERGE, "join_parts", JoinJob(parts=parts), Clip)
    (only,) = parts
    result = only.result
    return Clip(
        asset=only.asset, duration_s=result.duration_s, width=result.width, height=result.height,
        fps=result.fps, findings=result.findings,
    )  # fmt: skip
