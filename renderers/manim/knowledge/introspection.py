"""Reads the installed Manim: every name that a scene can use. Needs the import of Manim; runs in the sandbox.

Deterministic: the same version gives the same index. Knows nothing of what old versions called things.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from types import ModuleType
from typing import Any

import manim
import numpy as np
from manim.utils import rate_functions
from manim.utils.color import SVGNAMES, X11, ManimColor

from renderers.manim.knowledge.index import Entry, Kind, ManimIndex, Method
from renderers.manim.knowledge.signatures import definition, taken, text_of

_LONGEST_ABOUT = 160
_HEADING = re.compile(r"^(?:-{3,}|={3,})\s*$", re.MULTILINE)
"""Underlines the title of a section."""
_NOT_DRAWN_HERE = "OpenGL"
"""Begins the names of the classes for the other renderer."""


@cache
def describe() -> ManimIndex:
    """Everything that the installed Manim offers to a scene."""
    exported = _exported()
    entries = [_entry(name, value) for name, value in sorted(exported.items())]
    entries += [
        _function(f"rate_functions.{name}", value, "rate function")
        for name, value in sorted(vars(rate_functions).items())
        if _is_rate_function(value)
    ]
    known = {entry.name for entry in entries}
    hidden = {
        parent.__name__: parent
        for value in exported.values() if isinstance(value, type)
        for parent in value.__mro__ if _is_ours(parent) and parent.__name__ not in known
    }  # fmt: skip
    entries += [
        _class(name, value).model_copy(update={"exported": False}) for name, value in sorted(hidden.items())
    ]
    return ManimIndex(
        version=manim.__version__, entries=entries, modules=_modules(), colors=_colors(exported),
        config=sorted(name for name in dir(type(manim.config)) if not name.startswith("_")),
        libraries=_libraries(),
    )  # fmt: skip


def _exported() -> dict[str, Any]:
    names = getattr(manim, "__all__", None) or [name for name in vars(manim) if not name.startswith("_")]
    return {
        name: getattr(manim, name)
        for name in names
        if name != "annotations" and not name.startswith(_NOT_DRAWN_HERE)
    }


def _entry(name: str, value: Any) -> Entry:
    if inspect.isclass(value):
        return _class(name, value)
    if inspect.isfunction(value):
        return _function(name, value, "rate function" if _is_rate_function(value) else "function")
    kind: Kind = "constant"
    about = ""
    if isinstance(value, ModuleType):
        kind, about = "module", _first_sentence(value.__doc__)
    elif isinstance(value, ManimColor):
        kind, about = "color", value.to_hex()
    elif isinstance(value, np.ndarray):
        kind, about = "direction", str(value.tolist())
    elif isinstance(value, int | float | str):
        about = repr(value)[:_LONGEST_ABOUT]
    return Entry(name=name, kind=kind, about=about)


def _is_rate_function(value: Any) -> bool:
    return inspect.isfunction(value) and value.__module__ == rate_functions.__name__ and (
        next(iter(inspect.signature(value).parameters), "") == "t"
    )  # fmt: skip


def _is_ours(value: type) -> bool:
    return value.__module__.partition(".")[0] == "manim"


def _class(name: str, value: type) -> Entry:
    constructor: Any = getattr(value, "__init__", None)
    call = _call(constructor, value) if inspect.isfunction(constructor) else {"takes_any_keyword": True}
    return Entry.model_validate({
        **call, "name": name, "kind": "class", "module": value.__module__,
        "about": _first_sentence(value.__doc__), "returns": "", "methods": list(_methods(value)),
        "lineage": [parent.__name__ for parent in value.__mro__[1:] if parent is not object],
        "attributes": sorted(_attributes(value)),
    })  # fmt: skip


def _function(name: str, value: Any, kind: Kind) -> Entry:
    return Entry.model_validate({**_call(value), "name": name, "kind": kind, "module": value.__module__})


def _methods(value: type) -> Iterator[Method]:
    for name, member in sorted(vars(value).items()):
        function = getattr(member, "__func__", member)
        if inspect.isfunction(function) and not name.startswith("_"):
            yield Method.model_validate({**_call(function, value), "name": name})


def _call(function: Any, owner: type | None = None) -> dict[str, Any]:
    """How something is called, as the fields of a Callable."""
    given, node = taken(function, owner), definition(function)
    return {
        "about": _first_sentence(function.__doc__), "parameters": given.own,
        "passes_on": given.passed_on, "takes_any_keyword": given.anything,
        "returns": text_of(node.returns) if node else "",
    }  # fmt: skip


def _attributes(value: type) -> set[str]:
    """What objects of a class carry beside its methods: properties, and what its methods store on `self`."""
    found = {
        name for name, member in vars(value).items()
        if not inspect.isfunction(member) and not name.startswith("__")
    }  # fmt: skip
    for member in vars(value).values():  # an annotation alone promises, but stores nothing
        for function in (getattr(member, "fget", None), member):
            node = definition(function) if inspect.isfunction(function) else None
            found.update(_stored_on_self(node) if node else ())
    return {name for name in found if not name.startswith("__")}


def _stored_on_self(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name


def _first_sentence(text: str | None) -> str:
    """What a documentation says first in a sentence; empty if it begins with a list of parameters."""
    paragraph = inspect.cleandoc(text or "").partition("\n\n")[0]
    if _HEADING.search(paragraph):
        return ""
    text = re.sub(r"`(?:\\)? s\b", "`s", " ".join(paragraph.split()))  # the plural of a name
    plain = re.sub(r":[a-z:]+:`~?\.?([^`]+)`", r"\1", text).replace("`", "")
    sentence = re.split(r"(?<=[a-z)])\.\s", plain, maxsplit=1)[0].strip()
    if len(sentence) <= _LONGEST_ABOUT:
        return sentence
    return f"{sentence[: _LONGEST_ABOUT - 1].rpartition(' ')[0]} …"


def _modules() -> dict[str, list[str]]:
    """Every importable module of Manim that is already loaded, and the public names in it."""
    found = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "manim"}
    return {
        name: sorted(one for one in vars(module) if not one.startswith("_"))
        for name, module in sorted(found.items())
    }


def _colors(exported: Iterable[str]) -> dict[str, str]:
    """The colors that `from manim import *` gives only through their catalogue, by their name."""
    found: dict[str, str] = {}
    for catalogue, module in (("X11", X11), ("SVGNAMES", SVGNAMES)):
        for name, value in vars(module).items():
            if isinstance(value, ManimColor):
                found[name] = f"{catalogue}.{name}"
    return {name: expression for name, expression in sorted(found.items()) if name not in exported}


def _libraries() -> list[str]:
    needed = {re.split(r"[^\w-]", line, maxsplit=1)[0].lower() for line in metadata.requires("manim") or []}
    modules = metadata.packages_distributions()
    return sorted(name for name, owners in modules.items() if needed & {owner.lower() for owner in owners})
