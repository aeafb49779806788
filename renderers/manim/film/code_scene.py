"""Turns Manim source into its one scene class, and a failure of it into a message with a line number.

Runs nowhere but inside the sandbox: the source is somebody else's.
"""

from __future__ import annotations

import contextlib
import random
import traceback
from collections.abc import Iterator
from typing import Any

import numpy as np
from manim import Camera, MarkupText, Scene, Text
from pydantic import BaseModel

from quantumsketch.storyboard import Look
from renderers.manim.scene import SEED
from renderers.manim.theme import NIGHT

SCENE_FILE = "<scene>"
"""The file name under which the source appears in tracebacks."""


class CodeFailure(BaseModel):
    """What went wrong in Manim source, as the repair loop reads it."""

    error: str
    line: int | None = None
    """In the source, counted from 1."""


class NoScene(ValueError):
    """The source defines no scene, or more than one."""


def scene_class(code: str) -> type[Scene]:
    """The scene that `code` defines; Manim's names are there without an import, and chance is repeatable.

    Raises whatever running the source raises, and NoScene unless there is exactly one scene.
    """
    random.seed(SEED)
    np.random.seed(SEED)  # what numpy.random's functions draw from
    namespace: dict[str, Any] = {"__name__": "scene"}
    exec("from manim import *", namespace)  # noqa: S102  (a constant)
    exec(compile(code, SCENE_FILE, "exec"), namespace)  # noqa: S102  (inside the sandbox only)
    scenes = [
        value for value in namespace.values()
        if isinstance(value, type) and issubclass(value, Scene) and value.__module__ == "scene"
    ]  # fmt: skip
    leaves = [
        one for one in scenes if not any(issubclass(other, one) and other is not one for other in scenes)
    ]
    if len({*leaves}) != 1:
        names = ", ".join(leaf.__name__ for leaf in leaves) or "none"
        raise NoScene(f"the code must define exactly one Scene class, it defines {names}")
    return leaves[0]


def look_of_code(look: Look) -> Look:
    """The look in which a scene in code is drawn: whoever writes one is told that the background is dark."""
    return look.model_copy(update={"theme": Look().theme})


@contextlib.contextmanager
def house_font() -> Iterator[None]:
    """Have the words of a scene set in the kit's font, unless it names one of its own."""
    kinds = (Text, MarkupText)
    for kind in kinds:
        kind.set_default(font=NIGHT.font)
    try:
        yield
    finally:
        for kind in kinds:
            kind.set_default()


def camera_class(scene: type[Scene]) -> type[Camera]:
    """The camera that this kind of scene is made for (MovingCameraScene, ThreeDScene, … have their own)."""
    for ancestor in scene.__mro__:
        defaults = getattr(vars(ancestor).get("__init__"), "__defaults__", None) or ()
        for default in defaults:
            if isinstance(default, type) and issubclass(default, Camera):
                return default
    return Camera


def failure(error: BaseException) -> CodeFailure:
    """The error's type and message, and the source's line that it came from."""
    if isinstance(error, SyntaxError) and error.filename == SCENE_FILE:
        return CodeFailure(error=f"{type(error).__name__}: {error.msg}", line=error.lineno)
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == SCENE_FILE
    ]
    return CodeFailure(error=f"{type(error).__name__}: {error}", line=lines[-1] if lines else None)
