"""What ffprobe says of a file, typed, and whether clips can be joined as they are.

Frames are counted, not believed: a clip comes from a sandbox, and its header may say anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Probe(BaseModel):
    """A film or clip as it is on disk."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codec: str
    codec_tag: str
    profile: str
    pix_fmt: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    fps: float = Field(gt=0, description="frames a second, the same all through")
    frames: int = Field(gt=0)
    time_base: str
    parameters_sha256: str = Field(description="of the decoder's set-up (SPS and PPS)")
    streams: list[str] = Field(description="each stream's kind: video, subtitle, data, audio")
    chapters: list[str] = Field(description="titles, in order")
    title: str | None
    container_s: float = Field(description="the length that the header claims, in seconds")

    @property
    def duration_s(self) -> float:
        """Seconds, to the frame."""
        return self.frames / self.fps


def read_probe(printed: bytes) -> Probe:
    """Read what `commands.probe_file` prints; raises ValueError if it is not one video with a frame rate."""
    try:
        said = json.loads(printed)
        return _probe(said, _only_video(said["streams"]))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # whatever it prints: the file was made to be misread
        raise ValueError(f"ffprobe did not describe a video: {type(error).__name__}: {error}") from None


def _only_video(streams: list[dict[str, Any]]) -> dict[str, Any]:
    videos = [stream for stream in streams if stream["codec_type"] == "video"]
    if len(videos) != 1:
        raise ValueError(f"the file has {len(videos)} video streams: expected one")
    return videos[0]


def _probe(said: dict[str, Any], video: dict[str, Any]) -> Probe:
    fps, frames = Fraction(video["r_frame_rate"]), int(video["nb_read_packets"])
    if abs(float(video["duration"]) - frames / fps) > 1 / fps:
        raise ValueError(f"{frames} frames at {fps} a second do not last the {video['duration']} s claimed")
    return Probe(
        codec=video["codec_name"],
        codec_tag=video["codec_tag_string"],
        profile=video.get("profile", "unknown"),
        pix_fmt=video["pix_fmt"],
        width=video["width"],
        height=video["height"],
        fps=float(fps),
        frames=frames,
        time_base=video["time_base"],
        parameters_sha256=video["extradata_hash"].removeprefix("SHA256:"),
        streams=[stream["codec_type"] for stream in said["streams"]],
        chapters=[chapter.get("tags", {}).get("title", "") for chapter in said.get("chapters", [])],
        title=said["format"].get("tags", {}).get("title"),
        container_s=float(said["format"]["duration"]),
    )


_SHARED = (
    "codec",
    "codec_tag",
    "profile",
    "pix_fmt",
    "width",
    "height",
    "fps",
    "time_base",
    "parameters_sha256",
)
"""What clips must have in common to be joined without encoding."""


def check_joinable(clips: Mapping[str, Probe]) -> None:
    """Raise ValueError that names the first clip whose codec parameters differ from the first clip's."""
    if not clips:
        raise ValueError("there are no clips to join")
    (first_name, first), *others = clips.items()
    if (first.codec, first.pix_fmt) != ("h264", "yuv420p"):
        raise ValueError(f"clip {first_name!r} is {first.codec} {first.pix_fmt}: expected h264 yuv420p")
    for name, clip in others:
        for field in _SHARED:
            wanted, found = getattr(first, field), getattr(clip, field)
            if wanted != found:
                raise ValueError(
                    f"clip {name!r} cannot be joined to {first_name!r} without encoding: its {field} is"
                    f" {found!r}, not {wanted!r}. Render both with the same look and versions"
                )
