"""`qs memory search` and `qs memory walk` as processes, on a real Postgres."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from subprocess import CompletedProcess

import pytest

from quantumsketch.memory.statements import Entity, Fact, Provenance
from quantumsketch.memory.store import Store
from quantumsketch.memory.tenants import SYSTEM_TENANT

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

    await store.upsert(SYSTEM_TENANT, [Entity("class", "manim.Kettle", "Heats water.")], [], BY_TEST)
    assert run_memory("search", "Kettle", "--for-all").stdout.startswith("class manim.Kettle\n")
    assert "manim.Kettle" not in run_memory("search", "Kettle").stdout


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
