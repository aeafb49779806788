"""The names that code can use at some point: what is in its reach, attributes, keywords of a call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from renderers.manim.knowledge import nearest

_MOST = 3


def meant(wrong: str, names: Iterable[str]) -> str:
    """The end of a message: which of `names` may have been meant; '' if none is like it."""
    return nearest.told(nearest.nearest(wrong, (name for name in names if not name.startswith("_")), _MOST))


def in_reach(frame: FrameType) -> set[str]:
    """Every name that code in `frame` can use."""
    builtins = frame.f_builtins
    return {*frame.f_locals, *frame.f_globals, *builtins}


def attributes(value: object) -> set[str]:
    """Every attribute that `value` has, as far as it tells."""
    try:
        return set(dir(value))
    except Exception:  # somebody else's __dir__
        return set()


def keywords(called: Callable[..., Any]) -> set[str]:
    """Every keyword that `called` takes; for a class those that it passes on to its ancestors too."""
    makers = [vars(kind).get("__init__") for kind in called.__mro__] if isinstance(called, type) else [called]
    found: set[str] = set()
    for maker in filter(None, makers):
        try:
            parameters = inspect.signature(maker).parameters.values()
        except (TypeError, ValueError):
            continue
        found |= {one.name for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)}
    return found - {"self"}


def signature(called: Callable[..., Any]) -> str | None:
    """`name(parameters)` of what was called, without types; None if it does not tell."""
    try:
        parameters = inspect.signature(called).parameters.values()
    except (TypeError, ValueError):
        return None
    bare = [one.replace(annotation=inspect.Parameter.empty) for one in parameters if one.name != "self"]
    return f"{called.__name__}{inspect.Signature(bare)}"
