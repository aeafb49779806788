"""What a function of the installed Manim really takes: its own parameters, and what passes through **kwargs.

Reads the functions' source as a syntax tree, so that defaults stay as they are written (`PI / 2`, `BLUE`).
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from renderers.manim.knowledge.index import Parameter

_DEEPEST = 12
_LONGEST_TEXT = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Taken:
    """The parameters of a call, the keywords that it passes on, and whether it takes any others too."""

    own: tuple[Parameter, ...]
    passed_on: tuple[str, ...]
    anything: bool


@cache
def taken(function: Callable[..., Any], owner: type | None = None, depth: int = 0) -> Taken:
    """What a function takes, without `self`.

    For a constructor or method, `owner` is the class of the object: it decides where `super()` leads.
    """
    function = inspect.unwrap(function)
    node = definition(function)
    if node is None or depth > _DEEPEST:
        return Taken((), (), anything=True)
    own = tuple(_own_parameters(node))
    if owner is not None and not _is_static(node):
        own = own[1:]
    if node.args.kwarg is None:
        return Taken(own, (), anything=False)
    passed, anything = _passed_on(function, node, owner, depth)
    names = {parameter.name for parameter in own}
    return Taken(own, tuple(dict.fromkeys(name for name in passed if name not in names)), anything)


def definition(function: Callable[..., Any]) -> Function | None:
    """The syntax tree of a function of ours or Manim's, None if its source is not at hand."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return _definitions(code.co_filename).get(code.co_firstlineno) if code else None


@cache
def tree_of(path: str) -> ast.Module:
    """The syntax tree of a file; empty if it cannot be read."""
    try:
        return ast.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return ast.Module(body=[], type_ignores=[])


@cache
def _definitions(path: str) -> dict[int, Function]:
    """The functions of a file by the line at which their code begins, decorators included."""
    found: dict[int, Function] = {}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[min(node.lineno, *(d.lineno for d in node.decorator_list), node.lineno)] = node
    return found


def text_of(node: ast.expr | None) -> str:
    """An expression as Python, shortened."""
    text = ast.unparse(node) if node else ""
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def _is_static(node: Function) -> bool:
    return any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in node.decorator_list)


def _own_parameters(node: Function) -> Iterator[Parameter]:
    def parameter(arg: ast.arg, default: ast.expr | None, kind: str) -> Parameter:
        return Parameter.model_validate(
            {"name": arg.arg, "kind": kind, "annotation": text_of(arg.annotation),
             "default": text_of(default) if default else None}
        )  # fmt: skip

    args = node.args
    ordinary = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(ordinary) - len(args.defaults)) + list(args.defaults)
    for arg, default in zip(ordinary, defaults, strict=True):
        yield parameter(arg, default, "ordinary")
    if args.vararg:
        yield parameter(args.vararg, None, "rest")
    for arg, given in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield parameter(arg, given, "keyword")


def _passed_on(
    function: Callable[..., Any], node: Function, owner: type | None, depth: int
) -> tuple[list[str], bool]:
    """The keywords that go on through **kwargs, and whether there may be others."""
    kwargs = node.args.kwarg.arg if node.args.kwarg else ""
    found, anything, used = list[str](), False, 0
    for inner in ast.walk(node):
        match inner:
            case ast.Call(keywords=keywords) if any(_is_name(k.value, kwargs) for k in keywords if not k.arg):
                used += 1
                onward = _resolve(inner.func, function, owner)
                on = taken(onward[0], onward[1], depth + 1) if onward else Taken((), (), anything=True)
                found += _still_open(on, inner)
                anything = anything or on.anything
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if name == kwargs:
                used += 1
                found.append(key)
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="get" | "pop" | "setdefault"),
                args=[ast.Constant(value=str(key)), *_],
            ) if name == kwargs:
                used += 1
                found.append(key)
    mentions = sum(_is_name(inner, kwargs) for inner in ast.walk(node))
    return found, anything or mentions > used or not used


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _still_open(taken: Taken, call: ast.Call) -> list[str]:
    """The keywords that a call with **kwargs does not fill itself."""
    filled = {keyword.arg for keyword in call.keywords}
    positions = 0 if any(isinstance(arg, ast.Starred) for arg in call.args) else len(call.args)
    ordinary = [parameter.name for parameter in taken.own if parameter.kind == "ordinary"]
    filled.update(ordinary[:positions])
    named = [parameter.name for parameter in taken.own if parameter.kind != "rest"]
    return [name for name in (*named, *taken.passed_on) if name not in filled]


def _resolve(
    func: ast.expr, function: Callable[..., Any], owner: type | None
) -> tuple[Callable[..., Any], type | None] | None:
    """What a call inside a function calls, with the class whose `super()` it follows."""
    scope = getattr(function, "__globals__", {})
    match func:
        case ast.Name(id=name):
            target = scope.get(name)
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name) if owner:
            target = _above(owner, function, name)
            return (target, owner) if target else None
        case ast.Attribute(value=ast.Name(id="self"), attr=name) if owner:
            target = getattr(owner, name, None)
            return (target, owner) if inspect.isfunction(target) else None
        case ast.Attribute(value=ast.Name(id=base), attr=name):
            target = getattr(scope.get(base), name, None)
            if inspect.isfunction(target) and isinstance(scope.get(base), type):
                return target, scope[base]
        case _:
            return None
    if isinstance(target, type):
        constructor = inspect.getattr_static(target, "__init__")
        return (constructor, target) if inspect.isfunction(constructor) else None
    return (target, None) if inspect.isfunction(target) else None


def _above(owner: type, function: Callable[..., Any], name: str) -> Callable[..., Any] | None:
    """What `super().name` means in a function that `owner` inherits."""
    lineage = owner.__mro__
    place = next(
        (i for i, one in enumerate(lineage) if inspect.unwrap(vars(one).get(name, _above)) is function), None
    )
    if place is None:
        return None
    target = next((vars(one)[name] for one in lineage[place + 1 :] if name in vars(one)), None)
    return target if inspect.isfunction(target) else None
