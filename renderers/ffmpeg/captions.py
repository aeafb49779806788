"""Cues written down as WebVTT and as SRT. Knows what would break them; nothing of time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from renderers.ffmpeg.cues import Cue

_JOINER = "\u2060"
"""Invisible and without width: it parts what a player would take for markup, SRT having no escapes."""
_SRT_MARKUP = re.compile(r"<|\{(?=\\)|\\|--(?=>)")


def webvtt(cues: Sequence[Cue]) -> str:
    """Write the cues as a WebVTT file."""
    blocks = [f"{_clock(c.start_ms, '.')} --> {_clock(c.end_ms, '.')}\n{_vtt_text(c)}\n" for c in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def srt(cues: Sequence[Cue]) -> str:
    """Write the cues as an SRT file."""
    blocks = [
        f"{number}\n{_clock(c.start_ms, ',')} --> {_clock(c.end_ms, ',')}\n{_srt_text(c)}\n"
        for number, c in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def _clock(ms: int, point: str) -> str:
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{point}{ms % 1000:03}"


def _vtt_text(cue: Cue) -> str:
    text = "\n".join(cue.lines)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _srt_text(cue: Cue) -> str:
    return _SRT_MARKUP.sub(lambda match: match[0] + _JOINER, "\n".join(cue.lines))
