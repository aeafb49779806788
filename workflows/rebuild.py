"""What it would take to make a video again: which clips would be found, which drawn, and how long that takes.

Only looks. Whether a clip would be found is asked of the store, as the rendering itself asks it.
"""

from __future__ import annotations

import asyncio
from typing import Literal

from quantumsketch.assets.store import AssetStore
from quantumsketch.connections import BeatToRebuild, Rebuild
from quantumsketch.errors import AssetCorrupt, NotFound
from quantumsketch.memory.films.ideas import is_verified
from quantumsketch.storyboard import Look
from quantumsketch.video import MadeWith, RenderedBeat, RenderRequest, Video
from quantumsketch.visuals import ManimCode
from workflows.activities.remembered import remembered
from workflows.jobs import Part
from workflows.rendering import MOST_PARTS
from workflows.versions import MADE_WITH, part_key


async def rebuild_of(video: Video, store: AssetStore) -> Rebuild:
    """Return what `video` would need with the versions that are installed here."""
    beats = [await _beat(video, number, store) for number in range(len(video.beats))]
    shown = [rendered.beat for rendered in video.beats]
    film_is_there = await asyncio.to_thread(_is_there, video, store)
    return Rebuild(
        id=video.id,
        title=video.storyboard.title,
        storyboard=video.storyboard.model_copy(update={"beats": shown}),
        storyboard_by=video.storyboard_by,
        look=video.look,
        beats=beats,
        film_is_there=film_is_there,
        changed=_changed(video.made_with),
        made_with=video.made_with,
        estimated_s=_estimated_s(video, [beat.id for beat in beats if beat.clip != "there"]),
    )


async def _beat(video: Video, number: int, store: AssetStore) -> BeatToRebuild:
    rendered = video.beats[number]
    return BeatToRebuild(
        id=rendered.id,
        title=rendered.beat.title,
        kind=rendered.beat.visual.kind,
        outcome=rendered.outcome,
        by=rendered.model,
        clip=await _clip(video, rendered, store),
        needs_model=_was_to_be_written(video, number) and not is_verified(rendered),
        duration_s=rendered.clip.duration_s,
    )


def _was_to_be_written(video: Video, number: int) -> bool:
    planned = video.storyboard.beats[number].visual
    return isinstance(planned, ManimCode) and planned.code is None


async def _clip(
    video: Video, rendered: RenderedBeat, store: AssetStore
) -> Literal["there", "gone", "of other versions"]:
    if await _is_found(rendered, video.look, store):
        return "there"
    return "gone" if _draws_alike(video.made_with) else "of other versions"


async def _is_found(rendered: RenderedBeat, look: Look, store: AssetStore) -> bool:
    """Whether the store has every part of the clip, whole."""
    first_animation: int | None = 0
    for _ in range(MOST_PARTS):
        request = RenderRequest(beat=rendered.beat, look=look, first_animation=first_animation)
        part = await remembered(store, part_key(request), Part, lambda part: [part.asset])
        if part is None:
            return False
        first_animation = part.result.next_animation
        if first_animation is None:
            return True
    return False


def _draws_alike(made_with: MadeWith | None) -> bool:
    return made_with is not None and (made_with.kit, made_with.manim) == (MADE_WITH.kit, MADE_WITH.manim)


def _is_there(video: Video, store: AssetStore) -> bool:
    try:
        store.path(video.film.video)
    except (NotFound, AssetCorrupt):
        return False
    return True


def _changed(made_with: MadeWith | None) -> list[str]:
    if made_with is None:
        return ["what it was made with is not known"]
    changed = []
    if made_with.manim != MADE_WITH.manim:
        changed.append(f"Manim was {made_with.manim} and is {MADE_WITH.manim}")
    if made_with.kit != MADE_WITH.kit:
        changed.append("the kit that draws is another one")
    if made_with.check != MADE_WITH.check:
        changed.append("the check of scenes is another one")
    return changed


def _estimated_s(video: Video, drawn_anew: list[str]) -> float | None:
    """Seconds for these beats, one after the other, and for joining; by the beats of which it is known."""
    known = [beat for beat in video.beats if beat.render_s is not None]
    film_s = sum(beat.clip.duration_s for beat in known)
    if "merge" not in video.stages or (drawn_anew and not film_s):
        return None
    pace = sum(beat.render_s or 0.0 for beat in known) / film_s if drawn_anew else 0.0
    took = [
        pace * beat.clip.duration_s if beat.render_s is None else beat.render_s
        for beat in video.beats
        if beat.id in drawn_anew
    ]
    return round(sum(took) + video.stages["merge"], 1)
