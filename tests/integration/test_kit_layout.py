"""For any valid visual nothing overlaps or leaves the frame, everything is legible, and time is kept."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quantumsketch.narration import beat_seconds
from quantumsketch.storyboard import Aspect, Beat, Look, Theme
from renderers.manim.film.clip import audit_without_drawing
from tests.storyboards import beats, generated_kinds

EXAMPLES = int(os.environ.get("LAYOUT_EXAMPLES", "5"))
"""Per kind; raise it to soak."""
SOAK = EXAMPLES > 5


@pytest.mark.slow
@pytest.mark.parametrize("kind", generated_kinds())
def test_a_valid_visual_is_laid_out_without_a_fault_in_every_aspect(kind: str) -> None:
    seen = []

    @settings(
        max_examples=EXAMPLES,
        derandomize=not SOAK,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if SOAK else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(beat=beats(kind), aspect=st.sampled_from(Aspect), theme=st.sampled_from(Theme))
    def check(beat: Beat, aspect: Aspect, theme: Theme) -> None:
        look = Look(aspect=aspect, theme=theme)
        findings, duration = audit_without_drawing(beat, look)
        assert not findings, "\n".join(finding.message for finding in findings)
        assert duration == pytest.approx(beat_seconds(beat.narration), abs=0.5 / look.fps + 1e-6)
        seen.append(beat)

    check()
    assert len(seen) >= EXAMPLES
