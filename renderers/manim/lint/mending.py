"""Mends a scene's source as far as there is one right answer, and names the rest. Runs nothing of it.

What is mended is changed at its place; everything else, comments and formatting included, stays as written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from quantumsketch.checking import Fault
from renderers.manim.knowledge import ManimIndex
from renderers.manim.lint.animations import check_animations
from renderers.manim.lint.camera import check_camera
from renderers.manim.lint.cures import readable
from renderers.manim.lint.definitions import check_definitions
from renderers.manim.lint.edits import Edit, applied
from renderers.manim.lint.formulas import check_formulas
from renderers.manim.lint.imports import check_imports
from renderers.manim.lint.keywords import check_keywords
from renderers.manim.lint.members import check_members
from renderers.manim.lint.names import check_names
from renderers.manim.lint.outside import check_outside
from renderers.manim.lint.points import check_points
from renderers.manim.lint.scenes import check_scenes
from renderers.manim.lint.script import Script, excerpt, parses
from renderers.manim.lint.tex_characters import check_tex_characters
from renderers.manim.lint.values import check_values

Rule = Callable[[Script], Iterator[Edit | Fault]]

_RULES: tuple[Rule, ...] = (
    check_scenes, check_definitions, check_imports, check_formulas, check_tex_characters, check_camera,
    check_animations, check_names, check_values, check_points, check_keywords, check_members, check_outside,
)  # fmt: skip
_ROUNDS = 12
"""One mend can make the next one visible; the longest chain of them is far shorter."""

_MOST_FAULTS = 30
"""More than anybody reads; what is no scene at all has a fault in every word."""


@dataclass(frozen=True)
class Mended:
    """A source after mending: what was mended, and what is still wrong with it."""

    code: str
    mended: list[str]
    faults: list[Fault]


def mend(source: str, api: ManimIndex) -> Mended:
    """Mend a scene's source with what is known of the installed Manim; never raises because of it."""
    try:
        return _mended(source, api)
    except RecursionError:
        fault = Fault(rule="syntax", message="this is nested deeper than it can be read: write it flat")
        return Mended(source, [], [fault])


def _mended(source: str, api: ManimIndex) -> Mended:
    code, notes = readable(source)
    for _ in range(_ROUNDS):
        try:
            script = Script(code, api)
        except SyntaxError as error:
            return Mended(code, notes, [_syntax_fault(code, error)])
        changed, new_notes = applied(code, _edits(script))
        if changed == code or not parses(changed):
            break
        code, notes = changed, list(dict.fromkeys([*notes, *new_notes]))
    return Mended(code, notes, _faults(Script(code, api)))


def _edits(script: Script) -> list[Edit]:
    """What the first rule mends that has anything to mend: the others look at the outcome."""
    for rule in _RULES:
        if edits := [one for one in rule(script) if isinstance(one, Edit)]:
            return edits
    return []


def _faults(script: Script) -> list[Fault]:
    found = [one for rule in _RULES for one in rule(script) if isinstance(one, Fault)]
    distinct = {(one.rule, one.message, one.line): one for one in found}
    return sorted(distinct.values(), key=lambda fault: fault.line or 0)[:_MOST_FAULTS]


def _syntax_fault(code: str, error: SyntaxError) -> Fault:
    line = min(max(error.lineno or 1, 1), code.count("\n") + 1)
    message = f"this is not Python: {error.msg}"
    return Fault(
        rule="syntax", message=message, line=line, excerpt=excerpt(code.split("\n"), max(1, line - 1), line)
    )
