"""Looks at the screen again and again, and keeps each fault once, with the time it was first seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from manim import (
    Animation,
    AnimationGroup,
    ApplyMethod,
    ManimColor,
    Mobject,
    MoveToTarget,
    Scene,
    ThreeDCamera,
    Transform,
)
from manim.animation.transform import _MethodAnimation

from quantumsketch.video import Finding
from renderers.manim.audit.boxes import apart, box_of
from renderers.manim.audit.contrast_rule import without_contrast
from renderers.manim.audit.frame_rules import Appearance, Fault, outside, small
from renderers.manim.audit.overlap_rules import lines_through_texts, texts_behind_shapes, texts_on_texts
from renderers.manim.audit.sight import Seen, Sight, shows
from renderers.manim.audit.writing import became
from renderers.manim.stage import Box, Stage
from renderers.manim.theme import NIGHT

MOST_FINDINGS = 30
"""More than anybody reads; a scene of a hundred heaped texts has thousands."""
_MOST_LOOKED_AT = 60_000
"""Elements in a whole scene: some seconds of looking."""
_BACKGROUND = ManimColor(NIGHT.background)
_STILL = 0.05
"""Units by which the camera may have moved."""
_Key = tuple[str, tuple[int, ...]]


class Auditor:
    """The audit of one beat."""

    def __init__(self, stage: Stage) -> None:
        self.saw_something = False
        self._stage = stage
        self._found: dict[_Key, Finding] = {}
        self._provisional: dict[int, tuple[Seen, Finding]] = {}
        self._sight = Sight()
        self._first: dict[int, Appearance] = {}
        self._been_inside: set[int] = set()
        self._looks = 0
        self._looked_at = 0

    @property
    def findings(self) -> list[Finding]:
        """Every fault seen so far."""
        never = [finding for _, finding in self._provisional.values()]
        return [*self._found.values(), *never][:MOST_FINDINGS]

    def look_at(self, scene: Scene, at_s: float) -> None:
        """Judge what a scene shows after its last animation, as its camera shows it."""
        for animation in _transforms(scene.animations or []):
            became(animation.mobject, animation.target_mobject)
            for part in animation.mobject.get_family():
                self._first.pop(id(part), None)  # it is something new
        camera: Any = scene.renderer.camera
        in_front = {*scene.foreground_mobjects}
        behind = [mobject for mobject in scene.mobjects if mobject not in in_front]
        mobjects = [*behind, *scene.foreground_mobjects]
        if isinstance(camera, ThreeDCamera):
            # where things in space lie on the screen is not told by their points
            self.saw_something |= any(shows(part) for one in mobjects for part in one.get_family())
            flat = {*camera.fixed_in_frame_mobjects}
            mobjects = [mobject for mobject in mobjects if mobject in flat]
        frame = getattr(camera, "frame", None)
        view = box_of(frame.points) if isinstance(frame, Mobject) else None
        self.look(mobjects, at_s, view, camera.background_color)

    def look(
        self, mobjects: Iterable[Mobject], at_s: float, view: Box | None = None,
        background: ManimColor = _BACKGROUND,
    ) -> None:  # fmt: skip
        """Judge what is on screen at `at_s` seconds from the start of the beat; the camera shows `view`."""
        if self._looked_at > _MOST_LOOKED_AT:
            return
        seen = self._sight.look(mobjects)
        self._looked_at += len(seen)
        self.saw_something |= bool(seen)
        self._looks += 1
        for item in seen:
            self._first.setdefault(id(item.mobject), Appearance(item.mobject, at_s, self._looks))
        view = view or self._stage.frame
        self._forget_what_came_back(seen, view)
        for fault in self._faults(seen, view, background):
            self._keep(fault, at_s)

    def _forget_what_came_back(self, seen: list[Seen], view: Box) -> None:
        """What comes into the frame was no mistake, nor what leaves it and is then taken off the scene."""
        here = {id(item.mobject) for item in seen}
        inside = {id(item.mobject) for item in seen if not apart(item.box, view)}
        self._been_inside |= inside
        for number in [*self._provisional]:
            if number in inside or (number in self._been_inside and number not in here):
                del self._provisional[number]

    def _faults(self, seen: list[Seen], view: Box, background: ManimColor) -> Iterator[Fault]:
        texts = [item for item in seen if item.is_text]
        shapes = [item for item in seen if not item.is_text]
        frame = self._stage.frame
        if view.contains(frame, _STILL) and frame.contains(view, _STILL):  # else it is cut off on purpose
            yield from outside(seen, self._stage)
        yield from small(texts, self._stage, frame.width / view.width)
        yield from without_contrast(texts, shapes, background)
        yield from texts_on_texts(texts, self._appearance)
        yield from lines_through_texts(texts, shapes, self._appearance)
        yield from texts_behind_shapes(texts, shapes, self._appearance)

    def _appearance(self, item: Seen) -> Appearance:
        return self._first[id(item.mobject)]

    def _keep(self, fault: Fault, at_s: float) -> None:
        finding = Finding(
            rule=fault.rule, objects=[item.name for item in (*fault.items, *fault.others)],
            at_s=round(at_s, 3), message=fault.message,
        )  # fmt: skip
        first = fault.items[0]
        if fault.provisional:
            if first.is_text or id(first.mobject) not in self._been_inside:  # shapes may fly away
                self._provisional.setdefault(id(first.mobject), (first, finding))
        elif len(self._found) < MOST_FINDINGS:
            self._found.setdefault((fault.rule, tuple(id(item.mobject) for item in fault.items)), finding)


def _transforms(animations: Iterable[Animation]) -> Iterator[Any]:
    """The animations after which an object looks like another one and has kept its own type."""
    for animation in animations:
        if isinstance(animation, AnimationGroup):
            yield from _transforms(animation.animations)
        elif isinstance(animation, ApplyMethod | _MethodAnimation | MoveToTarget):
            continue  # to a copy of its own
        elif isinstance(animation, Transform) and not animation.replace_mobject_with_target_in_scene:
            yield animation
