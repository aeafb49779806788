"""Entries of the index as a model reads them: signature, what it is, the methods that matter; kept short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from renderers.manim.knowledge.index import Callable, Entry, Parameter

_LONGEST = 2_000
_MOST_PASSED_ON = 9
_RARELY_GIVEN = frozenset(
    ("background_image", "background_stroke_color", "background_stroke_opacity", "background_stroke_width",
     "cap_style", "close_new_points", "dim", "joint_type", "make_smooth_after_applying_functions", "name",
     "n_points_per_cubic_curve", "normal_vector", "num_components", "path_string_config", "shade_in_3d",
     "pre_function_handle_to_anchor_scale_factor", "sheen_direction", "sheen_factor", "svg_default", "target",
     "tip_style", "tolerance_for_point_equality", "use_override", "use_svg_cache", "warn_missing_font")
)  # fmt: skip
"""Keywords that nearly everything takes and a scene hardly ever gives."""
_INNER = frozenset(["generate_points", "init_points", "init_colors", "get_first_handle", "get_last_handle"])


def told(entries: Sequence[Entry], remarks: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """Entries as text for a model, the first ones most fully; at most 2,000 characters.

    `remarks` are lines that belong to the entries of these names.
    """
    texts: list[str] = []
    left = _LONGEST
    for place, entry in enumerate(entries):
        share = left * 2 // 5 if place < len(entries) - 1 else left
        text = _entry(entry, remarks.get(entry.name, ()), max(share, 160))
        if len(text) + 1 > left:
            break
        texts.append(text)
        left -= len(text) + 1
    return "\n".join(texts) or "nothing of that kind is in the installed Manim"


def _entry(entry: Entry, remarks: Sequence[str], longest: int) -> str:
    if entry.kind in {"color", "direction", "constant", "module"}:
        return f"{entry.name}: {entry.kind} {entry.about}".strip()
    lines = [
        f"{_signature(entry, entry.name)} - {entry.about}" if entry.about else _signature(entry, entry.name)
    ]
    if entry.kind == "method" and entry.lineage:
        lines.append(f"  also of {', '.join(entry.lineage)}")
    if entry.kind == "class":
        lines.append(f"  a {' < '.join(entry.lineage[:3])}" if entry.lineage else "")
    lines += [f"  {remark}" for remark in remarks]
    if entry.kind == "class":
        lines += [f"  .{_signature(one, one.name)}" for one in entry.methods if one.name not in _INNER]
    text = ""
    for line in filter(None, lines):
        if text and len(text) + len(line) + 1 > longest:
            break
        text += f"\n{line}" if text else line
    return text[:longest]


def _signature(called: Callable, name: str) -> str:
    given = [_parameter(one) for one in called.parameters if not one.name.startswith("_")]
    passed = sorted(
        (one for one in called.passes_on if one not in _RARELY_GIVEN and not one.startswith("_")),
        key=lambda one: one.startswith(("fill_", "stroke_")),
    )
    if passed:
        more = ", …" if len(passed) > _MOST_PASSED_ON else ""
        given.append(f"also {', '.join(passed[:_MOST_PASSED_ON])}{more}")
    returns = f" -> {called.returns}" if called.returns not in {"", "None", "Self"} else ""
    return f"{name}({', '.join(given)}){returns}"


def _parameter(one: Parameter) -> str:
    star = "*" if one.kind == "rest" else ""
    return f"{star}{one.name}" if one.default is None else f"{star}{one.name}={one.default}"
