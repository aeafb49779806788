"""Entities and facts of what the modules of a codebase define. Knows neither files nor a database."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections import defaultdict
from collections.abc import Sequence

from pydantic import JsonValue

from quantumsketch.memory.codebases.definitions import Definition, Function, Module, decorators
from quantumsketch.memory.codebases.deprecations import Deprecation, deprecations, of_module
from quantumsketch.memory.codebases.naming import key_name
from quantumsketch.memory.codebases.references import used_by, used_by_module
from quantumsketch.memory.codebases.resolving import Names
from quantumsketch.memory.codebases.signatures import IsKnown, annotation_text, parameters
from quantumsketch.memory.ontology import RELATIONS, EdgeKind, NodeKind
from quantumsketch.memory.statements import (
    LONGEST_BODY,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    Entity,
    Fact,
    Key,
)

_BUILTINS = frozenset(dir(builtins))
_MOST_PUBLIC_NAMES = 100
"""The shortest ones."""
_BLANK_LINES = re.compile(r"\A\s*\n")
_ROLES = {
    "abstractmethod": "abstract",
    "cached_property": "property",
    "classmethod": "classmethod",
    "property": "property",
    "staticmethod": "staticmethod",
}
"""Decorators that change how something is called, and how that is told."""


class Telling:
    """Collects what is told of one codebase."""

    def __init__(self, name: str, names: Names) -> None:
        self._name, self._names = name, names
        self._key: Key = (NodeKind.CODEBASE.value, name)
        self._entities: dict[Key, Entity] = {}
        self._facts: dict[tuple[Key, EdgeKind, Key | None], Fact] = {}
        self._public_names = self._re_exported()

    @property
    def entities(self) -> list[Entity]:
        return list(self._entities.values())

    @property
    def facts(self) -> list[Fact]:
        """Those whose ends are told: a name may be too long to be."""
        return [
            fact for fact in self._facts.values()
            if fact.source in self._entities and fact.target in self._entities
        ]  # fmt: skip

    def codebase(self, version: str | None, package: Module | None) -> None:
        """Tell of the codebase itself; `package` is the one of its name."""
        told: dict[str, JsonValue] = {"language": "Python"}
        if version:
            told["version"] = version
        self._entity(self._key, _docstring(package.tree) if package else "", told)

    def module(self, module: Module, file: str, parent: str | None) -> None:
        """Tell of a module and all that it defines."""
        key = self._key_of(module)
        docstring = _docstring(module.tree)
        told: dict[str, JsonValue] = {"file": file}
        found = of_module(docstring)
        told |= _deprecated(found)
        self._entity(key, docstring, told)
        self._fact(self._module_key(parent) if parent else self._key, EdgeKind.CONTAINS, key)
        self._deprecations(key, found, module, None)
        for used in used_by_module(self._names, module):
            self._fact(key, EdgeKind.USES, self._key_of(used))
        for thing in module.definitions.values():
            self._definition(thing, key, module, None)

    def _definition(self, thing: Definition, parent: Key, module: Module, owner: Definition | None) -> None:
        key = self._key_of(thing)
        docstring = next(filter(None, map(_docstring, (thing.node, *thing.variants))), "")
        found = deprecations(thing, docstring)
        of_itself = [each for each in found if each.parameters is None]
        told = self._properties(thing, module) | _deprecated(of_itself)
        self._entity(key, docstring, told)
        self._fact(parent, EdgeKind.CONTAINS, key)
        self._deprecations(key, of_itself, module, owner)
        for used in used_by(self._names, module, thing, owner):
            self._fact(key, EdgeKind.USES, self._key_of(used))
        if isinstance(thing.node, Function):
            names = {name for each in found for name in each.parameters or ()}
            self._parameters(key, thing.node, module, deprecated=names, is_method=owner is not None)
            if owner:
                self._overrides(thing, owner)
        else:
            self._inherits(thing)
            for member in thing.members.values():
                self._definition(member, key, module, thing)

    def _properties(self, thing: Definition, module: Module) -> dict[str, JsonValue]:
        told: dict[str, JsonValue] = {}
        if public := self._public_names.get(thing):
            told["public_names"] = [*public[:_MOST_PUBLIC_NAMES]]
        roles = sorted(
            {_ROLES[name] for each in decorators(thing.node) if (name := each.split(".")[-1]) in _ROLES}
        )
        if roles:
            told["roles"] = [*roles]
        if isinstance(thing.node, ast.AsyncFunctionDef):
            told["async"] = True
        returned = thing.node.returns if isinstance(thing.node, Function) else None
        if returns := annotation_text(returned, self._known_in(module)):
            told["returns"] = returns
        return told

    def _parameters(
        self, of: Key, function: Function, module: Module, *, deprecated: set[str], is_method: bool
    ) -> None:
        for name, told in parameters(function, self._known_in(module), is_method=is_method):
            key = (NodeKind.PARAMETER.value, f"{of[1]}({name})")
            self._entity(key, "", told | ({"deprecated": True} if name in deprecated else {}))
            self._fact(of, EdgeKind.HAS_PARAMETER, key)
            if name in deprecated:
                self._fact(self._key, EdgeKind.DEPRECATES, key)

    def _inherits(self, thing: Definition) -> None:
        for base in self._names.bases(thing):
            key = self._key_of(base) if isinstance(base, Definition) else self._stub(base)
            self._fact(self._key_of(thing), EdgeKind.INHERITS, key)

    def _overrides(self, method: Definition, owner: Definition) -> None:
        found = self._names.inherited(owner, method.node.name)
        if found and found.kind == method.kind == "method":
            self._fact(self._key_of(method), EdgeKind.OVERRIDES, self._key_of(found))

    def _deprecations(
        self, key: Key, found: Sequence[Deprecation], module: Module, owner: Definition | None
    ) -> None:
        if found:
            self._fact(self._key, EdgeKind.DEPRECATES, key)
        for dotted in (name for each in found for name in each.instead):
            instead = self._offered(dotted.split("."), module, owner)
            if instead and self._key_of(instead) != key:
                self._fact(key, EdgeKind.REPLACED_BY, self._key_of(instead))
                return

    def _offered(
        self, parts: list[str], module: Module, owner: Definition | None
    ) -> Module | Definition | None:
        """What a text means by a name: a member beside it, what the module calls so, a full dotted name."""
        beside = self._names.inside(owner, parts) if owner else None
        return beside or self._names.find(module, parts) or self._names.find_anywhere(parts)

    def _re_exported(self) -> dict[Definition, list[str]]:
        """The names under which packages offer what their modules define; the shortest first."""
        found: dict[Definition, set[str]] = defaultdict(set)
        for package in self._names.packages():
            for name in self._names.offered(package):
                meant = self._names.find(package, [name])
                if isinstance(meant, Definition) and meant.module != package.name:
                    found[meant].add(key_name(self._name, f"{package.name}.{name}"))
        return {thing: sorted(names, key=lambda name: (len(name), name)) for thing, names in found.items()}

    def _known_in(self, module: Module) -> IsKnown:
        return lambda name: (
            name in _BUILTINS or name in module.names or self._names.find(module, [name]) is not None
        )

    def _key_of(self, thing: Module | Definition) -> Key:
        if isinstance(thing, Module):
            return self._module_key(thing.name)
        return thing.kind, key_name(self._name, thing.name)

    def _module_key(self, name: str) -> Key:
        return NodeKind.MODULE.value, key_name(self._name, name)

    def _entity(self, key: Key, docstring: str, told: dict[str, JsonValue]) -> None:
        """The first of a key counts; a package may hold a module and a class of one name."""
        known = self._entities.get(key)
        if len(key[1]) > LONGEST_NAME or (known and known.properties is not None):
            return
        description, body = _paragraphs(docstring)
        self._entities[key] = Entity(*key, description, body, {"codebase": self._name, **told})

    def _stub(self, dotted: str) -> Key:
        """A class that is not read here: it is there, and nothing else is said of it."""
        name = key_name(self._name, dotted) if self._names.is_own(dotted) else dotted
        key = (NodeKind.CLASS.value, name)
        if len(name) <= LONGEST_NAME:
            self._entities.setdefault(key, Entity(*key))
        return key

    def _fact(self, source: Key, relation: EdgeKind, target: Key) -> None:
        """The first counts where a relation has one target: two definitions may have one name."""
        line = source, relation, None if RELATIONS[relation].functional else target
        self._facts.setdefault(line, Fact(source, relation.value, target))


def _deprecated(found: Sequence[Deprecation]) -> dict[str, JsonValue]:
    if not found:
        return {}
    since = next((each.since for each in found if each.since), None)
    return {"deprecated": True, **({"deprecated_since": since} if since else {})}


def _docstring(node: ast.AST) -> str:
    if not isinstance(node, ast.Module | ast.ClassDef | Function):
        return ""
    # Blank lines before it mean nothing, and would be taken off one by one, all others moved up each time.
    text = inspect.cleandoc(_BLANK_LINES.sub("\n", ast.get_docstring(node, clean=False) or ""))
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _paragraphs(docstring: str) -> tuple[str, str]:
    """The first paragraph in one line, and the whole if there is more of it."""
    first, _, rest = docstring.strip().partition("\n\n")
    description = " ".join(first.split())[:LONGEST_DESCRIPTION]
    return description, docstring[:LONGEST_BODY] if rest.strip() else ""
