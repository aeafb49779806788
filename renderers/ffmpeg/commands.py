"""The command lines of ffmpeg and ffprobe. Every name is ours; no text of a storyboard is an argument."""

from __future__ import annotations

import re
from typing import Any, cast

import ffmpeg

from quantumsketch.tools.tool import INPUTS

CLIP_LIST, CAPTIONS, METADATA = "clips.txt", "captions.srt", "metadata.txt"
"""The text inputs of a film, under these names in the sandbox."""
_FFMPEG = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-y"]
_FILES_ONLY = {"protocol_whitelist": "file,pipe"}
_CLIPS_ONLY = _FILES_ONLY | {"format_whitelist": "concat,mov"}
_REPEATABLE = {"fflags": "+bitexact", "movflags": "+faststart"}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}\.mp4")


def clip_name(name: str) -> str:
    """The name itself, if it can stand in a command line and a clip list; raises ValueError if not."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a clip: use lower-case letters, digits, - and _, and .mp4")
    return name


def probe_file(name: str) -> list[str]:
    """ffprobe's description of an input as JSON, packets counted."""
    entries = (
        "format=duration:format_tags=title:chapter_tags=title:stream=codec_type,codec_name,codec_tag_string"
    )
    entries += ",profile,pix_fmt,width,height,r_frame_rate,duration,time_base,nb_read_packets,extradata_hash"
    return [
        *("ffprobe", "-v", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", "mov"),
        *("-count_packets", "-show_data_hash", "sha256", "-show_chapters", "-show_entries", entries),
        *("-of", "json", str(INPUTS / clip_name(name))),
    ]


def join_clips(output: str) -> list[str]:
    """Join the clips of the clip list into `output`, packets copied as they are."""
    return _compiled(ffmpeg.output(_clips()["v:0"], clip_name(output), codec="copy", **_REPEATABLE))


def make_film(output: str, *, captioned: bool, language: str) -> list[str]:
    """Join the clips and add title, chapters and, if `captioned`, a subtitle track."""
    metadata = ffmpeg.input(str(INPUTS / METADATA), format="ffmetadata", **_FILES_ONLY)
    streams = [_clips()["v:0"], metadata["v?"]]  # it has no streams: mapped for its place among the inputs
    options: dict[str, Any] = {"c:v": "copy", "map_metadata": 1, "map_chapters": 1, **_REPEATABLE}
    if captioned:
        streams.append(ffmpeg.input(str(INPUTS / CAPTIONS), format="srt", **_FILES_ONLY)["s:0"])
        options |= {"c:s": "mov_text", "metadata:s:s:0": f"language={language}"}
        options |= {"metadata:s:s": "handler_name=Captions"}
    return _compiled(ffmpeg.output(*streams, clip_name(output), **options))


def take_still(name: str, at_s: float, output: str) -> list[str]:
    """Save the frame of an input shown at `at_s` seconds as JPEG."""
    clip = ffmpeg.input(
        str(INPUTS / clip_name(name)), ss=f"{at_s:.3f}", **_FILES_ONLY, format_whitelist="mov"
    )
    options = {
        "frames:v": 1,
        "q:v": 2,
        "update": 1,
        "threads": 1,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
    }
    return _compiled(ffmpeg.output(clip["v:0"], output, format="image2", **options))


def _clips() -> Any:
    return ffmpeg.input(str(INPUTS / CLIP_LIST), format="concat", safe=1, **_CLIPS_ONLY)


def _compiled(output: Any) -> list[str]:
    return cast(list[str], ffmpeg.compile(output, cmd=_FFMPEG))
