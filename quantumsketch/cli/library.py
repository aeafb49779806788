"""`qs related` and `qs concept`: what the finished videos have to do with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from quantumsketch.cli.interruption import run
from quantumsketch.cli.opening import Opener

if TYPE_CHECKING:
    from quantumsketch.connections import Appearance


@click.command()
@click.argument("video_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def related(opener: Opener, video_id: str, as_json: bool) -> None:
    """List the videos that have to do with one, and why."""
    run(_related(opener, video_id, as_json))


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def concept(opener: Opener, name: str, as_json: bool) -> None:
    """Say in which videos something is explained or spoken of, and when."""
    from quantumsketch.intake import concept_of

    run(_concept(opener, concept_of(name), as_json))


async def _related(opener: Opener, video_id: str, as_json: bool) -> None:
    from quantumsketch.cli.terminal import remark, tell, tell_object
    from quantumsketch.connections import Related

    async with opener(worker=False) as studio:
        found = Related(id=video_id, related=list(await studio.videos.related(video_id)))
    if as_json:
        tell_object(found)
        return
    for each in found.related:
        tell(f"{each.id}  {each.title}")
        tell(f"    {'; '.join(each.why)}")
    if not found.related:
        remark(f"no other video has to do with {video_id}")


async def _concept(opener: Opener, name: str, as_json: bool) -> None:
    from quantumsketch.cli.terminal import remark, tell, tell_object

    async with opener(worker=False) as studio:
        found = await studio.videos.appearances(name)
    if as_json:
        tell_object(found)
        return
    for appearance in found.appearances:
        tell(_line(appearance))
    if not found.appearances:
        remark(f"{found.name!r} is known, but no video speaks of it")
    if found.truncated:
        remark("there may be more")


def _line(appearance: Appearance) -> str:
    if appearance.beat_id is None:
        return f"{appearance.video_id}  {appearance.video_title}: {appearance.why}"
    at = "-" if appearance.at_s is None else "{}:{:02d}".format(*divmod(int(appearance.at_s), 60))
    beat = f"{appearance.beat_id} {appearance.beat_title}"
    return f"{appearance.video_id}  {at:>5}  {beat}: {appearance.why}"
