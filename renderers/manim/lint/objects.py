"""Which of Manim's classes the objects of a scene belong to, as far as its source tells. Never a guess.

A variable has a class if everything that is assigned to it has; whatever else is None: unknown.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cached_property, lru_cache

from renderers.manim.lint.script import Script

_ITSELF = "itself"
"""Stands for the class of a variable while it is being found out, as in `x = x.shift(UP)`."""
_KINDS = {"Mobject", "VMobject", "Group", "VGroup", "Animation", "Scene"}
"""As the result of a method these say only what kind of object it is: it may well be a descendant."""
_Values = dict[tuple[ast.AST, str], list[ast.expr | None]]
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SCOPES = (*_FUNCTIONS, ast.ClassDef, ast.Module)


@lru_cache(maxsize=1)
def objects_of(script: Script) -> Objects:
    """The classes of a script's objects: found out once, however many rules ask."""
    return Objects(script)


class Objects:
    """The classes of a script's objects."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._index = script.index
        self._bases: dict[ast.ClassDef, list[str] | None] = {}
        self._known: dict[tuple[ast.AST, str], str | None] = {}
        self._asked: list[tuple[ast.AST, str]] = []

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The classes that the source defines, by name."""
        return {node.name: node for node in ast.walk(self._script.tree) if isinstance(node, ast.ClassDef)}

    def manim_bases(self, defined: ast.ClassDef) -> list[str] | None:
        """Manim's classes that a class descends from, nearest first; None if a base is unknown."""
        if defined not in self._bases:
            self._bases[defined] = None  # if asked again now: a class that descends from itself
            self._bases[defined] = self._found_bases(defined)
        return self._bases[defined]

    def _found_bases(self, defined: ast.ClassDef) -> list[str] | None:
        found: dict[str, None] = {}
        for base in defined.bases:
            name, own = self._script.manim_name(base), self._own_class(base)
            above = [name] if name else self.manim_bases(own) if own else None
            if above is None and not (isinstance(base, ast.Name) and base.id == "object"):
                return None
            found.update(dict.fromkeys(above or ()))
        return list(found)

    def _own_class(self, base: ast.expr) -> ast.ClassDef | None:
        """The class of the source that a base names."""
        return self.classes.get(base.id) if isinstance(base, ast.Name) else None

    def scene_base(self, defined: ast.ClassDef) -> str | None:
        """The kind of scene that a class is, None if it is none."""
        return next(
            (base for base in self.manim_bases(defined) or () if self._index.is_a(base, "Scene")), None
        )

    def with_bases(self, defined: ast.ClassDef) -> list[ast.ClassDef]:
        """A class of the source and those of its bases that the source defines, too."""
        found = [defined]
        for one in found:
            for own in map(self._own_class, one.bases):
                found += [own] if own and own not in found else []
        return found

    def own_members(self, defined: ast.ClassDef) -> set[str]:
        """What a class of the source defines itself, those of its bases in the source included."""
        body = [node for one in self.with_bases(defined) for node in one.body]
        found = {
            target.id
            for node in body if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }  # fmt: skip
        return found | {n.name for n in body if isinstance(n, _NAMED)}

    def enclosing_scene(self, node: ast.AST) -> ast.ClassDef | None:
        """The scene class in whose method a node stands."""
        around = self._script.enclosing(node, ast.ClassDef)
        return around if isinstance(around, ast.ClassDef) and self.scene_base(around) else None

    def class_of_self(self, node: ast.AST) -> ast.ClassDef | None:
        """The class of the source in whose method `self` stands; None where it is another function's."""
        around = self._script.enclosing(node, *_FUNCTIONS)
        while isinstance(around, _FUNCTIONS):
            if any(one.arg == "self" for one in (*around.args.posonlyargs, *around.args.args)):
                holder = self._script.parents[around]
                return holder if isinstance(holder, ast.ClassDef) else None
            around = self._script.enclosing(around, *_FUNCTIONS)
        return None

    def class_of(self, node: ast.expr) -> str | None:
        """The Manim class of what an expression gives; None if it cannot be told."""
        match node:
            case ast.Call(func=ast.Attribute(value=target, attr=method)) if not self._script.manim_name(
                node.func
            ):
                return self._given_by(target, method)
            case ast.Call(func=function):
                name = self._script.manim_name(function)
                entry = self._index.entry(name) if name else None
                return name if entry and entry.kind == "class" else None
            case ast.Name(id="self"):
                own = self.class_of_self(node)
                return self.scene_base(own) if own else None
            case ast.Name(id=name):
                scope = self._scope_of(name, node)
                return self._variable(scope, name, self._assigned) if scope else None
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                own = self.class_of_self(node)
                return self._variable(own, name, self._stored_on_self) if own else None
        return None

    def _given_by(self, target: ast.expr, method: str) -> str | None:
        if isinstance(target, ast.Attribute) and target.attr == "animate":
            return None
        owner = self.class_of(target)
        found = self._index.method("Mobject" if owner == _ITSELF else owner, method) if owner else None
        if found is None:
            return None
        returned = found.returns.strip("'\"")
        if returned == "Self" or method == "copy":
            return owner
        entry = self._index.entry(returned)
        is_exact = entry is not None and entry.kind == "class" and returned not in _KINDS
        return returned if is_exact and owner != _ITSELF else None

    def _variable(self, holder: ast.AST, name: str, values: _Values) -> str | None:
        """The class that everything has that is assigned to a name; it may be assigned to itself, changed."""
        key = (holder, name)
        if key in self._known:
            return self._known[key]
        if key in self._asked:
            return _ITSELF if self._asked[-1] == key else None
        self._asked.append(key)
        found = {self.class_of(value) if value is not None else None for value in values.get(key, ())}
        self._asked.pop()
        found.discard(_ITSELF)
        self._known[key] = found.pop() if len(found) == 1 else None
        return self._known[key]

    def _scope_of(self, name: str, node: ast.AST) -> ast.AST | None:
        """The nearest scope around a node that assigns to a name."""
        scope = self._script.enclosing(node, *_SCOPES)
        while scope is not None and (scope, name) not in self._assigned:
            scope = self._script.enclosing(scope, *_SCOPES)
        return scope

    @cached_property
    def _assigned(self) -> _Values:
        """What each scope assigns to each of its names; None for what is no plain value."""
        found: _Values = defaultdict(list)
        for node in ast.walk(self._script.tree):
            scope = self._script.enclosing(node, *_SCOPES)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and scope:
                found[scope, node.id].append(self._value_for(node))
            elif isinstance(node, ast.arg) and scope:
                found[scope, node.arg].append(None)
        return dict(found)

    @cached_property
    def _stored_on_self(self) -> _Values:
        found: _Values = defaultdict(list)
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
