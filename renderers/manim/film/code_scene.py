"""Turns Manim source into its one scene class, and a failure of it into a message with a line number.

Runs nowhere but inside the sandbox: the source is somebody else's.
"""

from __future__ import annotations

import traceback
from typing import Any

from manim import Camera, Scene
from pydantic import BaseModel

_FILE = "<scene>"


class CodeFailure(BaseModel):
    """What went wrong in Manim source, as the repair loop reads it."""

    error: str
    line: int | None = None
    """In the source, counted from 1."""


def scene_class(code: str) -> type[Scene]:
    """The scene that `code` defines; Manim's names are there without an import.

    Raises whatever running the source raises, and ValueError unless there is exactly one scene.
    """
    namespace: dict[str, Any] = {"__name__": "scene"}
    exec("from manim import *", namespace)  # noqa: S102  (a constant)
    exec(compile(code, _FILE, "exec"), namespace)  # noqa: S102  (inside the sandbox only)
    scenes = [
        value for value in namespace.values()
        if isinstance(value, type) and issubclass(value, Scene) and value.__module__ == "scene"
    ]  # fmt: skip
    leaves = [
        one for one in scenes if not any(issubclass(other, one) and other is not one for other in scenes)
    ]
    if len(leaves) != 1:
        names = ", ".join(leaf.__name__ for leaf in leaves) or "none"
        raise ValueError(f"the code must define exactly one Scene class, it defines {names}")
    return leaves[0]


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
    if isinstance(error, SyntaxError) and error.filename == _FILE:
        return CodeFailure(error=f"{type(error).__name__}: {error.msg}", line=error.lineno)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _FILE]
    return CodeFailure(error=f"{type(error).__name__}: {error}", line=lines[-1] if lines else None)
