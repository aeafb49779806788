"""The texts that a film is made from: clip list, captions, chapters; and the moment for its poster.

Every time is counted in frames of the clips as they are, so that captions and chapters stay in step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from renderers.ffmpeg import captions
from renderers.ffmpeg.chapters import Chapter, ffmetadata
from renderers.ffmpeg.commands import CAPTIONS, CLIP_LIST, METADATA, clip_name
from renderers.ffmpeg.cues import SpokenBeat, cues
from renderers.ffmpeg.probe import Probe, check_joinable

_POSTER_SHARE = 0.85
"""How far into its beat the poster's frame is: nearly everything has appeared, nothing has left."""


@dataclass(frozen=True)
class FilmBeat:
    """A beat whose clip is there: what the film says of it, and the clip as probed."""

    title: str
    narration: str
    clip: Probe


@dataclass(frozen=True)
class FilmTexts:
    """The text inputs of MAKE_FILM by name, and what else is known before the film is made."""

    inputs: Mapping[str, str]
    """clips.txt, captions.srt and metadata.txt."""
    captions_vtt: str
    captioned: bool
    """False if nothing is said anywhere: then captions.srt is empty and must not be given."""
    duration_s: float
    poster_s: float


def film_texts(title: str, comment: str, beats: Mapping[str, FilmBeat]) -> FilmTexts:
    """Plan the film of these beats, by clip name, in order.

    Raises ValueError if there are none, if a name cannot name a clip, or if the clips cannot be joined.
    """
    clips = {name: beat.clip for name, beat in beats.items()}
    check_joinable(clips)
    starts = _starts(list(clips.values()))
    timed = list(zip(beats.values(), starts, strict=False))
    said = cues(SpokenBeat(start, beat.clip.duration_s, beat.narration) for beat, start in timed)
    chapters = [Chapter(beat.title, start, start + beat.clip.duration_s) for beat, start in timed]
    middle, middle_start = timed[len(timed) // 2]
    return FilmTexts(
        inputs={
            CLIP_LIST: clip_list(clips),
            CAPTIONS: captions.srt(said),
            METADATA: ffmetadata(title, comment, chapters),
        },
        captions_vtt=captions.webvtt(said),
        captioned=bool(said),
        duration_s=starts[-1],
        poster_s=middle_start + middle.clip.duration_s * _POSTER_SHARE,
    )


def clip_list(clips: Mapping[str, Probe]) -> str:
    """The clips in order, for ffmpeg's concat demuxer, each with its exact length.

    Without the length the demuxer believes the headers, whose milliseconds drift from the frames.
    """
    check_joinable(clips)
    lines = ["ffconcat version 1.0"]
    for name, clip in clips.items():
        lines += [f"file {clip_name(name)}", f"duration {clip.duration_s:.6f}"]
    return "\n".join(lines) + "\n"


def _starts(clips: Sequence[Probe]) -> list[float]:
    """Seconds at which each clip starts, and last the length of all."""
    return [frames / clips[0].fps for frames in accumulate((clip.frames for clip in clips), initial=0)]
