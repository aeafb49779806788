"""Which of Manim's classes the objects of a scene belong to, as far as its source tells. Never a guess.

A variable has a class if everything that is assigned to it has; whatever else is None: unknown.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property

from renderers.manim.lint.script import Script

_DEEPEST = 20
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Module
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.Module)


class Objects:
    """The classes of a script's objects."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._index = script.index

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The classes that the source defines, by name."""
        return {node.name: node for node in ast.walk(self._script.tree) if isinstance(node, ast.ClassDef)}

    def manim_bases(self, defined: ast.ClassDef, depth: int = 0) -> list[str] | None:
        """Manim's classes that a class descends from, nearest first; None if a base is unknown."""
        found: list[str] = []
        for base in defined.bases:
            name = self._script.manim_name(base)
            if name:
                found.append(name)
            elif isinstance(base, ast.Name) and base.id == "object":
                continue
            elif isinstance(base, ast.Name) and base.id in self.classes and depth < _DEEPEST:
                above = self.manim_bases(self.classes[base.id], depth + 1)
                if above is None:
                    return None
                found += above
            else:
                return None
        return found

    def scene_base(self, defined: ast.ClassDef) -> str | None:
        """The kind of scene that a class is, None if it is none."""
        return next(
            (base for base in self.manim_bases(defined) or () if self._index.is_a(base, "Scene")), None
        )

    def own_members(self, defined: ast.ClassDef, depth: int = 0) -> set[str]:
        """What a class of the source defines itself, those of its bases in the source included."""
        found = {
            target.id
            for node in defined.body if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }  # fmt: skip
        found |= {n.name for n in defined.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
        for base in defined.bases:
            if isinstance(base, ast.Name) and base.id in self.classes and depth < _DEEPEST:
                found |= self.own_members(self.classes[base.id], depth + 1)
        return found

    def enclosing_scene(self, node: ast.AST) -> ast.ClassDef | None:
        """The scene class in whose method a node stands."""
        around = self._script.enclosing(node, ast.ClassDef)
        return around if isinstance(around, ast.ClassDef) and self.scene_base(around) else None

    def class_of(self, node: ast.expr, depth: int = 0) -> str | None:
        """The Manim class of what an expression gives; None if it cannot be told."""
        if depth > _DEEPEST:
            return None
        match node:
            case ast.Call(func=ast.Attribute(value=target, attr=method)) if not self._script.manim_name(
                node.func
            ):
                return self._given_by(target, method, depth)
            case ast.Call(func=function):
                name = self._script.manim_name(function)
                entry = self._index.entry(name) if name else None
                return name if entry and entry.kind == "class" else None
            case ast.Name(id="self"):
                scene = self.enclosing_scene(node)
                return self.scene_base(scene) if scene else None
            case ast.Name(id=name):
                return self._agreed(self._values_of(name, node), depth)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                around = self._script.enclosing(node, ast.ClassDef)
                return self._agreed(self._stored_on_self[around, name], depth) if around else None
        return None

    def _given_by(self, target: ast.expr, method: str, depth: int) -> str | None:
        if isinstance(target, ast.Attribute) and target.attr == "animate":
            return None
        owner = self.class_of(target, depth + 1)
        found = self._index.method(owner, method) if owner else None
        if found is None:
            return None
        returned = found.returns.strip("'\"")
        if returned == "Self" or method == "copy":
            return owner
        entry = self._index.entry(returned)
        return returned if entry and entry.kind == "class" else None

    def _agreed(self, values: list[ast.expr | None], depth: int) -> str | None:
        found = {self.class_of(value, depth + 1) if value is not None else None for value in values}
        return found.pop() if len(found) == 1 else None

    def _values_of(self, name: str, node: ast.AST) -> list[ast.expr | None]:
        scope = self._script.enclosing(node, *_SCOPES)
        while scope is not None:
            if (scope, name) in self._assigned:
                return self._assigned[scope, name]
            scope = self._script.enclosing(scope, *_SCOPES)
        return []

    @cached_property
    def _assigned(self) -> dict[tuple[ast.AST, str], list[ast.expr | None]]:
        """What each scope assigns to each of its names; None for what is no plain value."""
        found: dict[tuple[ast.AST, str], list[ast.expr | None]] = defaultdict(list)
        for node in ast.walk(self._script.tree):
            scope = self._script.enclosing(node, *_SCOPES)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and scope:
                found[scope, node.id].append(self._value_for(node))
            elif isinstance(node, ast.arg) and scope:
                found[scope, node.arg].append(None)
        return dict(found)

    @cached_property
    def _stored_on_self(self) -> dict[tuple[ast.AST, str], list[ast.expr | None]]:
        found: dict[tuple[ast.AST, str], list[ast.expr | None]] = defaultdict(list)
        for node in ast.walk(self._script.tree):
            match node:
                case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                    if around := self._script.enclosing(node, ast.ClassDef):
                        found[around, name].append(self._value_for(node))
        return found

    def _value_for(self, target: ast.expr) -> ast.expr | None:
        """The value that a target gets, None if it gets a part of one or is changed in place."""
        parent = self._script.parents[target]
        match parent:
            case ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.NamedExpr(value=value):
                return value
            case ast.Tuple(elts=targets):
                match self._script.parents[parent]:
                    case ast.Assign(value=ast.Tuple(elts=values)) if len(values) == len(targets):
                        return values[targets.index(target)]
        return None
