"""Imports: Manim under the names it does not have here, and the one that was forgotten."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.names import successor
from renderers.manim.lint.outside import NETWORK
from renderers.manim.lint.script import Script

_STAR = "from manim import *"
_OTHER_MANIMS = (
    "manimlib", "manimgl", "manim_imports_ext", "manimce", "manim_ce", "manimcommunity", "manim_community",
    "big_ol_pile_of_manim_imports", "manim_gl",
)  # fmt: skip


def check_imports(script: Script) -> Iterator[Edit | Fault]:
    """Imports that do not work, and Manim's if it is missing."""
    for node in ast.walk(script.tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names) if node.level == 0:
                yield from _import_from(script, node, module, names)
            case ast.Import(names=names):
                for alias in names:
                    yield from _import(script, node, alias)
    yield from _names_left_out(script)
    if {"manim", *_OTHER_MANIMS}.isdisjoint(_imported(script.tree)):
        yield Edit(script.place_for_imports, script.place_for_imports, f"{_STAR}\n", f"added {_STAR!r}")


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)


def _names_left_out(script: Script) -> Iterator[Edit]:
    """Names of Manim that are used, while the source imports only others from it one by one."""
    stars = [
        node
        for node in ast.walk(script.tree)
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
    ]
    own = [n for n in script.tree.body if isinstance(n, ast.ImportFrom) and n.module == "manim"]
    if stars or not own:
        return
    used = {node.id: None for node in ast.walk(script.tree) if isinstance(node, ast.Name)}
    missing = [
        name for name in used
        if name in script.index.exported and name not in script.bound and not hasattr(builtins, name)
    ]  # fmt: skip
    if missing:
        end = script.span(own[0].names[-1])[1]
        added = ", ".join(missing)
        yield Edit(end, end, f", {added}", script.noted(own[0], f"added the import of {added}"))


def _import_from(
    script: Script, node: ast.ImportFrom, module: str, names: list[ast.alias]
) -> Iterator[Edit | Fault]:
    index = script.index
    library = module.partition(".")[0]
    if library in _OTHER_MANIMS or (library == "manim" and module not in index.modules):
        yield script.replacing(node, _from_manim(script, names), f"{module} is not here: imported from manim")
    elif library == "manim":
        there = {*index.modules[module], *(index.exported if module == "manim" else ())}
        there |= {name.rpartition(".")[2] for name in index.modules if name.startswith(f"{module}.")}
        missing = [a for a in names if a.name not in there and a.name != "*"]
        if missing and all(_as_manim_calls_it(script, alias) for alias in missing):
            yield script.replacing(
                node, _from_manim(script, names), f"{missing[0].name} is not in {module}: imported from manim"
            )
        elif missing:
            yield script.fault("no-such-module", node, f"manim has no {missing[0].name!r}")
    elif not _is_installed(script, library):
        yield _not_installed(script, node, library)


def _from_manim(script: Script, names: list[ast.alias]) -> str:
    if any(alias.name == "*" for alias in names):
        return _STAR
    given = [_as_manim_calls_it(script, alias) for alias in names]
    return f"from manim import {', '.join(one for one in given if one)}" if all(given) else _STAR


def _as_manim_calls_it(script: Script, alias: ast.alias) -> str | None:
    """A name of an import as the installed Manim exports it, None if it does not."""
    new = alias.name if alias.name in script.index.exported else successor(script, alias.name)
    if new is None or not new.isidentifier():
        return None
    name = alias.asname or alias.name
    return new if new == name else f"{new} as {name}"


def _import(script: Script, node: ast.Import, alias: ast.alias) -> Iterator[Edit | Fault]:
    library = alias.name.partition(".")[0]
    if library in _OTHER_MANIMS:
        rest = [one for one in node.names if one is not alias]
        if not rest:
            new = f"import manim as {alias.asname or alias.name}"
            yield script.replacing(node, new, f"{alias.name} is not here: imported manim")
            return
    if library != "manim" and not _is_installed(script, library):
        yield _not_installed(script, node, library)


def _is_installed(script: Script, library: str) -> bool:
    return library in sys.stdlib_module_names or library in script.index.libraries or library in NETWORK


def _not_installed(script: Script, node: ast.stmt, library: str) -> Fault:
    return script.fault(
        "no-such-module", node,
        f"{library!r} is not installed; write it with manim, numpy and Python's own modules",
    )  # fmt: skip
