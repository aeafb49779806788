"""Turns the error that ended a scene into a fault: what is wrong, where in the source, what would be right.

The rule's name is stable; the message is for whoever repairs the scene. Runs nothing of the scene.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from quantumsketch.checking import Fault
from quantumsketch.time_limit import TimeIsUp
from renderers.manim.checking import names, tex_errors
from renderers.manim.checking.dry_run import PlaysTooLong
from renderers.manim.checking.excerpt import excerpt, while_around
from renderers.manim.film.code_scene import SCENE_FILE, NoScene

_MOST_SAID = 400
_PLAY = "Play takes animations: Create(it), FadeIn(it), Transform(it, other) or it.animate.shift(RIGHT)"
_NOTHING_OUTSIDE = (
    "a scene has no network and no files beside it: nothing outside can be read or written. Put the data into"
    " the source, and draw with shapes and text"
)

Frames = list[tuple[FrameType, int]]


def fault_of_error(error: BaseException, code: str) -> Fault:
    """Why the scene of this source failed, for any error that running it raised."""
    frames = _frames(error.__traceback__)
    here = [(frame, line) for frame, line in frames if frame.f_code.co_filename == SCENE_FILE]
    frame, line = _where(error, here)
    if isinstance(error, SyntaxError) and error.filename == SCENE_FILE:
        line = error.lineno or None
    rule, message = _explained(error, frame, frames)
    if rule in ("pace", "endless") and (loop := while_around(code, line)):
        rule, line = "endless", loop
    line = line if line and line >= 1 else None
    return Fault(rule=rule, message=message[: 3 * _MOST_SAID], line=line, excerpt=excerpt(code, line))


def _where(error: BaseException, here: Frames) -> tuple[FrameType | None, int | None]:
    """The frame of the source that failed, and its line; of a recursion the line that calls again."""
    if not here:
        return None, None
    if isinstance(error, RecursionError):
        (line, _), *_ = Counter(line for _, line in here).most_common(1)
        return here[-1][0], line
    return here[-1]


def _frames(traceback: TracebackType | None) -> Frames:
    """Every frame that the error passed through, the outermost first, and the line it was in."""
    found: Frames = []
    while traceback is not None:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found


def _explained(error: BaseException, frame: FrameType | None, frames: Frames) -> tuple[str, str]:
    """The rule and the message. The most telling kinds come first: some are kinds of others."""
    match error:
        case TimeIsUp():
            return "endless", f"{error}: a loop or a computation goes on for ever. Give it an end"
        case PlaysTooLong():
            return "pace", str(error)
    if complaint := tex_errors.complaint_of(error, frames):
        return "tex", complaint
    match error:
        case NoScene():
            return "no-scene", str(error)
        case SyntaxError():
            return "syntax", f"this is not Python: {error.msg}"
        case NameError():
            return "unknown-name", _unknown_name(error, frame)
        case AttributeError():
            return "unknown-attribute", _unknown_attribute(error, frames)
        case TypeError():
            return _type_error(error, frames)
        case ImportError():
            return "no-such-module", _no_module(error)
        case RecursionError():
            return "endless", "functions call each other without an end: give the recursion a last case"
        case MemoryError():
            return "memory", "it needs more memory than there is: make fewer objects, or smaller arrays"
        case OSError():
            return "outside", f"{_said(error)}: {_NOTHING_OUTSIDE}"
        case SystemExit() | KeyboardInterrupt():
            return "exit", "the code ends the program, as sys.exit does: let construct return instead"
        case ValueError():
            return "wrong-value", _said(error)
    return "error", _said(error)


def _said(error: BaseException) -> str:
    said = " ".join(str(error).split())[:_MOST_SAID]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _unknown_name(error: NameError, frame: FrameType | None) -> str:
    name = error.name or ""
    if isinstance(error, UnboundLocalError) or "free variable" in str(error):
        return f"{name or 'a variable'!r} is used before it gets a value"
    meant = names.meant(name, names.in_reach(frame)) if frame else ""
    return f"there is nothing named {name!r} in this Manim or in the code{meant}"


def _unknown_attribute(error: AttributeError, frames: Frames) -> str:
    if not error.name:
        return _said(error)
    # Manim answers to any get_x and set_x, and then has no x
    prefix = {"getter": "get_", "setter": "set_"}.get(frames[-2][0].f_code.co_name if frames[1:] else "", "")
    if error.obj is None:
        return f"{error.name!r} is asked of None: what stands before it gives nothing back"
    kind = error.obj.__name__ if isinstance(error.obj, type) else type(error.obj).__name__
    name = prefix + error.name
    return f"{kind} has no attribute or method {name!r}{names.meant(name, names.attributes(error.obj))}"


def _type_error(error: TypeError, frames: Frames) -> tuple[str, str]:
    unexpected = re.search(r"^(\S+)\(\) got an unexpected keyword argument '([^']+)'", str(error))
    called = _called(error, frames)
    if unexpected and called:
        wrong = unexpected.group(2)
        meant = names.meant(wrong, names.keywords(called))
        return "unknown-keyword", f"{called.__name__} takes no keyword {wrong!r}{meant}"
    if magic := re.match(r"Mobject\.__getattr__\.<locals>\.(get|set)ter\(\)", str(error)):
        return "unknown-attribute", _made_up_method(magic.group(1), frames)
    if unexpected:
        return "unknown-keyword", _said(error)
    if "passed to Scene.play()" in str(error):
        return "wrong-arguments", f"{_said(error)} {_PLAY}"
    if any("mobject" in frame.f_locals and frame.f_locals["mobject"] is None for frame, _ in frames):
        return (
            "wrong-arguments",
            f"{_said(error)} It got None: the function that was to give it returns nothing",
        )
    shown = names.signature(called) if called and "argument" in str(error) else None
    return "wrong-arguments", f"{_said(error)}; it is {shown}" if shown else _said(error)


def _made_up_method(prefix: str, frames: Frames) -> str:
    """Manim gives a method for any name that begins with get_ or set_; here it was called with arguments."""
    frame, _ = next(one for one in reversed(frames) if one[0].f_code.co_filename == SCENE_FILE)
    used = [name for name in frame.f_code.co_names if name.startswith(f"{prefix}_")]
    known = {name for value in frame.f_locals.values() for name in names.attributes(type(value))}
    wrong = next((name for name in used if name not in known), f"{prefix}_…")
    return f"there is no method {wrong!r}{names.meant(wrong, known)}"


def _called(error: TypeError, frames: Frames) -> Callable[..., Any] | None:
    """What the scene's code called with wrong arguments: the class being made, else what the error names."""
    own = [i for i, (frame, _) in enumerate(frames) if frame.f_code.co_filename == SCENE_FILE]
    if not own:
        return None
    for frame, _ in frames[own[-1] + 1 :]:
        if frame.f_code.co_name == "__init__" and "self" in frame.f_locals:
            return type(frame.f_locals["self"])
    named = re.match(r"(\w+)(?:\.(\w+))?\(\)", str(error))
    owner = frames[own[-1]][0].f_globals.get(named.group(1)) if named else None
    if named and named.group(2) not in (None, "__init__"):
        owner = getattr(owner, named.group(2), None)
    return owner if callable(owner) else None


def _no_module(error: ImportError) -> str:
    return (
        f"{_said(error)}: a scene has manim, numpy and Python's own library, nothing else. Leave the import"
        " out; all of Manim is there without one"
    )
