"""Keywords that a call does not take: old and misspelt ones become the right ones, the rest are named."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from quantumsketch.checking import Fault
from renderers.manim.knowledge.index import Callable
from renderers.manim.knowledge.nearest import nearest, the_one_meant, told
from renderers.manim.knowledge.renames import KEYWORDS
from renderers.manim.lint.calls import calls, definition, without_argument
from renderers.manim.lint.edits import Edit
from renderers.manim.lint.objects import objects_of
from renderers.manim.lint.script import Script

_ENDS = tuple((f"{axis}_min", f"{axis}_max", f"{axis}_range") for axis in "xyztuv")
_STEPS = {"x_range": ("x_step", "tick_frequency"), "y_range": ("y_step",), "t_range": ("t_step", "step_size")}
_PLAYED = {"run_time", "rate_func", "lag_ratio"}
"""What `Scene.play` is mostly given: it stores any keyword on its animations as an attribute."""


def check_keywords(script: Script) -> Iterator[Edit | Fault]:
    """Every keyword argument of a call into Manim that it does not take."""
    objects = objects_of(script)
    for call in calls(script):
        found = definition(script, objects, call) if call.keywords else None
        if found is None:
            continue
        merged = [*_merged_ranges(script, call, found[0]), *_lettering_of_code(script, call)]
        yield from merged
        for keyword in call.keywords if not merged else ():
            yield from _unknown_keyword(script, call, keyword, *found)


def _unknown_keyword(
    script: Script, call: ast.Call, keyword: ast.keyword, called: Callable, owner: str
) -> Iterator[Edit | Fault]:
    name, valid = keyword.arg, called.keywords
    if called.name == "play":
        valid = valid | _PLAYED
        if name in script.index.members("Transform"):
            return
    if name is None or name in valid:
        return
    given = {one.arg for one in call.keywords} | _filled_by_position(call, called)
    meant = _meant(script, name, valid, owner) or _opacity(name, called, given)
    if meant and meant in given:
        yield without_argument(
            script, call, keyword, f"took out {name}: {called.name} takes it as {meant}, which is given"
        )
    elif meant:
        start = script.span(keyword)[0]
        note = script.noted(call, f"{called.name} takes {meant}, not {name}")
        yield Edit(start, start + len(name), meant, note)
    elif not called.takes_any_keyword:
        near = nearest(name, valid) or sorted(one.name for one in called.parameters)[:8]
        yield script.fault(
            "unknown-keyword", keyword, f"{_full_name(called, owner)} takes no {name!r}{told(near)}"
        )


def _full_name(called: Callable, owner: str) -> str:
    return called.name if called.name == owner or not owner else f"{owner}.{called.name}"


def _meant(script: Script, name: str, valid: set[str], owner: str) -> str | None:
    for rename in KEYWORDS:
        fits = not rename.owner or script.index.is_a(owner, rename.owner)
        if rename.old == name and rename.new in valid and fits:
            return rename.new
    return the_one_meant(name, valid)


def _opacity(name: str, called: Callable, given: set[str | None]) -> str | None:
    """`opacity` is that of the fill for what has one: by nature, or by the color that it is given."""
    fill = next((one.default for one in called.parameters if one.name == "fill_opacity"), None)
    is_filled = fill not in {None, "0", "0.0"} or "fill_color" in given
    return "fill_opacity" if name == "opacity" and "fill_opacity" in called.keywords and is_filled else None


def _filled_by_position(call: ast.Call, called: Callable) -> set[str]:
    ordinary = [one.name for one in called.parameters if one.kind == "ordinary"]
    rest = any(isinstance(argument, ast.Starred) for argument in call.args)
    return set() if rest else set(ordinary[: len(call.args)])


def _merged_ranges(script: Script, call: ast.Call, called: Callable) -> Iterator[Edit]:
    """`x_min=0, x_max=3` becomes `x_range=[0, 3]`."""
    given = {keyword.arg: keyword for keyword in call.keywords if keyword.arg}
    valid = called.keywords
    for low, high, whole in _ENDS:
        if low not in given or high not in given or low in valid or whole in given:
            continue
        if whole not in valid and {"x_range", "t_range"} & valid and low in {"t_min", "x_min"}:
            whole = "t_range" if "t_range" in valid else "x_range"
        if whole not in valid:
            continue
        step = next((one for one in _STEPS.get(whole, ()) if one in given and one not in valid), None)
        parts = [script.source(given[one].value) for one in (low, high, step) if one]
        note = f"{called.name} takes {whole}, not {low} and {high}"
        yield script.replacing(given[low], f"{whole}=[{', '.join(parts)}]", note)
        for gone in (high, step):
            if gone:
                yield without_argument(script, call, given[gone], note)


def _lettering_of_code(script: Script, call: ast.Call) -> Iterator[Edit]:
    """`Code(font="…", font_size=…)` of older Manims: its letters are those of a Paragraph now."""
    code, paragraph = script.index.entry("Code"), script.index.entry("Paragraph")
    if script.manim_name(call.func) != "Code" or code is None or paragraph is None:
        return
    given = {keyword.arg for keyword in call.keywords}
    odd = [one for one in call.keywords if one.arg in paragraph.keywords - code.keywords]
    if not odd or "paragraph_config" in given:
        return
    inside = ", ".join(f'"{one.arg}": {script.source(one.value)}' for one in odd)
    note = "Code takes the look of its letters in paragraph_config"
    yield script.replacing(odd[0], f"paragraph_config={{{inside}}}", note)
    for one in odd[1:]:
        yield without_argument(script, call, one, note)
