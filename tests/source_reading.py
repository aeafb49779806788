"""Reads our own source for the tests of the architecture: what a module imports, and what it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("quantumsketch", "workflows", "renderers", "web")

parsed = lru_cache(maxsize=None)(ast.parse)


def modules(*packages: str) -> Iterator[tuple[str, str]]:
    """Name and source of every module of these packages."""
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path.read_text()


def within(module: str, homes: set[str]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def imported(source: str, module: str) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it and however."""
    for node in ast.walk(parsed(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=origin, names=names, level=level):
                above = module.split(".")[:-level] if level else []
                yield from (".".join([*above, *filter(None, [origin]), name.name]) for name in names)
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]) if dotted(function).split(
                "."
            )[-1] in ("import_module", "__import__", "find_spec"):
                yield name


def dotted(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{dotted(value)}.{name}"
    return ""


def used(source: str, module: str) -> Iterator[str]:
    """The dotted names that a module imports or reads, aliases undone; not what it only assigns to."""
    yield from imported(source, module)
    tree = parsed(source)
    aliases = dict(_aliases(tree))
    assigned = {id(node.value) for node in ast.walk(tree)
                if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)}  # fmt: skip
    for node in ast.walk(tree):
        match node:
            case ast.Attribute() if id(node) not in assigned:
                first, *rest = dotted(node).split(".")
                yield ".".join([aliases.get(first, first), *rest])
            case ast.Call(func=ast.Name(id="getattr"), args=[thing, ast.Constant(value=str(name)), *_]):
                first, *rest = dotted(thing).split(".")
                yield ".".join([aliases.get(first, first), *rest, name])


def _aliases(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The names that stand for others in a module, and what each stands for."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((name.asname, name.name) for name in names if name.asname)
            case ast.ImportFrom(module=str(origin), names=names, level=0):
                yield from ((name.asname or name.name, f"{origin}.{name.name}") for name in names)
