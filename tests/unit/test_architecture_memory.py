"""The rooms of the memory know each other one way: read off the source."""

from __future__ import annotations

from tests.source_reading import imported, modules, within

MEMORY = "quantumsketch.memory"
MAY_KNOW: dict[str, set[str]] = {
    "keeping": set(),
    "finding": {"keeping"},
    "films": {"keeping", "finding"},
    "codebases": {"keeping", "finding"},
    "moving": {"keeping", "films"},
}
"""What lies beside them, they may all know; it knows none of them."""


def _room(module: str) -> str | None:
    return next((name for name in MAY_KNOW if within(module, {f"{MEMORY}.{name}"})), None)


def wrong_arrows(source: str, module: str) -> list[str]:
    """Imports of a room of the memory by one that may not know it."""
    here = _room(module)
    known = {here, None} | (MAY_KNOW[here] if here else set())
    return [f"{module} imports {name}" for name in imported(source, module) if _room(name) not in known]


def test_no_room_of_the_memory_knows_one_that_stands_on_it() -> None:
    memory = {name: source for name, source in modules("quantumsketch") if within(name, {MEMORY})}
    assert {_room(name) for name in memory} == {None, *MAY_KNOW}
    assert [wrong for name, source in memory.items() for wrong in wrong_arrows(source, name)] == []


def test_a_wrong_arrow_is_seen() -> None:
    source = "from quantumsketch.memory.films.graph import Graph\n"
    assert wrong_arrows(source, f"{MEMORY}.keeping.store")
    assert wrong_arrows(source, f"{MEMORY}.database")
    assert not wrong_arrows(source, f"{MEMORY}.films.library")
    assert not wrong_arrows(
        "from quantumsketch.memory.database import Database\n", f"{MEMORY}.moving.exporting"
    )
