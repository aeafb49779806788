"""ffmpeg's tools, as the toolbox takes them. No network, no Python, only what the policy lists."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from quantumsketch.tools.tool import Ending, Limits, Policy, Tool
from renderers.ffmpeg import commands
from renderers.ffmpeg.probe import Probe, read_probe

FILM, CLIP, POSTER_FILE = "film.mp4", "clip.mp4", "poster.jpg"
_POLICY = Policy(limits=Limits(memory_bytes=1 * 2**30, scratch_bytes=2 * 2**30, processes=32))
_LARGEST_FILM = 1 * 2**30
_LARGEST_POSTER = 16 * 2**20
_MOST_SAID = 200


ClipName = Annotated[str, AfterValidator(commands.clip_name), Field(description="the input's name under /in")]


class _Noun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProbeRequest(_Noun):
    """Describe one input."""

    name: ClipName


class JoinRequest(_Noun):
    """Join the parts of one beat; inputs: clips.txt and the parts it lists."""


class FilmRequest(_Noun):
    """Make the film; inputs: clips.txt, the clips it lists, metadata.txt and, if captioned, captions.srt."""

    captioned: bool = True
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")] = Field(
        default="und", description="of the captions, ISO 639-2"
    )


class PosterRequest(_Noun):
    """Take one frame of an input as JPEG."""

    name: ClipName = FILM
    at_s: float = Field(ge=0, allow_inf_nan=False)


class Written(_Noun):
    """The file that was written is there, and how large it is."""

    size: int = Field(gt=0, description="bytes")


def _probed(ending: Ending, _files: Mapping[str, Path]) -> Probe:
    if ending.truncated:
        raise ValueError("ffprobe's description is too long: with its middle left out it may say anything")
    if ending.stderr:
        # it goes on after packets without a picture: whoever wants one of them later finds nothing there
        raise ValueError(f"ffprobe found faults in it, the last one: {ending.last_line[:_MOST_SAID]}")
    return read_probe(ending.stdout)


def _written(_ending: Ending, files: Mapping[str, Path]) -> Written:
    if len(files) != 1:
        raise ValueError("ffmpeg ended well but left no file")
    return Written(size=next(iter(files.values())).stat().st_size)


PROBE: Tool[ProbeRequest, Probe] = Tool(
    name="probe",
    description="Describe a clip or film: codec, size, frame rate, frames, streams, chapters.",
    request=ProbeRequest,
    result=Probe,
    policy=_POLICY,
    command=lambda request: commands.probe_file(request.name),
    answer=_probed,
    outputs={},
)
JOIN_PARTS: Tool[JoinRequest, Written] = Tool(
    name="join-parts",
    description="Join the parts of one beat into one clip without encoding them again.",
    request=JoinRequest,
    result=Written,
    policy=_POLICY,
    command=lambda _request: commands.join_clips(CLIP),
    answer=_written,
    outputs={CLIP: _LARGEST_FILM},
)
MAKE_FILM: Tool[FilmRequest, Written] = Tool(
    name="make-film",
    description="Join clips into a film with captions, chapters and a title, without encoding them again.",
    request=FilmRequest,
    result=Written,
    policy=_POLICY,
    command=lambda request: commands.make_film(FILM, captioned=request.captioned, language=request.language),
    answer=_written,
    outputs={FILM: _LARGEST_FILM},
)
POSTER: Tool[PosterRequest, Written] = Tool(
    name="poster",
    description="Take one frame of a film as JPEG.",
    request=PosterRequest,
    result=Written,
    policy=_POLICY,
    command=lambda request: commands.take_still(request.name, request.at_s, POSTER_FILE),
    answer=_written,
    outputs={POSTER_FILE: _LARGEST_POSTER},
)
