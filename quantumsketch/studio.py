"""What the doors may ask of the studio: start a video, watch it, stop it, fetch it. Types only, no I/O.

`workflows` answers on Temporal; a test may answer from memory. The command line and the page know only this.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from quantumsketch.connections import Concept, Rebuild, RelatedVideo
from quantumsketch.preferences import Preference, Preferring
from quantumsketch.storyboard import Planned, VideoRequest
from quantumsketch.video import AssetRef, Progress, Video, VideoSummary


class Videos(Protocol):
    """Every video that was ever asked for. Each method raises NotFound for an id that is not known."""

    async def start(self, request: VideoRequest, *, output: Path | None = None) -> str:
        """Accept a request for good and return the video's id; `output` is remembered for `output_of`."""
        ...

    async def plan(self, request: VideoRequest) -> Planned:
        """Write the storyboard only."""
        ...

    async def progress(self, video_id: str) -> Progress:
        """Take a snapshot of a run."""
        ...

    async def wait(self, video_id: str) -> Video:
        """Wait until the run ends; raise a QuantumSketchError if it ends without a video."""
        ...

    async def resume(self, video_id: str) -> None:
        """Let a failed or cancelled run begin again; its finished clips are found."""
        ...

    async def cancel(self, video_id: str) -> None:
        """Ask a run to stop."""
        ...

    async def list(self, limit: int) -> Sequence[VideoSummary]:
        """List the newest runs first."""
        ...

    async def show(self, video_id: str) -> Video | Progress:
        """Return the finished video, or how far it got."""
        ...

    async def related(self, video_id: str) -> Sequence[RelatedVideo]:
        """List the finished videos that have most to do with a finished one, and why."""
        ...

    async def appearances(self, concept: str) -> Concept:
        """Tell where a concept appears; raise NotFound, or BadInput for what is no name."""
        ...

    async def rebuild(self, video_id: str) -> Rebuild:
        """Tell what it would take to make a finished video again."""
        ...

    async def output_of(self, video_id: str) -> Path | None:
        """Return where the video was asked to be saved."""
        ...

    def path(self, ref: AssetRef) -> Path:
        """Return where an asset's bytes lie on this machine; raise NotFound if they are gone."""
        ...

    def save(self, video: Video, path: Path) -> Sequence[Path]:
        """Copy the MP4 to `path`, and captions (.vtt, .srt) and poster (.jpg) next to it, each atomically."""
        ...


class Preferences(Protocol):
    """What the person who works here prefers. Each method raises ServiceUnavailable."""

    async def known(self) -> Sequence[Preference]:
        """Return what is preferred now."""
        ...

    async def change(self, said: Preferring) -> Sequence[Preference]:
        """Keep what a person says from now on, and return what is preferred then."""
        ...


class Studio(Protocol):
    """The open studio."""

    @property
    def videos(self) -> Videos: ...

    @property
    def memory(self) -> Any:
        """Return what the page's memory API works on, which is the page's to know; None: there is none."""
        ...

    @property
    def preferences(self) -> Preferences: ...

    @property
    def temporal_ui(self) -> str | None:
        """Return the address of Temporal's own page, if there is one."""
        ...

    @property
    def sandbox_notice(self) -> str | None:
        """Return what is to be said of the sandbox of this process; None if it is whole, or none is used."""
        ...
