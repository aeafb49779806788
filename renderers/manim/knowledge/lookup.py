"""Which entries of an index of Manim a query names, and which one a piece of its code is. Imports no Manim.

Finds by names alone: current, old and misspelt ones. What was found otherwise comes with its dotted name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from renderers.manim.knowledge.index import Entry, ManimIndex, Method
from renderers.manim.knowledge.nearest import nearest
from renderers.manim.knowledge.renames import MEMBERS, NAMES

_PACKAGE = "manim."
_RATE_FUNCTIONS = "rate_functions"
_MOST_OF_A_CLASS = 2
_INTERNAL = (
    "init_", "generate_points", "get_default", "handle_", "should_", "construct", "setup", "tear_down", "on_",
    "gen_", "compile_", "play_internal", "render", "get_moving", "get_restructured", "load_", "modify_xml",
    "set_key", "update_to_time", "embed", "interactive", "check_", "validate", "assign_", "consider_",
)  # fmt: skip
"""Begins the names of methods that Manim calls itself."""
_GENERIC = frozenset({"Mobject", "VMobject", "Scene", "Animation", "Group", "VGroup", "SVGMobject", "Camera"})
"""Classes whose methods nearly everything has: told of themselves only, not of each descendant."""
_OF_A_SCENE = ("Mobject", "Scene", "CoordinateSystem")
"""Whoever writes a scene calls methods of what descends from these."""


def named(index: ManimIndex, query: str) -> list[Entry]:
    """The entries that a query names: by `Class`, `Class.method`, `manim.Class`, an old name or nearly."""
    found = [entry for name in _names_in(query) for entry in _by_name(index, name)]
    return list({entry.name: entry for entry in found}.values())


def entry_of(index: ManimIndex, kind: str, dotted: str) -> Entry | None:
    """The entry of what is defined as `dotted`, a class, function or method; None if of no use to a scene."""
    path, _, name = dotted.rpartition(".")
    if kind == "method":
        owner = path.rpartition(".")[2]
        if not any(index.is_a(owner, one) for one in _OF_A_SCENE) or not index.entry(owner):
            return None
        method = index.method(owner, name)
        return _as_entry(index, owner, method) if method and _is_of_use(method) else None
    entry = index.entry(name)
    if entry is None and path.endswith(f".{_RATE_FUNCTIONS}"):
        entry = index.entry(f"{_RATE_FUNCTIONS}.{name}")
    if entry is None or not (entry.exported and entry.about) or entry.module != path:
        return None
    return _with_inherited(index, entry)


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


def _names_in(query: str) -> list[str]:
    """The words of a query that are written like names of Manim."""
    words = re.findall(r"\b[A-Za-z_][\w.]*", query)
    return [word.strip(".") for word in words if len(words) == 1 or re.search(r"[A-Z_.]", word)]


def _by_name(index: ManimIndex, name: str) -> list[Entry]:
    """What a name stands for: itself, however it is written, its successor, or the nearest there is."""
    if exact := _exactly(index, name) or _whole(index, name):
        return exact
    lowered = [one for one in index.exported if one.lower() == name.lower()]
    last = name.rpartition(".")[2]
    successors = [NAMES.get(last, ""), *(f"{one.owner}.{one.new}" for one in MEMBERS if one.old == last)]
    known = [entry for one in (*lowered, *successors) for entry in _exactly(index, one)]
    return known or [entry for one in nearest(name, index.exported) for entry in _exactly(index, one)]


def _whole(index: ManimIndex, name: str) -> list[Entry]:
    """What is imported as `manim.Circle`, `manim.mobject.geometry.arc.Circle`, and the like of methods."""
    if not name.startswith(_PACKAGE):
        return []
    parts = name.split(".")
    return next((found for count in (2, 1) if (found := _exactly(index, ".".join(parts[-count:])))), [])


def _exactly(index: ManimIndex, name: str) -> list[Entry]:
    if entry := index.entry(name):
        return [_with_inherited(index, entry)]
    if entry := index.entry(f"{_RATE_FUNCTIONS}.{name}"):
        return [entry]
    owner, _, method = name.rpartition(".")
    if owner:
        found = index.method(owner, method)
        return [_as_entry(index, owner, found)] if found else []
    owners = [entry for entry in index.entries if any(one.name == method for one in entry.methods)]
    first = [one for one in owners if not any(parent.name in one.lineage for parent in owners)]
    return [_as_entry(index, one.name, found) for one in first if (found := index.method(one.name, method))]


def _with_inherited(index: ManimIndex, entry: Entry) -> Entry:
    """A class with the methods, too, that its nearer ancestors give it."""
    methods = {method.name: method for method in entry.methods}
    for parent in index.ancestry(entry.name):
        if parent.name not in _GENERIC:
            for method in parent.methods:
                methods.setdefault(method.name, method)
    return entry.model_copy(update={"methods": list(methods.values())})


def _as_entry(index: ManimIndex, owner: str, method: Method) -> Entry:
    return Entry(
        name=f"{owner}.{method.name}", kind="method", about=method.about, parameters=method.parameters,
        passes_on=method.passes_on, takes_any_keyword=method.takes_any_keyword, returns=method.returns,
        lineage=[one.name for one in index.entries if one.exported and owner in one.lineage][:4],
    )  # fmt: skip


def _is_of_use(method: Method) -> bool:
    """Whether a scene may want to call a documented method, not only Manim itself."""
    return bool(method.about) and not method.name.startswith(_INTERNAL)
