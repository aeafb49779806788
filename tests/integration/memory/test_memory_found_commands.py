"""`qs memory search` and `qs memory walk` as processes, on a real Postgres."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from select import select
from subprocess import PIPE, CompletedProcess

import pytest

from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance

pytestmark = pytest.mark.slow
BY_TEST = Provenance("run", "test", "user")
OLD, NEW, TEA, PERSON = ("decision", "Brew for three minutes"), ("decision", "Brew for four minutes"), (
    "concept", "tea"
), ("person", "Ada")  # fmt: skip
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def run_memory(run_qs: Run, database_setting: str, tenant: str) -> Run:
    """Run `qs memory` for the test's tenant in the module's database."""

    def run(*words: str, tenant: str = tenant) -> CompletedProcess[str]:
        return run_qs("memory", *words, env={"QS_DATABASE_URL": database_setting, "QS_TENANT": tenant})

    return run


ENTITIES = [
    Entity(*OLD, "It was too weak."),
    Entity(*NEW, "Strong enough for the morning."),
    Entity(*TEA, "A hot drink of leaves."),
    Entity(*PERSON),
]
FACTS = [Fact(NEW, "supersedes", OLD), Fact(NEW, "about", TEA), Fact(PERSON, "decided", NEW)]


async def test_what_the_memory_knows_is_searched(store: Store, tenant: str, run_memory: Run) -> None:
    before = datetime.now(UTC)
    await store.upsert(tenant, ENTITIES, FACTS, BY_TEST)
    found = run_memory("search", "how long is tea brewed", "--kind", "decision")
    assert found.returncode == 0, found.stderr
    names = [line for line in found.stdout.splitlines() if not line.startswith(" ")]
    assert names == ["decision Brew for four minutes", "decision Brew for three minutes (superseded)"]
    assert "why: " in found.stdout
    told = json.loads(run_memory("search", "beverage", "--limit", "1", "--json").stdout)
    assert [(hit["kind"], hit["name"]) for hit in told["hits"]] == [TEA]
    nothing = run_memory("search", "tea", "--as-of", before.isoformat())
    assert (nothing.returncode, nothing.stdout) == (0, "Nothing was found.\n")
    assert run_memory("search", "tea", tenant=f"{tenant}-b").stdout == "Nothing was found.\n"


def interrupted_when_it_reads(words: list[str], setting: str, home: Path) -> tuple[int, str]:
    """Run `qs memory` until it says that it reads, then interrupt it; return its exit code and last words."""
    qs = Path(sys.executable).with_name("qs")
    environment = {**os.environ, "QS_HOME": str(home), "QS_DATABASE_URL": setting}
    with subprocess.Popen([qs, "memory", *words], env=environment, stderr=PIPE, text=True) as reading:
        try:
            assert reading.stderr
            assert select([reading.stderr], [], [], 120)[0], "nothing was said"
            assert "reading the installed Manim" in reading.stderr.readline()
            reading.send_signal(signal.SIGINT)
            return reading.wait(timeout=120), reading.stderr.read()
        finally:
            reading.kill()


def test_the_installed_manim_is_read_when_it_is_first_asked_for_and_that_is_said(
    run_memory: Run, tenant: str, database_setting: str, qs_home: Path
) -> None:
    asked = ["search", "Circle", "--for-all"]
    code, said = interrupted_when_it_reads(asked, database_setting, qs_home)
    assert code == 130
    assert "the next command goes on" in said
    unknown = run_memory("search", "Circle")
    assert unknown.stdout == "Nothing was found.\n"
    assert "--for-all" in unknown.stderr
    shown = run_memory("show", "manim.Circle")
    assert shown.stdout.startswith("class manim.mobject.geometry.arc.Circle\n"), shown.stderr
    assert "reading the installed Manim" in shown.stderr
    walked = run_memory(
        "walk", "manim.Circle", "--relation", "inherits", "--direction", "out", "--depth", "1"
    )
    assert walked.stdout == (
        "class manim.mobject.geometry.arc.Circle\n  inherits -> class manim.mobject.geometry.arc.Arc\n"
    )
    assert walked.stderr == "not of this memory: this is known for all tenants\n"
    found = run_memory("search", "a circle that moves", "--for-all")
    assert found.stdout.startswith("class manim.mobject.geometry.arc.Circle\n"), found.stderr
    assert "why: means something near the question" in found.stdout
    assert "reading the installed Manim" not in found.stderr
    assert "having it found by meaning too" in found.stderr
    for tenant_asking in (tenant, f"{tenant}-b"):
        again = run_memory("search", "a circle that moves", "--for-all", tenant=tenant_asking)
        assert (again.stdout, again.stderr) == (found.stdout, "")
    nothing = run_memory("show", "manim.Nothing")
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "--for-all" in nothing.stderr
    assert run_memory("search", "Circle").stdout == "Nothing was found.\n"


async def test_what_the_memory_knows_is_walked_through(store: Store, tenant: str, run_memory: Run) -> None:
    written = await store.upsert(tenant, ENTITIES, FACTS, BY_TEST)
    walked = run_memory("walk", "tea", "--depth", "2")
    assert walked.stdout.splitlines() == [
        "concept tea",
        "  <- about decision Brew for four minutes",
        "    <- decided person Ada",
        "    supersedes -> decision Brew for three minutes",
    ]
    by_id = run_memory("walk", str(written.ids[NEW]), "--relation", "decided", "--direction", "in", "--json")
    assert [node["name"] for node in json.loads(by_id.stdout)["nodes"]] == [NEW[1], "Ada"]
    await store.upsert(tenant, [Entity("concept", "chai")], [], BY_TEST)
    await store.merge(tenant, ("concept", "chai"), TEA, BY_TEST)
    merged = run_memory("walk", "chai")
    assert (merged.stdout, merged.stderr) == (walked.stdout, "'chai' became part of concept 'tea'\n")
    two_lines = "tea\nand more"
    await store.upsert(tenant, [Entity("concept", two_lines), Entity("concept", "oolong")], [], BY_TEST)
    await store.merge(tenant, ("concept", "oolong"), ("concept", two_lines), BY_TEST)
    assert run_memory("walk", "oolong").stderr == f"'oolong' became part of concept {two_lines!r}\n"
    short = run_memory("walk", "Ada", "--depth", "3", "--limit", "2")
    assert short.stdout.splitlines()[-1].startswith("... and more")
    for words in (
        ("walk", "coffee"),
        ("walk", str(written.ids[TEA])[:-1] + "x"),
        ("walk", "tea", "--kind", "note"),
    ):
        unknown = run_memory(*words)
        assert (unknown.returncode, unknown.stdout) == (2, ""), words
        assert "has nothing called" in unknown.stderr
