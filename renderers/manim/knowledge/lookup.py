"""The entries of an index of Manim by exact names and by a piece of its code, and the best of many.

Knows nothing of questions in words, and nothing of old or misspelt names. Imports no Manim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from renderers.manim.knowledge.index import Entry, ManimIndex, Method, Parameter
from renderers.manim.knowledge.scene_use import has_methods, is_called, is_drawn, is_for_scenes, tells_methods

_PACKAGE = "manim."
_RATE_FUNCTIONS = "rate_functions"
_MOST_OF_A_CLASS = 2
_GENERIC = frozenset({"Mobject", "VMobject", "Scene", "Animation", "Group", "VGroup", "SVGMobject", "Camera"})
"""Classes whose methods nearly everything has: told of themselves only, not of each descendant."""


def entry_of(index: ManimIndex, kind: str, dotted: str) -> Entry | None:
    """The entry of what is defined as `dotted`, a class, function or method; None if of no use to a scene."""
    path, _, name = dotted.rpartition(".")
    if kind == "method":
        owner = index.entry(path.rpartition(".")[2])
        if owner is None or not is_drawn(owner) or not has_methods(index, owner.name):
            return None
        method = index.method(owner.name, name)
        return _as_entry(index, owner.name, method) if method and method.about and is_called(name) else None
    entry = index.entry(name)
    if entry is None and path.endswith(f".{_RATE_FUNCTIONS}"):
        entry = index.entry(f"{_RATE_FUNCTIONS}.{name}")
    if entry is None or not (entry.exported and entry.about and is_for_scenes(entry)) or entry.module != path:
        return None
    return _with_its_methods(index, entry)


def best(entries: Iterable[Entry], limit: int = 8) -> list[Entry]:
    """The first of them, each once, with at most two methods of a class: the class tells the others."""
    methods: Counter[str] = Counter()
    chosen: dict[str, Entry] = {}
    for entry in entries:
        owner = entry.name.rpartition(".")[0] if entry.kind == "method" else ""
        if entry.name not in chosen and not (owner and methods[owner] == _MOST_OF_A_CLASS):
            methods[owner] += 1
            chosen[entry.name] = entry
    return list(chosen.values())[:limit]


def exactly(index: ManimIndex, name: str) -> list[Entry]:
    """What is written so: `Circle`, `Circle.move_to`, `manim.Circle`, a rate function, any class's method."""
    if name.startswith(_PACKAGE):
        return _in_package(index, name)
    if (entry := index.entry(name)) and is_drawn(entry):
        return [_with_its_methods(index, entry)]
    if entry := index.entry(f"{_RATE_FUNCTIONS}.{name}"):
        return [entry]
    owner, _, method = name.rpartition(".")
    if owner:
        whose = index.entry(owner)
        found = index.method(owner, method) if whose and is_drawn(whose) else None
        return [_as_entry(index, owner, found)] if found else []
    owners = _who_has(index, lambda entry: any(one.name == method for one in entry.methods))
    return [_as_entry(index, one.name, found) for one in owners if (found := index.method(one.name, method))]


def whatever_the_case(index: ManimIndex, name: str) -> list[Entry]:
    """What differs from a name by small and capital letters alone."""
    alike = [one for one in index.exported if one.lower() == name.lower()]
    return [entry for one in sorted(alike) for entry in exactly(index, one)]


def takers_of(index: ManimIndex, keyword: str) -> list[Entry]:
    """What defines this keyword: classes first, the most general first, then methods that a scene calls."""
    classes = [
        one
        for one in index.entries
        if one.exported and is_for_scenes(one) and _defines(one.parameters, keyword)
    ]
    methods = [
        _as_entry(index, one.name, method)
        for one in index.entries if is_drawn(one) and has_methods(index, one.name)
        for method in one.methods if is_called(method.name) and _defines(method.parameters, keyword)
    ]  # fmt: skip
    return [_with_its_methods(index, one) for one in _most_general_first(index, classes)] + methods


def holders_of(index: ManimIndex, attribute: str) -> list[str]:
    """The classes whose objects carry this attribute, the most general first, without their descendants."""
    return [entry.name for entry in _who_has(index, lambda entry: attribute in entry.attributes)]


def _defines(parameters: list[Parameter], keyword: str) -> bool:
    return any(one.name == keyword and one.kind != "rest" for one in parameters)


def _in_package(index: ManimIndex, name: str) -> list[Entry]:
    """What is imported as `manim.Circle`, `manim.mobject.geometry.arc.Circle`, and the like of methods."""
    parts = name.removeprefix(_PACKAGE).split(".")
    return next((found for count in (2, 1) if (found := exactly(index, ".".join(parts[-count:])))), [])


def _who_has(index: ManimIndex, has: Callable[[Entry], bool]) -> list[Entry]:
    """The classes of which that is true, the most general first, without those that inherit it."""
    owners = [entry for entry in index.entries if is_for_scenes(entry) and has(entry)]
    names = {owner.name for owner in owners}
    return _most_general_first(index, [one for one in owners if not names.intersection(one.lineage)])


def _most_general_first(index: ManimIndex, entries: list[Entry]) -> list[Entry]:
    descendants = Counter(parent for entry in index.entries for parent in entry.lineage)
    return sorted(entries, key=lambda entry: (-descendants[entry.name], entry.name))


def _with_its_methods(index: ManimIndex, entry: Entry) -> Entry:
    """A class with the methods that a scene calls, its nearer ancestors' too."""
    methods: dict[str, Method] = {}
    for one in index.ancestry(entry.name) if tells_methods(entry) else ():
        if one.name == entry.name or one.name not in _GENERIC:
            for method in filter(lambda each: is_called(each.name), one.methods):
                methods.setdefault(method.name, method)
    return entry.model_copy(update={"methods": list(methods.values())})


def _as_entry(index: ManimIndex, owner: str, method: Method) -> Entry:
    return Entry(
        name=f"{owner}.{method.name}", kind="method", about=method.about, parameters=method.parameters,
        passes_on=method.passes_on, takes_any_keyword=method.takes_any_keyword, returns=method.returns,
        lineage=[one.name for one in index.entries if one.exported and owner in one.lineage][:4],
    )  # fmt: skip
