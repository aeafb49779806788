"""What is said of a tool and of how a call of it ended: in lines for a person, as an object for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from quantumsketch.tools.registry import AnyTool
from quantumsketch.tools.tool import Ending, Limits, Policy

WIDTH = 80
_LAST_WORDS = 2000
"""Characters of what a failed call printed that are told."""
_UNITS = ("bytes", "KiB", "MiB", "GiB")


def lines(tool: AnyTool) -> Iterator[str]:
    """The tool for a person: a headline, then what it takes, gives, sees and may use."""
    yield tool.name
    facts = [
        tool.description,
        f"{tool.request.__name__} -> {tool.result.__name__}",
        f"sees: {_seen(tool.policy)}",
        f"leaves: {_left(tool.outputs)}",
        f"network: {_reached(tool.policy)}",
        f"limits: {_limits(tool.policy.limits)}",
    ]
    if tool.preload:
        facts.append(f"imported ahead: {', '.join(tool.preload)}")
    for fact in facts:
        yield textwrap.fill(fact, WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8)


def told(tool: AnyTool) -> dict[str, Any]:
    """The same for programs, with the JSON schemas of request and result."""
    policy = tool.policy
    return {
        "name": tool.name,
        "description": tool.description,
        "request": tool.request.model_json_schema(),
        "result": tool.result.model_json_schema(mode="serialization"),
        "policy": {
            "readable": [str(path) for path in policy.readable],
            "python": policy.python,
            "domains": list(policy.domains),
            "limits": asdict(policy.limits),
        },
        "outputs": dict(tool.outputs),
        "preload": list(tool.preload),
    }


def ending_lines(ending: Ending) -> Iterator[str]:
    """How a call ended, for a person; what it printed only if it failed."""
    yield _sentence("ended", ending.ended, ending.detail)
    yield _sentence("backend", ending.backend or "none", "warm" if ending.warm else "")
    yield f"took: {ending.wall_s:.2f} s, {ending.cpu_s:.2f} s CPU, {_memory(ending.peak_memory_bytes)}"
    yield from (f"refused: {what}" for what in ending.refused)
    said = ending.stderr.decode("utf-8", errors="replace").strip()
    if ending.exit_code != 0 and said:
        yield f"printed: {said[-_LAST_WORDS:]}"


def _sentence(subject: str, what: str, more: str) -> str:
    return f"{subject}: {what} ({more})" if more else f"{subject}: {what}"


def _seen(policy: Policy) -> str:
    python = ["Python with its packages"] if policy.python else []
    return ", ".join(["the system's programs and fonts", *python, *map(str, policy.readable)])


def _left(outputs: Mapping[str, int]) -> str:
    return ", ".join(f"{name} (at most {_size(most)})" for name, most in outputs.items()) or "no files"


def _reached(policy: Policy) -> str:
    if not policy.domains:
        return "none"
    most = f"{_size(policy.limits.network_bytes)}, {policy.limits.connections} connections"
    return f"{', '.join(policy.domains)} (at most {most})"


def _limits(limits: Limits) -> str:
    parts = (
        f"{limits.wall_s:g} s",
        f"{limits.cpu_s:g} s CPU",
        f"{_size(limits.memory_bytes)} memory",
        f"{_size(limits.scratch_bytes)} scratch in {limits.scratch_files:,} files",
        f"{limits.processes} processes",
        f"{limits.open_files} open files each",
        f"{_size(limits.printed_bytes)} printed",
    )
    return ", ".join(parts)


def _memory(peak_bytes: int | None) -> str:
    return "memory not measured" if peak_bytes is None else f"{_size(peak_bytes)} memory at most"


def _size(count: int) -> str:
    size, unit = float(count), 0
    while size >= 1024 and unit + 1 < len(_UNITS):
        size, unit = size / 1024, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"
