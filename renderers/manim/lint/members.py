"""Methods and attributes that an object of Manim does not have: renamed where that is sure, else named.

A method that only another kind of scene has makes the scene one of that kind.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.knowledge import ManimIndex
from renderers.manim.knowledge.nearest import nearest, the_one_meant, told
from renderers.manim.knowledge.renames import MEMBERS
from renderers.manim.lint.calls import owner_of
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.objects import Objects, objects_of
from renderers.manim.lint.script import Script

_ACCESSORS = ("get_", "set_")
"""A mobject answers to these before the name of any of its attributes."""
_OF_EVERYTHING = set(dir(object))
INTERACTIVE = {"embed", "interactive_embed", "interact", "checkpoint_paste"}
"""What ManimGL does in its window; there is none here."""


def check_members(script: Script) -> Iterator[Edit | Fault]:
    """Every attribute that an object, as far as its class is known, does not have."""
    objects = objects_of(script)
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Attribute) and not (
            isinstance(node.ctx, ast.Store) or node.attr in script.stored_attributes
        ):
            yield from _unknown_member(script, objects, node)


def _unknown_member(script: Script, objects: Objects, node: ast.Attribute) -> Iterator[Edit | Fault]:
    if script.manim_name(node) or node.attr in _OF_EVERYTHING:
        return
    target = owner_of(node)
    if isinstance(target, ast.Name) and target.id == "self":
        yield from _unknown_of_self(script, objects, node)
        return
    owner = objects.class_of(target)
    if owner is None:
        yield from _renamed_anywhere(script, objects, node)
        return
    members = script.index.members(owner)
    if _has(script.index, owner, members, node.attr):
        return
    yield _what_is_meant(script, node, owner, members, asked=owner)


def _what_is_meant(
    script: Script, node: ast.Attribute, owner: str, members: set[str], *, asked: str
) -> Edit | Fault:
    """The one member that a name must stand for, or the fault: `asked` has no such member."""
    rename = next((r for r in MEMBERS if r.old == node.attr and script.index.is_a(owner, r.owner)), None)
    meant = rename.new if rename else the_one_meant(node.attr, members)
    if meant and meant.partition(".")[0] in members:
        return _renaming(script, node, meant, owner)
    message = f"{asked} has no {node.attr!r}{told(nearest(node.attr, members))}"
    return script.fault("unknown-attribute", node, message)


def _has(index: ManimIndex, owner: str, members: set[str], name: str) -> bool:
    """Whether objects of a class answer to a name; a mobject does for its attributes after `get_`, `set_`."""
    if name in members or name == "animate":
        return True
    return index.is_a(owner, "Mobject") and name.startswith(_ACCESSORS) and name[4:] in members


def _renaming(script: Script, node: ast.Attribute, meant: str, owner: str) -> Edit:
    end = script.span(node)[1]
    note = f"{owner} has {meant}, not {node.attr}"
    return Edit(end - len(node.attr), end, meant, script.noted(node, note))


def _renamed_anywhere(script: Script, objects: Objects, node: ast.Attribute) -> Iterator[Edit]:
    """An old method that no class has any more is renamed on objects of unknown class, too."""
    if isinstance(node.value, ast.Name) and (node.value.id in script.prefixes | {"np", "math", "random"}):
        return
    defined = {name for one in objects.classes.values() for name in objects.own_members(one)}
    renames = {rename.new for rename in MEMBERS if rename.old == node.attr and rename.owner != "Scene"}
    is_call = isinstance(script.parents[node], ast.Call)
    is_gone = "_" in node.attr and node.attr not in script.index.all_members | defined
    if is_call and is_gone and len(renames) == 1:
        yield _renaming(script, node, renames.pop(), "Manim")


def _unknown_of_self(script: Script, objects: Objects, node: ast.Attribute) -> Iterator[Edit | Fault]:
    around = objects.class_of_self(node)
    if around is None:
        return
    bases = objects.manim_bases(around)
    if not bases or node.attr in objects.own_members(around):
        return
    index, owner = script.index, bases[0]
    members = {member for base in bases for member in index.members(base)}
    if _has(index, owner, members, node.attr) or node.attr.startswith("__"):
        return
    if node.attr in INTERACTIVE and index.is_a(owner, "Scene"):
        return
    if other := _scene_with(index, owner, node.attr):
        yield from becoming(script, around, other, f"self.{node.attr} needs a {other}")
        return
    yield _what_is_meant(script, node, owner, members, asked=f"a {owner}")


def _scene_with(index: ManimIndex, owner: str, member: str) -> str | None:
    """The one kind of scene, nearest to `owner`, that has a member which `owner` lacks."""
    if not index.is_a(owner, "Scene"):
        return None
    having = [
        entry.name for entry in index.entries
        if entry.exported and index.is_a(entry.name, owner)
        and (member in entry.attributes or any(method.name == member for method in entry.methods))
    ]  # fmt: skip
    first = [one for one in having if not any(index.is_a(one, other) for other in having if other != one)]
    return first[0] if len(first) == 1 else None


def becoming(script: Script, defined: ast.ClassDef, base: str, why: str) -> Iterator[Edit]:
    """Another base for a scene class, if its base stands there as a plain name."""
    for node in defined.bases:
        if script.manim_name(node) and script.index.is_a(base, script.manim_name(node) or ""):
            prefix = script.source(node).rpartition(".")[0]
            yield script.replacing(node, f"{prefix}.{base}" if prefix else base, why)
