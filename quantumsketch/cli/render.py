"""`qs render` and `qs resume`: from a file to a video, or to its storyboard."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import Interrupted, run
from quantumsketch.cli.opening import Opener, working_studio

if TYPE_CHECKING:
    from quantumsketch.cli.input import Wish
    from quantumsketch.studio import Videos
    from quantumsketch.video import Video

# written out, because importing the nouns would cost `qs --help` its quickness; a test compares them
QUALITIES = ("draft", "standard", "high")
ASPECTS = ("16:9", "9:16", "1:1")
THEMES = ("night", "paper")
MOST_BEATS = 24

_path = click.Path(path_type=Path)


@click.command()
@click.argument("source", metavar="FILE|-", required=False)
@click.option("-o", "--output", type=_path, help="The MP4 to write (default: the prompt file's name, here).")
@click.option("--quality", type=click.Choice(QUALITIES), help="(default: as preferred, else standard)")
@click.option("--aspect", type=click.Choice(ASPECTS), help="(default: as preferred, else 16:9)")
@click.option("--theme", type=click.Choice(THEMES), help="(default: as preferred, else night)")
@click.option("--audience", metavar="TEXT", help="Whom it is for (default: as preferred).")
@click.option(
    "--max-beats", type=click.IntRange(1, MOST_BEATS), help="The most beats the storyboard may have."
)
@click.option(
    "--max-cost", type=float, metavar="USD", help="What models may cost at most; then it goes on offline."
)
@click.option("--plan", is_flag=True, help="Write the storyboard as JSON, render nothing.")
@click.option(
    "--storyboard", type=_path, help="Render this storyboard, edited by you; FILE is optional then."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: about the video, or the plan.")
@click.pass_obj
def render(
    opener: Opener,
    source: str | None,
    output: Path | None,
    quality: str | None,
    aspect: str | None,
    theme: str | None,
    audience: str | None,
    max_beats: int | None,
    max_cost: float | None,
    plan: bool,
    storyboard: Path | None,
    as_json: bool,
) -> None:
    """Make a video of the prompt in FILE (- reads standard input)."""
    began = time.monotonic()
    from quantumsketch.cli.input import checked

    wish = checked(
        source,
        storyboard=storyboard,
        output=output,
        quality=quality,
        aspect=aspect,
        theme=theme,
        audience=audience,
        max_beats=max_beats,
        max_cost=max_cost,
        plan=plan,
    )
    if plan:
        run(_plan(opener, wish, as_json=as_json))
    else:
        run(_render(opener, wish, began=began, as_json=as_json))


@click.command()
@click.argument("video_id", metavar="ID")
@click.option("-o", "--output", type=_path, help="The MP4 to write (default: as `qs render` was told).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about the video.")
@click.pass_obj
def resume(opener: Opener, video_id: str, output: Path | None, as_json: bool) -> None:
    """Go on with a video.

    Clips that are finished are not rendered again.
    """
    from quantumsketch.cli.input import check_video_path

    if output:  # before anything is started
        check_video_path(output)
    run(_resume(opener, video_id, output, began=time.monotonic(), as_json=as_json))


async def _render(opener: Opener, wish: Wish, *, began: float, as_json: bool) -> None:
    from quantumsketch.cli.ending import save_and_tell
    from quantumsketch.cli.terminal import remark

    async with working_studio(opener) as studio:
        video_id = await studio.videos.start(wish.request, output=wish.output)
        remark(f"making {video_id}")
        video = await _followed(studio.videos, video_id)
        save_and_tell(studio.videos, video, wish.output, began=began, as_json=as_json)


async def _resume(opener: Opener, video_id: str, output: Path | None, *, began: float, as_json: bool) -> None:
    from quantumsketch.cli.ending import save_and_tell
    from quantumsketch.cli.input import check_video_path

    async with working_studio(opener) as studio:
        target = output
        if target is None:
            target = await studio.videos.output_of(video_id)
            check_video_path(target, promised=True)
        await studio.videos.resume(video_id)
        video = await _followed(studio.videos, video_id)
        save_and_tell(studio.videos, video, target, began=began, as_json=as_json)


async def _followed(videos: Videos, video_id: str) -> Video:
    from quantumsketch.cli.progress import follow, view

    try:
        with view() as shown:
            return await follow(videos, video_id, shown)
    except asyncio.CancelledError:
        raise Interrupted(f"interrupted; the run goes on with: qs resume {video_id}") from None


async def _plan(opener: Opener, wish: Wish, *, as_json: bool) -> None:
    from quantumsketch import report
    from quantumsketch.cli.ending import save_storyboard
    from quantumsketch.cli.terminal import remark, tell, tell_object

    async with working_studio(opener) as studio:
        try:
            planned = await studio.videos.plan(wish.request)
        except asyncio.CancelledError:
            raise Interrupted("interrupted; no storyboard was written") from None
    remark(f"storyboard by {planned.storyboard_by}, cost {report.cost(planned.cost_usd)}")
    for reason in planned.because:
        remark(reason)
    for note in planned.notes:
        remark(f"note: {note}")
    if planned.mathematics and planned.mathematics.statements:
        remark(f"mathematics on screen: {report.mathematics(planned.mathematics)}")
    if wish.output:
        save_storyboard(planned.storyboard, wish.output)
    if wish.output is None or as_json:
        tell_object(planned.storyboard)
    else:
        tell(str(wish.output))
