"""What a name means: followed through imports, aliases, stars and base classes of one codebase. Runs nothing.

What cannot be followed means nothing: it is not guessed.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from quantumsketch.memory.codebases.definitions import Definition, Import, Module, dotted

Meaning = Module | Definition
_BUILTINS = frozenset(dir(builtins))
_MOST_ANCESTORS = 200
"""Of a class, itself among them: far more than any has that is written to be used."""


class Names:
    """The names of all modules of a codebase."""

    def __init__(self, modules: Mapping[str, Module], source_folders: Sequence[str] = ()) -> None:
        self._modules = modules
        self._source_folders = [f"{folder}." for folder in source_folders]
        """Folders that are no packages: what lies in them imports its neighbours without naming them."""
        self._topmost = {name.split(".")[0] for name in modules}
        self._deepest = max((name.count(".") + 1 for name in modules), default=0)
        self._found: dict[tuple[str, str], Meaning | None] = {}
        self._bases: dict[Definition, list[Definition | str]] = {}
        self._public: dict[str, dict[str, None]] = {}

    def find(self, module: Module, parts: Sequence[str]) -> Meaning | None:
        """Return what `parts` mean where `module` says them."""
        return _last(self.along(module, parts))

    def along(self, module: Module, parts: Sequence[str]) -> Iterator[Meaning | None]:
        """Yield what each beginning of `parts` means where `module` says it, the shortest first."""
        if not parts:
            return
        first = self._attribute(module, parts[0])
        what = module.imports.get(parts[0])
        if first is None and what and what.name is None:
            # a folder that is no package has modules all the same
            above = what.module.split(".")
            yield from islice(self._along_anywhere([*above, *parts[1:]]), len(above) - 1, None)
        else:
            yield from self.along_inside(first, parts[1:])

    def find_anywhere(self, parts: Sequence[str]) -> Meaning | None:
        """Return what the whole dotted name means, wherever it is said."""
        return _last(self._along_anywhere(parts))

    def _along_anywhere(self, parts: Sequence[str]) -> Iterator[Meaning | None]:
        thing: Meaning | None = None
        for depth, part in enumerate(parts, 1):
            module = self._modules.get(".".join(parts[:depth])) if depth <= self._deepest else None
            thing = module or self._step(thing, part)
            yield thing

    def imported(self, importer: str, what: Import) -> Meaning | None:
        """Return what an import of the module called `importer` brings."""
        module = self._module(importer, what.module)
        if what.name is None:
            return module
        if module is None:
            return self._module(importer, f"{what.module}.{what.name}")
        return self._attribute(module, what.name)

    def inside(self, thing: Meaning | None, parts: Sequence[str]) -> Meaning | None:
        """Return what is called `parts` in a module or class."""
        return _last(self.along_inside(thing, parts))

    def along_inside(self, thing: Meaning | None, parts: Sequence[str]) -> Iterator[Meaning | None]:
        """Yield the thing itself, and what each beginning of `parts` means in it, the shortest first."""
        yield thing
        for part in parts:
            thing = self._step(thing, part)
            yield thing

    def _step(self, thing: Meaning | None, part: str) -> Meaning | None:
        if isinstance(thing, Module):
            return self._attribute(thing, part)
        return self.member(thing, part) if thing else None

    def member(self, thing: Definition, name: str) -> Definition | None:
        """Return the member of a class, its own or inherited within the codebase."""
        return next((each.members[name] for each in self.ancestry(thing) if name in each.members), None)

    def inherited(self, thing: Definition, name: str) -> Definition | None:
        """Return the member that the bases of a class within the codebase give it."""
        bases = islice(self.ancestry(thing), 1, None)
        return next((each.members[name] for each in bases if name in each.members), None)

    def ancestry(self, thing: Definition) -> Iterator[Definition]:
        """Yield a class and its bases within the codebase: depth first, each once, 200 at most."""
        seen: set[Definition] = set()
        waiting = [thing]
        while waiting and len(seen) < _MOST_ANCESTORS:
            each = waiting.pop()
            if each not in seen:
                seen.add(each)
                yield each
                above = [base for base in self.bases(each) if isinstance(base, Definition)]
                waiting += above[:_MOST_ANCESTORS][::-1]

    def bases(self, thing: Definition) -> list[Definition | str]:
        """Return the bases of a class: definitions, and dotted names of those outside of the codebase."""
        if thing not in self._bases:
            self._bases[thing] = []  # what a circle sees
            with suppress(RecursionError):
                self._bases[thing] = [*self._found_bases(thing)]
        return self._bases[thing]

    def _found_bases(self, thing: Definition) -> Iterator[Definition | str]:
        for node in thing.node.bases if isinstance(thing.node, ast.ClassDef) else []:
            parts = dotted(node.value if isinstance(node, ast.Subscript) else node)
            base = self._base(thing, parts) if parts else None
            if base and base is not thing:
                yield base

    def is_own(self, dotted: str) -> bool:
        """Tell whether a dotted name begins like one of this codebase."""
        return dotted.split(".")[0] in self._topmost

    def packages(self) -> list[Module]:
        """Return the modules that hold others."""
        return [module for module in self._modules.values() if module.is_package]

    def offered(self, package: Module) -> list[str]:
        """Return the public names that a package imports, one by one or by stars."""
        starred = [
            name for star in package.stars if (source := self._module(package.name, star))
            for name in self.public(source)
        ]  # fmt: skip
        return [name for name in dict.fromkeys([*package.imports, *starred]) if not name.startswith("_")]

    def public(self, module: Module) -> Collection[str]:
        """Return the names that a star imports from `module`."""
        if module.name not in self._public:
            self._public[module.name] = {}  # what a circle of stars sees
            with suppress(RecursionError):
                self._public[module.name] = dict.fromkeys(self._public_names(module))
        return self._public[module.name]

    def _public_names(self, module: Module) -> Iterator[str]:
        if module.exported is not None:
            yield from module.exported
            return
        yield from (name for name in (*module.definitions, *module.imports) if not name.startswith("_"))
        for star in module.stars:
            if source := self._module(module.name, star):
                yield from self.public(source)

    def _base(self, thing: Definition, parts: list[str]) -> Definition | str | None:
        module = self._modules[thing.module]
        found = self.find(module, parts)
        if found is None:
            return self._outside(module, parts)
        return found if isinstance(found, Definition) and found.kind == "class" else None

    def _outside(self, module: Module, parts: list[str]) -> str | None:
        """The dotted name of what is imported from elsewhere, or built in."""
        what = module.imports.get(parts[0])
        if what is not None:
            named = [what.module, *([what.name] if what.name else []), *parts[1:]]
            return None if self._module(module.name, what.module) else ".".join(named)
        is_builtin = len(parts) == 1 and parts[0] in _BUILTINS
        return f"builtins.{parts[0]}" if is_builtin and parts[0] not in module.definitions else None

    def _module(self, importer: str, name: str) -> Module | None:
        if name in self._modules:
            return self._modules[name]
        beside = (folder + name for folder in self._source_folders if importer.startswith(folder))
        return next((self._modules[each] for each in beside if each in self._modules), None)

    def _attribute(self, module: Module, name: str) -> Meaning | None:
        place = module.name, name
        if place not in self._found:
            self._found[place] = None  # what a circle of imports sees
            with suppress(RecursionError):  # a chain of hundreds of imports
                self._found[place] = self._looked_up(module, name)
        return self._found[place]

    def _looked_up(self, module: Module, name: str) -> Meaning | None:
        if name in module.definitions:
            return module.definitions[name]
        if name in module.imports and (found := self.imported(module.name, module.imports[name])):
            return found
        if submodule := self._modules.get(f"{module.name}.{name}"):
            return submodule
        for star in module.stars:
            source = self._module(module.name, star)
            if source and name in self.public(source) and (meant := self._attribute(source, name)):
                return meant
        return None


def _last(meanings: Iterable[Meaning | None]) -> Meaning | None:
    found = None
    for found in meanings:  # noqa: B007 - the last one is what is asked for
        pass
    return found
