"""The parameters of a function as its definition tells them, without any text that it holds. Pure.

A default or an annotation may hold a secret in a literal: numbers and names are told, texts never.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pydantic import JsonValue

from quantumsketch.memory.codebases.definitions import Function, decorators, dotted

LONGEST_ANNOTATION = 200
_LONGEST_DEFAULT = 60
_WITHHELD = ast.Constant(...)
IsKnown = Callable[[str], bool]
"""Whether a name stands for something where the function is defined."""


class Parameter(NamedTuple):
    """A parameter that a caller can give."""

    name: str
    properties: dict[str, JsonValue]


def parameters(function: Function, is_known: IsKnown, *, is_method: bool) -> list[Parameter]:
    """Return the parameters in order, without the one that a method is called on."""
    found = list(_arguments(function.args))
    if is_method and found and "staticmethod" not in decorators(function) and found[0][1] in _BY_POSITION:
        found = found[1:]
    return [
        Parameter(argument.arg, _properties(place, kind, argument, default, is_known))
        for place, (argument, kind, default) in enumerate(found)
    ]


_BY_POSITION = ("positional_only", "positional_or_keyword")


def _arguments(arguments: ast.arguments) -> Iterator[tuple[ast.arg, str, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    without = len(positional) - len(arguments.defaults)
    for place, argument in enumerate(positional):
        default = arguments.defaults[place - without] if place >= without else None
        yield argument, _BY_POSITION[place >= len(arguments.posonlyargs)], default
    if arguments.vararg:
        yield arguments.vararg, "variadic_positional", None
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument, "keyword_only", default
    if arguments.kwarg:
        yield arguments.kwarg, "variadic_keyword", None


def _properties(
    place: int, kind: str, argument: ast.arg, default: ast.expr | None, is_known: IsKnown
) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {"position": place, "kind": kind}
    told["required"] = default is None and not kind.startswith("variadic")
    if default is not None and (text := _default(default)):
        told["default"] = text
    if annotation := annotation_text(argument.annotation, is_known):
        told["annotation"] = annotation
    return told


def _default(node: ast.expr) -> str | None:
    """A number, None, True, False or a short name; nothing else is told."""
    value = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    is_number = isinstance(value, ast.Constant) and isinstance(value.value, int | float | complex | None)
    if not is_number and not dotted(value):
        return None
    return _text(node, _LONGEST_DEFAULT)


def annotation_text(node: ast.expr | None, is_known: IsKnown) -> str | None:
    """Return an annotation as text: a quoted one if all its names are known, other texts as an ellipsis."""
    if node is None:
        return None
    try:
        told: ast.expr = _Unquoted(is_known).visit(node)
    except RecursionError:
        return None
    text = _text(told, 10 * LONGEST_ANNOTATION)
    return text and (text if len(text) <= LONGEST_ANNOTATION else text[: LONGEST_ANNOTATION - 1] + "…")


def _text(node: ast.expr, longest: int) -> str | None:
    try:
        text = ast.unparse(node)
    except (ValueError, RecursionError):  # a number of thousands of digits, a deep expression
        return None
    return text if len(text) <= longest else None


class _Unquoted(ast.NodeTransformer):
    """Makes a copy of the nodes on the way to a literal: the tree is read by others."""

    def __init__(self, is_known: IsKnown) -> None:
        self._is_known = is_known

    def generic_visit(self, node: ast.AST) -> ast.AST:
        fields: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                value = [self.visit(each) if isinstance(each, ast.AST) else each for each in value]
            fields[name] = self.visit(value) if isinstance(value, ast.AST) else value
        return type(node)(**fields)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if dotted(node.value)[-1:] == ["Literal"]:
            return ast.Subscript(node.value, _WITHHELD, node.ctx)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bytes):
            return _WITHHELD
        return self._unquoted(node.value) if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return _WITHHELD

    def _unquoted(self, text: str) -> ast.AST:
        try:
            meant = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return _WITHHELD
        names = [node.id for node in ast.walk(meant) if isinstance(node, ast.Name)]
        if not names or not all(map(self._is_known, names)):
            return _WITHHELD
        unquoted: ast.AST = _Unquoted(lambda _: False).visit(meant)
        return unquoted
