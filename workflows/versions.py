"""What draws and checks here, by its versions, and what the work of one render call is called for them."""

from __future__ import annotations

from quantumsketch.assets.keys import content_key
from quantumsketch.video import MadeWith, RenderRequest
from renderers.manim.version import check_version, kit_version, manim_version

MADE_WITH = MadeWith(manim=manim_version(), kit=kit_version(), check=check_version())
"""Read once: a workflow may not read files."""


def part_key(request: RenderRequest) -> str:
    """Return the key under which the store has the part of a clip that this request makes."""
    return content_key("part", MADE_WITH.kit, MADE_WITH.manim, request)
