"""When two beats to be animated are the same, and when a scene may serve again. Pure."""

from __future__ import annotations

import hashlib
import json
import unicodedata

from quantumsketch.storyboard import Beat
from quantumsketch.video import Outcome, RenderedBeat
from quantumsketch.visuals import ManimCode

_FORM = 2
"""Of the key: one that an earlier version made is another one."""
_AS_GOOD_AS_PLANNED = {Outcome.PLANNED, Outcome.REPAIRED}


def idea_of(beat: Beat) -> str | None:
    """Return what names the idea of `beat`, 64 hex digits; None if nothing in it was to be animated.

    Only beats that differ in nothing but white space have the same one: 10⁶ is not 106, nor a the same as A.
    """
    visual = beat.visual
    if not isinstance(visual, ManimCode) or visual.idea is None:
        return None
    said = [_normal(text) for text in (beat.title, beat.narration, visual.idea)]
    return hashlib.sha256(json.dumps([_FORM, *said]).encode()).hexdigest()


def is_verified(rendered: RenderedBeat) -> bool:
    """Whether `rendered` came out as it was to be, and nothing is wrong with its picture."""
    return rendered.outcome in _AS_GOOD_AS_PLANNED and not rendered.clip.findings


def has_verified_scene(rendered: RenderedBeat) -> bool:
    """Whether the Manim code of `rendered` may be shown to others, or used again."""
    visual = rendered.beat.visual
    return isinstance(visual, ManimCode) and visual.code is not None and is_verified(rendered)


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
