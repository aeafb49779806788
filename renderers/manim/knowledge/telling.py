"""Entries of the index as a model reads them: signature, what it is, the methods that matter; kept short."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from renderers.manim.knowledge.index import Callable, Entry, Parameter

_LONGEST = 2_000
_LONGEST_HEAD = 750
_WITH_ALL_PARAMETERS = 2
"""The first entries, mostly what the question names, are told with all parameters if there is room."""
_MOST_PASSED_ON = 9
_RARELY_GIVEN = frozenset(
    ("background_image", "background_stroke_color", "background_stroke_opacity", "background_stroke_width",
     "cap_style", "close_new_points", "dim", "joint_type", "make_smooth_after_applying_functions", "name",
     "n_points_per_cubic_curve", "normal_vector", "num_components", "path_string_config", "shade_in_3d",
     "pre_function_handle_to_anchor_scale_factor", "sheen_direction", "sheen_factor", "svg_default", "target",
     "tip_style", "tolerance_for_point_equality", "use_override", "use_svg_cache", "warn_missing_font")
)  # fmt: skip
"""Keywords that nearly everything takes and a scene hardly ever gives."""
_AND_MORE = "…"
_VALUES = frozenset(("color", "direction", "constant", "module"))
_OTHER_RENDERER = re.compile(r" \| OpenGL\w+|OpenGL\w+ \| ")


def told(
    entries: Sequence[Entry],
    remarks: Mapping[str, Sequence[str]] = MappingProxyType({}),
    notes: Sequence[str] = (),
) -> str:
    """Entries as text for a model, the first ones most fully; at most 2,000 characters, no line of them cut.

    `remarks` are lines that belong to the entries of these names; `notes` come before all entries.
    """
    texts = list(_fitting(notes, _LONGEST // 4))
    left = _LONGEST - sum(len(text) + 1 for text in texts)
    for place, entry in enumerate(entries):
        share = max(left * 2 // 5, 160) if place < len(entries) - 1 else left
        head = _LONGEST_HEAD if place < _WITH_ALL_PARAMETERS else 0
        text = _entry(entry, remarks.get(entry.name, ()), min(share, left), min(max(share, head), left))
        if text:
            texts.append(text)
            left -= len(text) + 1
    return "\n".join(texts) or "nothing of that kind is in the installed Manim"


def _entry(entry: Entry, remarks: Sequence[str], longest: int, longest_head: int) -> str:
    """As much of an entry as so many characters hold, by whole lines; empty if its first line is too long."""
    head = next((text for text in _heads(entry) if len(text) <= longest_head), "")
    if not head or entry.kind in _VALUES:
        return head
    lines = []
    if entry.kind == "method" and entry.lineage:
        lines.append(f"  also of {', '.join(entry.lineage)}")
    if entry.kind == "class" and entry.lineage:
        lines.append(f"  a {' < '.join(entry.lineage[:3])}")
    lines += [f"  {remark}" for remark in remarks]
    lines += [f"  .{_signature(one, one.name)}" for one in entry.methods]
    return "\n".join([head, *_fitting(lines, longest - len(head) - 1)])


def _heads(entry: Entry) -> Iterator[str]:
    """The first line of an entry, from the fullest to the shortest."""
    if entry.kind in _VALUES:
        yield f"{entry.name}: {entry.kind} {entry.about}".strip()
        return
    about = f" - {entry.about}" if entry.about else ""
    given, passed = _given(entry.parameters), _passed(entry)
    needed = _given([one for one in entry.parameters if one.default is None])
    least = needed if needed == [*given, *passed] else [*needed, _AND_MORE]
    yield f"{_call(entry, entry.name, [*given, *passed])}{about}"
    yield f"{_call(entry, entry.name, [*given, _AND_MORE] if passed else given)}{about}"
    yield f"{_call(entry, entry.name, least)}{about}"
    yield _call(entry, entry.name, least)


def _fitting(lines: Sequence[str], longest: int) -> Iterator[str]:
    """The first of some lines, as many as have so many characters together."""
    for line in lines:
        longest -= len(line) + 1
        if longest < -1:
            return
        yield line


def _signature(called: Callable, name: str) -> str:
    return _call(called, name, [*_given(called.parameters), *_passed(called)])


def _call(called: Callable, name: str, arguments: Sequence[str]) -> str:
    returned = _OTHER_RENDERER.sub("", called.returns)
    returns = f" -> {returned}" if returned not in {"", "None", "Self"} else ""
    return f"{name}({', '.join(arguments)}){returns}"


def _given(parameters: Sequence[Parameter]) -> list[str]:
    return [_parameter(one) for one in parameters if not one.name.startswith("_")]


def _passed(called: Callable) -> list[str]:
    """The keywords that are passed on, those first that are its own; the last of many are only hinted at."""
    passed = sorted(
        (one for one in called.passes_on if one not in _RARELY_GIVEN and not one.startswith("_")),
        key=lambda one: one.startswith(("fill_", "stroke_")),
    )
    more = [_AND_MORE] if len(passed) > _MOST_PASSED_ON else []
    return [f"also {passed[0]}", *passed[1:_MOST_PASSED_ON], *more] if passed else []


def _parameter(one: Parameter) -> str:
    star = "*" if one.kind == "rest" else ""
    return f"{star}{one.name}" if one.default is None else f"{star}{one.name}={one.default}"
