"""`qs list`, `qs show` and `qs cancel`: looking at the videos that there are."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run
from quantumsketch.cli.opening import Opener

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quantumsketch.connections import Rebuild
    from quantumsketch.studio import Videos
    from quantumsketch.video import Video, VideoSummary


@click.command(name="list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def list_videos(opener: Opener, limit: int, as_json: bool) -> None:
    """List the videos, the newest first."""
    run(_list(opener, limit, as_json))


@click.command()
@click.argument("video_id", metavar="ID")
@click.option("--rebuild", is_flag=True, help="Say instead what it would take to make it again.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="With --rebuild: write its storyboard to this file.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about the video.")
@click.pass_obj
def show(opener: Opener, video_id: str, rebuild: bool, output: Path | None, as_json: bool) -> None:
    """Show a video, or how far it is."""
    if output:
        from quantumsketch.cli.input import check_storyboard_path
        from quantumsketch.errors import BadInput

        if not rebuild:
            raise BadInput("-o is for a storyboard", mend=f"A film: qs resume {video_id} -o FILE.mp4")
        check_storyboard_path(output)
    run(_rebuild(opener, video_id, output, as_json) if rebuild else _show(opener, video_id, as_json))


@click.command()
@click.argument("video_id", metavar="ID")
@click.pass_obj
def cancel(opener: Opener, video_id: str) -> None:
    """Stop making a video."""
    run(_cancel(opener, video_id))


async def _list(opener: Opener, limit: int, as_json: bool) -> None:
    from quantumsketch.cli.terminal import remark, tell

    async with opener(worker=False) as studio:
        summaries = await studio.videos.list(limit)
    if as_json:
        listed = [summary.model_dump(mode="json") for summary in summaries]
        click.echo(json.dumps({"videos": listed}, indent=2))
        return
    for summary in summaries:
        tell(_line(summary))
    if not summaries:
        remark("no videos yet: qs render FILE makes one")


def _line(summary: VideoSummary) -> str:
    started = f"{summary.started_at.astimezone():%Y-%m-%d %H:%M}" if summary.started_at else "-"
    length = f"{summary.duration_s:.0f} s" if summary.duration_s is not None else "-"
    return f"{summary.id}  {summary.state:9}  {started:16}  {length:>6}  {summary.title}"


async def _show(opener: Opener, video_id: str, as_json: bool) -> None:
    from quantumsketch import report
    from quantumsketch.cli.ending import lines
    from quantumsketch.cli.progress import lines as progress_lines
    from quantumsketch.cli.terminal import tell, tell_object
    from quantumsketch.video import Video

    async with opener(worker=False) as studio:
        shown = await studio.videos.show(video_id)
        asked_for = await studio.videos.output_of(video_id)
    path = str(asked_for) if asked_for and asked_for.is_file() else None
    if isinstance(shown, Video):
        told = report.of_video(shown, path=path)
        said = [*lines(shown), path or _how_to_have(studio.videos, shown)]
    else:
        told = report.of_progress(video_id, shown)
        said = [f"{video_id} is {shown.state}, stage {shown.stage}", *progress_lines(shown)]
        said += [*shown.because, *(f"note: {note}" for note in shown.notes)]
    if as_json:
        tell_object(told)
        return
    for line in said:
        tell(line)


def _how_to_have(videos: Videos, video: Video) -> str:
    """What to do for a film that is saved nowhere; that of an imported video may not be on this machine."""
    from quantumsketch.errors import NotFound

    try:
        videos.path(video.film.video)
    except NotFound:
        return f"its film is not here: qs show {video.id} --rebuild says what it takes to make it again"
    return f"saved nowhere: qs resume {video.id} -o FILE.mp4 saves it"


async def _rebuild(opener: Opener, video_id: str, output: Path | None, as_json: bool) -> None:
    from quantumsketch.cli.ending import save_storyboard
    from quantumsketch.cli.terminal import tell, tell_object

    async with opener(worker=False) as studio:
        rebuild = await studio.videos.rebuild(video_id)
    if output:
        save_storyboard(rebuild.storyboard, output)
    if as_json:
        tell_object(rebuild)
        return
    for line in (*_needed(rebuild), *_how(rebuild, output)):
        tell(line)


def _needed(rebuild: Rebuild) -> Iterator[str]:
    yield f"{rebuild.title}: the film is {'there' if rebuild.film_is_there else 'gone'}"
    yield from (f"since it was made: {change}" for change in rebuild.changed)
    for beat in rebuild.beats:
        clip = "its clip is there" if beat.clip == "there" else f"to be drawn: its clip is {beat.clip}"
        asking = "; a model would be asked if it were to come out as planned" if beat.needs_model else ""
        yield f"{beat.id} {beat.title} ({beat.kind}, {beat.outcome}): {clip}{asking}"
    yield f"{len(rebuild.drawn_anew)} of {len(rebuild.beats)} beats would be drawn anew; {_time(rebuild)}"


def _time(rebuild: Rebuild) -> str:
    if rebuild.film_is_there and not rebuild.drawn_anew:
        return "nothing has to be made"
    if rebuild.estimated_s is None:
        return "how long that takes is not known"
    return "less than a second" if rebuild.estimated_s < 1 else f"about {rebuild.estimated_s:.0f} s"


def _how(rebuild: Rebuild, output: Path | None) -> Iterator[str]:
    """The commands for it, and whom the new video would name."""
    if rebuild.film_is_there:
        yield f"to have the film that there is: qs resume {rebuild.id} -o FILE.mp4"
    file, look = str(output) if output else f"{rebuild.id}.json", rebuild.look
    write = "" if output else f"qs show {rebuild.id} --rebuild -o {file} && "
    as_it_was = f"--quality {look.quality} --aspect {look.aspect} --theme {look.theme}"
    yield f"to make it again: {write}qs render --storyboard {shlex.quote(file)} {as_it_was}"
    yield f"that would be told as yours; it was written by {', '.join(rebuild.authors)}"


async def _cancel(opener: Opener, video_id: str) -> None:
    from quantumsketch.cli.terminal import remark
    from quantumsketch.errors import RunCancelled

    async with opener(worker=True) as studio:  # a run can only stop in a worker
        await studio.videos.cancel(video_id)
        try:
            await studio.videos.wait(video_id)
        except RunCancelled:
            remark(f"{video_id} is cancelled")
            return
    remark(f"{video_id} was finished already; nothing was cancelled")
