"""Names that mean nothing: old ones and misspelt ones become the installed Manim's, the rest are named."""

from __future__ import annotations

import ast
import typing
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.knowledge.nearest import nearest, the_one_meant, told
from renderers.manim.knowledge.renames import NAMES
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.script import Script

_NEED_AN_IMPORT = {"math", "random", "itertools", "functools", "collections", "statistics", "fractions"}
_IMPORTS = {
    "numpy": "import numpy",
    "nx": "import networkx as nx",
    "partial": "from functools import partial",
}


def check_names(script: Script) -> Iterator[Edit | Fault]:
    """Every name that neither the source, nor Manim, nor Python knows."""
    for node in ast.walk(script.tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if not script.is_known(name):
                yield from _unknown_name(script, node)
            case ast.Attribute(value=ast.Name(id=holder), attr=name):
                yield from _unknown_part(script, node, holder, name)


def _unknown_name(script: Script, node: ast.Name) -> Iterator[Edit | Fault]:
    name = node.id
    if line := _import_of(name):
        yield Edit(script.place_for_imports, script.place_for_imports, f"{line}\n", f"added {line!r}")
    elif new := successor(script, name):
        yield script.replacing(node, new, f"{name} is called {new} in Manim {script.index.version}")
    else:
        near = nearest(name, script.index.exported | script.bound)
        yield script.fault(
            "unknown-name",
            node,
            f"nothing is called {name!r} here or in Manim {script.index.version}{told(near)}",
        )


def _import_of(name: str) -> str | None:
    """The line that imports a well-known module, or a name of typing."""
    if name in typing.__all__:
        return f"from typing import {name}"
    return f"import {name}" if name in _NEED_AN_IMPORT else _IMPORTS.get(name)


def successor(script: Script, name: str) -> str | None:
    """What to write instead of a name that does not exist, None if that is not sure."""
    index = script.index
    rename = NAMES.get(name)
    if rename and (rename in index.exported or not rename.isidentifier()):
        return rename
    if index.entry(f"rate_functions.{name}"):
        return f"rate_functions.{name}"
    if name.isupper() or name.islower():
        for spelling in (name.upper(), name.upper().replace("GREY", "GRAY"), name.upper().replace("_", "")):
            if _is_color(script, spelling):
                return spelling
            if spelling in index.colors and name.isupper():
                return index.colors[spelling]
    mine = {one for one in script.bound if one[:1] == name[:1]}
    meant = the_one_meant(name, {one for one in index.exported if not one.islower()} | mine)
    return meant if meant in index.exported and not name.islower() else None


def _is_color(script: Script, name: str) -> bool:
    entry = script.index.entry(name)
    return entry is not None and entry.kind == "color"


def _unknown_part(script: Script, node: ast.Attribute, holder: str, name: str) -> Iterator[Edit | Fault]:
    """A name after `rate_functions.`, `config.` or `mn.` that does not exist there."""
    index = script.index
    if holder in script.bound and holder not in script.prefixes:
        return
    if holder == "rate_functions":
        valid = {e.name.partition(".")[2] for e in index.entries if e.name.startswith("rate_functions.")}
    elif holder == "config" and isinstance(node.ctx, ast.Load):
        valid = set(index.config)
    elif holder in script.prefixes:
        valid = {*index.exported, *index.modules.get("manim", ())}
    else:
        return
    if name in valid or not valid or name.startswith("__"):
        return
    rename = NAMES.get(name)
    meant = rename if rename in valid else the_one_meant(name, valid)
    if meant:
        yield script.replacing(node, f"{holder}.{meant}", f"{holder}.{name} is called {holder}.{meant}")
    else:
        message = f"{holder} has no {name!r} in Manim {index.version}{told(nearest(name, valid))}"
        yield script.fault("unknown-name", node, message)
