"""Writes frames straight into one H.264 file, and is the file writer that Manim's renderer asks for.

Every clip of one look has the same codec parameters, so that clips can be joined without encoding them again;
the same frames give the same bytes. Knows frames; knows no scene, no audio and no cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from manim.typing import PixelArray

from quantumsketch.storyboard import Look
from renderers.manim.clip_format import PIXELS, PROFILE, TICKS_PER_FRAME

_BT709 = 1
"""Its number for primaries, transfer and matrix alike (ITU-T H.273)."""
_KEYFRAME_EVERY_S = 2
_ENCODER = {
    # most frames repeat or hardly differ: searching for motion would cost more than it saves
    "preset": "ultrafast",
    "crf": "18",
    "profile": PROFILE.lower(),
    "x264-params": "cabac=1:8x8dct=1:bframes=0:scenecut=0"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv",
}
_THREADS = 2


class ClipFile:
    """A silent MP4 being written: constant frame rate, yuv420p, BT.709."""

    def __init__(self, path: Path, look: Look) -> None:
        self.frames = 0
        self._fps = look.fps
        self._container = av.open(
            str(path), "w", format="mp4",
            options={"video_track_timescale": str(look.fps * TICKS_PER_FRAME), "fflags": "+bitexact"},
        )  # fmt: skip
        stream = self._container.add_stream("libx264", rate=look.fps, options=dict(_ENCODER))
        stream.width, stream.height = look.size
        stream.pix_fmt = PIXELS
        context = stream.codec_context
        context.time_base = Fraction(1, look.fps)
        context.gop_size = look.fps * _KEYFRAME_EVERY_S
        context.thread_count = _THREADS
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = ColorRange.MPEG
        self._stream = stream

    def write(self, frame: PixelArray, repeat: int = 1) -> None:
        """Append an RGBA picture of 8-bit values, (height, width, 4), `repeat` times."""
        rgba = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame, dtype=np.uint8), format="rgba")
        picture = rgba.reformat(
            format=PIXELS, dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG, dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,  # right for halving the colours, and thrice as fast
        )  # fmt: skip
        for _ in range(repeat):
            picture.pts = self.frames
            picture.time_base = Fraction(1, self._fps)
            self._container.mux(self._stream.encode(picture))
            self.frames += 1

    def close(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()


@dataclass
class _Section:
    skip_animations: bool = False


@dataclass(frozen=True)
class _NoArtifacts:
    is_still: bool = False
    is_video: bool = False
    is_image_sequence: bool = False
    fallback_to_still: bool = False


class FrameWriter:
    """What Manim calls on a file writer; frames go to `clip`, or nowhere without one."""

    def __init__(self, clip: ClipFile | None) -> None:
        self.clip = clip
        self.sections = [_Section()]
        self.output_spec = _NoArtifacts()
        self.subcaptions: list[Any] = []

    def next_section(self, *_: Any) -> None:
        """Sections are not kept."""

    def add_sound(self, *_: Any, **__: Any) -> None:
        """Clips are silent."""

    def add_partial_movie_file(self, _: str | None) -> None:
        """There are no partial files."""

    def begin_animation(self, *_: Any, **__: Any) -> None:
        """Animations follow each other in one file."""

    def end_animation(self, *_: Any, **__: Any) -> None:
        """Animations follow each other in one file."""

    def write_frame(self, frame: PixelArray, *, repeat: int = 1) -> None:
        """Pass a frame on."""
        if self.clip is not None:
            self.clip.write(frame, repeat)
