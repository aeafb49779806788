"""What the code of a definition refers to, as far as its names can be followed.

Left out is what may be something else: a name that the code binds itself, an attribute of a value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from quantumsketch.memory.codebases.definitions import (
    Definition,
    Function,
    Module,
    decorators,
    dotted,
    imports_of,
)
from quantumsketch.memory.codebases.resolving import Meaning, Names

_TOLD_ELSEWHERE = {"annotation", "returns", "bases"}
"""Fields of the syntax that are no calls and no references."""


def used_by_module(names: Names, module: Module) -> list[Definition]:
    """Return what the statements of a module refer to, without its functions and classes."""
    return _used(names, module, _mentions(module.tree.body, nested=False), None, None)


def used_by(names: Names, module: Module, thing: Definition, owner: Definition | None) -> list[Definition]:
    """Return what a definition refers to; a class, without its members. `owner` is the class of a method."""
    roots = [part for node in (thing.node, *thing.variants) for part in _code_of(node)]
    is_class = thing.kind == "class"
    return _used(names, module, _mentions(roots, nested=not is_class), thing, owner)


def _used(
    names: Names,
    module: Module,
    mentions: Iterable[ast.Name | ast.Attribute],
    thing: Definition | None,
    owner: Definition | None,
) -> list[Definition]:
    scope = _Scope(names, module, thing, owner)
    found = (scope.meaning(mention) for mention in mentions)
    return list(dict.fromkeys(each for each in found if each))


def _mentions(roots: Iterable[ast.AST], *, nested: bool) -> Iterator[ast.Name | ast.Attribute]:
    """The longest dotted names that are read, and attributes of calls; in `nested` definitions or not."""
    waiting = [*roots]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function | ast.ClassDef) and not nested:
            continue
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            if dotted(node):
                yield node
                continue
            while isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
                node = node.value
            yield node
        waiting += _code_of(node)


def _code_of(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of `node` that can hold calls and references."""
    for field, value in ast.iter_fields(node):
        if field not in _TOLD_ELSEWHERE:
            children = value if isinstance(value, list) else [value]
            yield from (child for child in children if isinstance(child, ast.AST))


class _Scope:
    """What names mean inside of one definition, or of a module's own statements."""

    def __init__(
        self, names: Names, module: Module, thing: Definition | None, owner: Definition | None
    ) -> None:
        self._names, self._module, self._owner = names, module, owner
        nodes = [] if thing is None else [thing.node, *thing.variants]
        is_class = thing is not None and thing.kind == "class"
        within = [part for node in nodes for part in _parts(node, nested=not is_class)]
        imports = [part for part in within if isinstance(part, ast.Import | ast.ImportFrom)]
        self._imports, _ = imports_of(imports, module.name, is_package=module.is_package)
        self._bound = {name for part in within for name in _bound(part)} | set(thing.members if thing else ())
        self._receiver = _receiver(thing.node) if thing and owner else None

    def meaning(self, mention: ast.Name | ast.Attribute) -> Definition | None:
        """Return the definition that is mentioned, or the class whose attribute is."""
        parts = dotted(mention)
        if not parts:
            return self._inherited(mention)
        if self._owner and parts[0] == self._receiver:
            return self._names.member(self._owner, parts[1]) if len(parts) > 1 else None
        if parts[0] in self._bound:
            return None
        found = [each for each in self._along(parts) if isinstance(each, Definition)]
        return found[-1] if found else None

    def _along(self, parts: Sequence[str]) -> Iterator[Meaning | None]:
        """What each beginning of a dotted name means."""
        if parts[0] in self._imports:
            first = self._names.imported(self._module.name, self._imports[parts[0]])
            return self._names.along_inside(first, parts[1:])
        return self._names.along(self._module, parts)

    def _inherited(self, mention: ast.Name | ast.Attribute) -> Definition | None:
        """What `super().name` means."""
        match mention:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr=name) if self._owner:
                return self._names.inherited(self._owner, name)
        return None


def _parts(node: ast.AST, *, nested: bool) -> Iterator[ast.AST]:
    """What is inside of `node`, at any depth; inside of `nested` definitions or not."""
    waiting = [*ast.iter_child_nodes(node)]
    while waiting:
        part = waiting.pop()
        yield part
        if nested or not isinstance(part, Function | ast.ClassDef):
            waiting += ast.iter_child_nodes(part)


def _bound(part: ast.AST) -> Iterator[str]:
    """The names that this part of the syntax binds, but for imports."""
    match part:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name


def _receiver(node: ast.AST) -> str | None:
    """The name of the parameter that a method is called on."""
    if not isinstance(node, Function) or "staticmethod" in decorators(node):
        return None
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].arg if positional else None
