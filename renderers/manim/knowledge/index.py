"""The names of one version of Manim, as data. Knows nothing of how they are found, and imports no Manim.

Whoever needs to know whether something exists, what it takes and what it can do asks a ManimIndex.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["class", "function", "method", "color", "direction", "rate function", "constant", "module"]


class _Noun(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Parameter(_Noun):
    """What a call takes: `rest` gathers positions (`*mobjects`), `keyword` can only be given by name."""

    name: str
    kind: Literal["ordinary", "keyword", "rest"] = "ordinary"
    default: str | None = Field(default=None, description="as Python; None: it has to be given")
    annotation: str = ""


class Callable(_Noun):
    """Something that can be called: a function, a method (without `self`), a class."""

    name: str = Field(description="as it is written in a scene, such as Circle or Axes.plot")
    about: str = Field(default="", description="the first sentence of its documentation")
    parameters: list[Parameter] = []
    passes_on: list[str] = Field(default=[], description="further keywords, which others define")
    takes_any_keyword: bool = False
    returns: str = Field(default="", description="as annotated; 'Self' is the object itself")

    @property
    def keywords(self) -> set[str]:
        """Every name that an argument can be given by."""
        return {*self.passes_on, *(one.name for one in self.parameters if one.kind != "rest")}


class Method(Callable):
    """A method of a class."""


class Entry(Callable):
    """One name: a class with the parameters of its constructor, a function, a method, a constant."""

    kind: Kind
    module: str = ""
    lineage: list[str] = Field(
        default=[], description="a class: its ancestors, nearest first; a method: classes that have it"
    )
    methods: list[Method] = Field(default=[], description="of a class: its own, without its ancestors'")
    attributes: list[str] = Field(default=[], description="of a class: its own, without its ancestors'")
    exported: bool = Field(default=True, description="`from manim import *` gives it")


class ManimIndex(_Noun):
    """Everything that one version of Manim offers to a scene."""

    version: str
    entries: list[Entry]
    modules: dict[str, list[str]] = Field(default={}, description="module to what can be imported from it")
    colors: dict[str, str] = Field(default={}, description="name of a color elsewhere to its expression here")
    config: list[str] = Field(default=[], description="the attributes of `config`")
    libraries: list[str] = Field(default=[], description="what is installed along with Manim")

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries}

    @cached_property
    def exported(self) -> frozenset[str]:
        """The names that `from manim import *` gives."""
        return frozenset(entry.name for entry in self.entries if entry.exported and "." not in entry.name)

    @cached_property
    def all_members(self) -> frozenset[str]:
        """Everything that an object of any class answers to."""
        return frozenset(member for entry in self.entries for member in self.members(entry.name))

    def entry(self, name: str) -> Entry | None:
        """The entry of exactly this name, None if there is none."""
        return self._by_name.get(name)

    def ancestry(self, name: str) -> Iterator[Entry]:
        """The class of this name and all its ancestors, nearest first; nothing for any other name."""
        entry = self.entry(name)
        if entry and entry.kind == "class":
            yield entry
            yield from (self._by_name[parent] for parent in entry.lineage if parent in self._by_name)

    def is_a(self, name: str, ancestor: str) -> bool:
        """Whether the class `name` is `ancestor` or descends from it."""
        return any(entry.name == ancestor for entry in self.ancestry(name))

    def method(self, class_name: str, method: str) -> Method | None:
        """The method that an object of this class has under this name, its own or inherited."""
        for entry in self.ancestry(class_name):
            for one in entry.methods:
                if one.name == method:
                    return one
        return None

    def members(self, class_name: str) -> set[str]:
        """The methods and attributes of a class, inherited ones included; empty if it is unknown."""
        found: set[str] = set()
        for entry in self.ancestry(class_name):
            found.update(entry.attributes, (method.name for method in entry.methods))
        return found
