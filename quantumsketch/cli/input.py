"""Checks everything that a person handed to `qs render` before anything is started.

Reads files and looks at folders, writes nothing. Every refusal is a BadInput in one line.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from quantumsketch.errors import BadInput
from quantumsketch.intake import look_of, prompt_of, request_of, storyboard_of, text_of
from quantumsketch.storyboard import MOST_BEATS, PROMPT_LIMIT, Storyboard, VideoRequest

STANDARD_INPUT = "-"
SIDECARS = (".vtt", ".srt", ".jpg")
"""What is saved beside the MP4, under its name."""
_PROMPT_BYTES = PROMPT_LIMIT * 4 + 4096
_STORYBOARD_BYTES = 1_500_000
"""Below what one message to Temporal may hold."""


@dataclass(frozen=True)
class Wish:
    """A checked request, and where its video goes (None: named by its title, in the current folder)."""

    request: VideoRequest
    output: Path | None


def checked(
    source: str | None,
    *,
    storyboard: Path | None,
    output: Path | None,
    quality: str | None,
    aspect: str | None,
    theme: str | None,
    audience: str | None,
    max_beats: int | None,
    max_cost: float | None,
    plan: bool,
) -> Wish:
    """Read and check what `qs render` was given; raise BadInput."""
    if storyboard and plan:
        raise BadInput("--plan writes a storyboard and --storyboard renders one", mend="Give one of the two")
    if source is None and storyboard is None:
        raise BadInput("there is no prompt", mend="Give a text file, or - to read standard input")
    _check_cost(max_cost)
    edited = _storyboard(storyboard, max_beats) if storyboard else None
    prompt = _prompt(source) if source is not None else _prompt_from(edited)
    target = output or (None if plan else _default_output(source, storyboard))
    _check_output(target, suffix=".json" if plan else ".mp4", keep=[source, storyboard])
    look = look_of(quality=quality, aspect=aspect, theme=theme)
    request = request_of(
        prompt, look, max_beats or MOST_BEATS, edited, audience=audience, max_cost_usd=max_cost
    )
    return Wish(request, target)


def check_video_path(path: Path | None, *, promised: bool = False) -> None:
    """Check that a video can be saved at `path` (None: in the current folder); raise BadInput.

    With `promised` the place is the one that its run was given: what lies beside it may be half of its own.
    """
    _check_output(path, suffix=".mp4", keep=[], own_sidecars=promised)


def check_storyboard_path(path: Path) -> None:
    """Check that a storyboard can be written to `path`; raise BadInput."""
    _check_output(path, suffix=".json", keep=[])


def foreign_sidecar(film: Path) -> Path | None:
    """The file that saving `film` would replace although there is no earlier film to which it belongs."""
    if film.exists():
        return None
    return next((beside for beside in map(film.with_suffix, SIDECARS) if beside.exists()), None)


def _check_cost(usd: float | None) -> None:
    if usd is not None and not (math.isfinite(usd) and usd >= 0):
        raise BadInput(f"--max-cost is {usd:g}", mend="Give an amount in USD, 0 or more, such as 0.50")


def _prompt(source: str) -> str:
    if source == STANDARD_INPUT:
        name = "standard input"
        data = standard_input(_PROMPT_BYTES)
    else:
        name = f"the prompt file {source!r}"
        data = contents(Path(source), name, _PROMPT_BYTES)
    if len(data) > _PROMPT_BYTES and b"\x00" not in data:
        what = f"{name} is longer than {PROMPT_LIMIT:,} characters"
        raise BadInput(what, mend="Shorten it, or make several videos")
    return prompt_of(text_of(data, name), name)


def _prompt_from(edited: Storyboard | None) -> str:
    return f"{edited.title}\n\n{edited.summary}" if edited else ""


def _storyboard(path: Path, max_beats: int | None) -> Storyboard:
    name = f"the storyboard {str(path)!r}"
    data = contents(path, name, _STORYBOARD_BYTES)
    if len(data) > _STORYBOARD_BYTES:
        raise BadInput(f"{name} is larger than {_STORYBOARD_BYTES:,} bytes", mend="Shorten it")
    edited = storyboard_of(text_of(data, name), name)
    if max_beats is not None and len(edited.beats) > max_beats:
        what = f"{name} has {len(edited.beats)} beats, more than --max-beats {max_beats}"
        raise BadInput(what, mend="Take beats out of it, or leave --max-beats away")
    return edited


def standard_input(limit: int) -> bytes:
    """Read at most one byte more than `limit` from standard input; raise BadInput if it is closed."""
    if sys.stdin is None:  # Python's word for a descriptor that was closed when it started
        raise BadInput("standard input is closed", mend="Give a file, or pipe the text in")
    return sys.stdin.buffer.read(limit + 1)


def contents(path: Path, name: str, limit: int) -> bytes:
    """Read at most one byte more than `limit`: whoever points at an endless device gets an answer too."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise BadInput(f"{name} does not exist", mend="Give the path of a text file") from None
    except IsADirectoryError:
        raise BadInput(f"{name} is a folder", mend="Give the path of a text file") from None
    except PermissionError:
        raise BadInput(f"{name} may not be read", mend="Allow it, for example by chmod u+r") from None
    except (OSError, ValueError) as error:
        raise BadInput(f"{name} cannot be read: {error}", mend="Give the path of a text file") from None


def _default_output(source: str | None, storyboard: Path | None) -> Path | None:
    if source == STANDARD_INPUT:
        return None
    named_by = Path(source) if source is not None else storyboard
    return Path(f"{named_by.stem}.mp4") if named_by else None


def _check_output(
    target: Path | None, *, suffix: str, keep: Iterable[str | Path | None], own_sidecars: bool = False
) -> None:
    if target is None:
        _check_folder(Path())
        return
    if target.suffix.lower() != suffix:
        raise BadInput(f"the output {str(target)!r} does not end in {suffix}", mend=f"Name it NAME{suffix}")
    _check_folder(target.parent)
    sidecars = SIDECARS if suffix == ".mp4" else ()
    sources = [Path(each) for each in keep if each and str(each) != STANDARD_INPUT]
    for written in (target, *(target.with_suffix(each) for each in sidecars)):
        _check_file(written, sources)
    if sidecars and not own_sidecars and (taken := foreign_sidecar(target)):
        what = f"{str(taken)!r} would be replaced, and there is no video {str(target)!r} to which it belongs"
        raise BadInput(what, mend="Move it away, or give another name with -o")


def _check_folder(folder: Path) -> None:
    name = f"the output folder {str(folder.absolute())!r}"
    try:
        if not folder.exists():
            raise BadInput(f"{name} does not exist", mend=f"Make it: mkdir -p {folder}")
        if not folder.is_dir():
            raise BadInput(f"{name} is a file", mend="Give a path inside a folder with -o")
    except OSError as error:
        raise BadInput(f"{name} cannot be used: {error.strerror}", mend="Give another with -o") from None
    try:
        with tempfile.TemporaryFile(dir=folder):  # asks the system itself, and leaves nothing there
            pass
    except OSError as error:
        raise BadInput(
            f"{name} cannot be written to: {error.strerror}", mend="Give another with -o"
        ) from None


def _check_file(path: Path, sources: list[Path]) -> None:
    name = f"the output {str(path)!r}"
    try:
        if path.is_dir():
            raise BadInput(f"{name} is a folder", mend="Give the path of a file with -o")
        if not path.exists():
            return
        if any(path.samefile(source) for source in sources if source.exists()):
            raise BadInput(f"{name} would replace what it is made from", mend="Give another name with -o")
    except OSError as error:
        raise BadInput(f"{name} cannot be written: {error.strerror}", mend="Give another with -o") from None
    if not path.is_file():
        raise BadInput(f"{name} is not a plain file", mend="Give another with -o")
    if not os.access(path, os.W_OK):
        raise BadInput(f"{name} is write-protected", mend="Give another with -o")
