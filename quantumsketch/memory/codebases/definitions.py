"""What one file of Python defines and imports, from its syntax alone. Knows no other file."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef
LONGEST_DOTTED_NAME = 2_000


class Import(NamedTuple):
    """What a name stands for: a module, or something in one."""

    module: str
    name: str | None = None


@dataclass(eq=False)
class Definition:
    """A class, a function or a method, with all that is said of it under one name."""

    kind: str
    """class, function or method"""
    name: str
    """As it is imported: dotted."""
    module: str
    node: ast.ClassDef | Function
    variants: list[ast.AST]
    """Overloads, a property's setter: what else bears the name."""
    members: dict[str, Definition] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.name


@dataclass(eq=False)
class Module:
    """One file."""

    name: str
    is_package: bool
    tree: ast.Module
    definitions: dict[str, Definition]
    imports: dict[str, Import]
    stars: list[str]
    """Modules of which everything public is imported."""
    exported: list[str] | None
    """`__all__`, if it is written out."""
    names: frozenset[str]
    """All that its own statements bind."""


def parsed(source: bytes) -> ast.Module:
    """Return the syntax tree of `source`, in the encoding it declares; raises ValueError if it has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except SyntaxError as error:
        where = f" in line {error.lineno}" if error.lineno else ""
        raise ValueError(f"no Python{where}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise ValueError("nested too deeply") from None
    except (ValueError, LookupError) as error:
        raise ValueError(f"no Python: {error}") from None


def module_of(name: str, tree: ast.Module, *, is_package: bool) -> Module:
    """Return what the module called `name` defines and imports."""
    imports, stars = imports_of(tree.body, name, is_package=is_package)
    definitions = _definitions(tree.body, name, name, "function")
    return Module(
        name=name,
        is_package=is_package,
        tree=tree,
        definitions=definitions,
        imports=imports,
        stars=list(dict.fromkeys(stars)),
        exported=_exported(tree),
        names=frozenset([*definitions, *imports, *_assigned(tree.body)]),
    )


def imports_of(
    body: Iterable[ast.stmt], module: str, *, is_package: bool
) -> tuple[dict[str, Import], list[str]]:
    """Return the names that the statements import, the first of each name, and the modules of stars."""
    imports: dict[str, Import] = {}
    stars: list[str] = []
    for node in _own_statements(body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                meant = alias.name if alias.asname else alias.name.split(".")[0]
                imports.setdefault(alias.asname or meant, Import(meant))
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, module, is_package=is_package)
            for alias in node.names if source else ():
                if alias.name == "*":
                    stars.append(source)
                else:
                    imports.setdefault(alias.asname or alias.name, Import(source, alias.name))
    return imports, stars


def _source(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """The absolute name of the module that is imported from; empty if it would lie above the topmost one."""
    if not node.level:
        return node.module or ""
    up = node.level - is_package
    parts = module.split(".")
    if up >= len(parts):
        return ""
    return ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])


def _own_statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements in order, those of `if`, `try`, `with` and loops too, but not of functions and classes."""
    waiting = [*body][::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef):
            waiting += [*_inner_statements(node)][::-1]


def _inner_statements(node: ast.stmt) -> Iterator[ast.stmt]:
    for block in ("body", "orelse", "finalbody"):
        yield from getattr(node, block, ())
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield from part.body


def _assigned(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in _own_statements(body):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in filter(None, targets):
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _definitions(body: Iterable[ast.stmt], within: str, module: str, kind: str) -> dict[str, Definition]:
    """The definitions among the statements: the first of a name that is neither an overload nor a setter."""
    found: dict[str, Definition] = {}
    for node in _own_statements(body):
        if not isinstance(node, Function | ast.ClassDef):
            continue
        known = found.get(node.name)
        if known is None:
            found[node.name] = _definition(node, within, module, kind)
        elif _is_variant(known.node) and not _is_variant(node):
            found[node.name] = _definition(node, within, module, kind)
            found[node.name].variants = [known.node, *known.variants]
        else:
            known.variants.append(node)
    return found


def _definition(node: ast.ClassDef | Function, within: str, module: str, kind: str) -> Definition:
    name = f"{within}.{node.name}"
    if len(name) > LONGEST_DOTTED_NAME:  # each member bears it
        raise ValueError(f"a dotted name of more than {LONGEST_DOTTED_NAME:,} characters")
    if isinstance(node, ast.ClassDef):
        members = _definitions(node.body, name, module, "method")
        return Definition("class", name, module, node, [], members)
    return Definition(kind, name, module, node, [])


def _is_variant(node: ast.ClassDef | Function) -> bool:
    last = {name.split(".")[-1] for name in decorators(node)}
    return bool(last & {"overload", "setter", "deleter"})


def decorators(node: ast.ClassDef | Function) -> list[str]:
    """Return the dotted names of what decorates `node`, called or not."""
    found = (dotted(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list)
    return [".".join(parts) for parts in found if parts]


def dotted(node: ast.expr) -> list[str]:
    """Return the parts of `a.b.c`; nothing of any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


def _exported(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts) | ast.Tuple(elts)):
                return [
                    each.value
                    for each in elts
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
    return None
