"""Codebases go into a real Postgres: read again, in newer versions, beside what others say."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import pytest_asyncio

from quantumsketch.errors import NotFound
from quantumsketch.memory.codebases.ingesting import Recorded, record
from quantumsketch.memory.codebases.reading import Reading, read_codebase
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.description import describe
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from tests.codebases import read, write

pytestmark = pytest.mark.slow

FIRST = {
    "shop/__init__.py": "from .tea import Pot",
    "shop/tea.py": "class Pot:\n  def brew(self, minutes=3):\n    self.heat()\n  def heat(self): ...\n",
    "shop/cups.py": "from shop.tea import Pot\nclass Cup(Pot): ...\n",
}
RENAMED = {**FIRST, "shop/tea.py": FIRST["shop/tea.py"].replace("heat", "boil")}
POT, HEAT, BOIL = ("class", "shop.tea.Pot"), ("method", "shop.tea.Pot.heat"), ("method", "shop.tea.Pot.boil")
BREW, CUP = ("method", "shop.tea.Pot.brew"), ("class", "shop.cups.Cup")


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def ingest(database: Database, tenant: str, files: Mapping[str, str] | Reading) -> Recorded:
    reading = files if isinstance(files, Reading) else read(files)
    return await record(database, tenant, reading, run="run-1")


async def test_reading_the_same_again_changes_nothing(database: Database, store: Store, tenant: str) -> None:
    first = await ingest(database, tenant, FIRST)
    assert first.added == 1 + 3 + 2 + 2 + 1 + first.facts
    assert (first.changed, first.closed) == (0, 0)
    before = await store.entity(tenant, POT)
    again = await ingest(database, tenant, FIRST)
    assert (again.added, again.changed, again.closed) == (0, 0, 0)
    assert await store.entity(tenant, POT) == before
    assert before.provenance["run"] == "run-1"
    assert before.provenance["said_by"] == "tool:codebases"


async def test_a_renamed_method_closes_the_old_one_and_opens_the_new(
    database: Database, store: Store, tenant: str
) -> None:
    await ingest(database, tenant, FIRST)
    before = datetime.now(UTC)
    second = await ingest(database, tenant, RENAMED)
    assert (second.added, second.changed) == (1 + 2, 0)  # the method, contained and used
    assert second.closed == 1 + 2
    heat, boil = await store.entity(tenant, HEAT), await store.entity(tenant, BOIL)
    assert heat.closed_at
    assert boil.closed_at is None
    brew = await store.entity(tenant, BREW)
    assert [fact.target for fact in await store.facts(tenant, brew.id, "uses")] == [boil.id]
    assert [fact.target for fact in await store.facts(tenant, brew.id, "uses", as_of=before)] == [heat.id]
    assert (await store.entity(tenant, HEAT, as_of=before)).closed_at is None
    third = await ingest(database, tenant, FIRST)  # back again
    assert (await store.entity(tenant, HEAT)).closed_at is None
    assert third.closed == 3


async def test_a_new_version_is_told_and_the_old_one_is_remembered(
    database: Database, store: Store, tenant: str, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text('"""One."""')
    await ingest(database, tenant, read_codebase(tmp_path, name="shop", version="1.0"))
    before = datetime.now(UTC)
    (tmp_path / "a.py").write_text('"""Other."""')
    second = await ingest(database, tenant, read_codebase(tmp_path, name="shop", version="1.1"))
    assert (second.added, second.changed, second.closed) == (0, 2, 0)
    key, module = ("codebase", "shop"), ("module", "shop/a")
    assert (await store.entity(tenant, key)).properties["version"] == "1.1"
    assert (await store.entity(tenant, key, as_of=before)).properties["version"] == "1.0"
    assert (await store.entity(tenant, module, as_of=before)).description == "One."


async def test_what_cannot_be_read_any_more_is_not_taken_for_gone(
    database: Database, store: Store, tenant: str
) -> None:
    await ingest(database, tenant, FIRST)
    broken = await ingest(database, tenant, {**FIRST, "shop/tea.py": "class Pot(:"})
    assert [each.path for each in broken.skipped] == ["shop/tea.py"]
    assert broken.closed == 0
    assert (await store.entity(tenant, HEAT)).closed_at is None
    cup = await store.entity(tenant, CUP)
    assert len(await store.facts(tenant, cup.id, "inherits")) == 1
    mended = await ingest(database, tenant, FIRST)
    assert (mended.added, mended.closed) == (0, 0)


async def test_what_others_say_of_code_stays_until_the_code_is_gone(
    database: Database, store: Store, tenant: str
) -> None:
    await ingest(database, tenant, FIRST)
    note = ("note", "Tea")
    by_user = Provenance("run-2", "writing", "user")
    said = [Fact(note, "documents", HEAT), Fact(POT, "related_to", CUP)]
    written = await store.upsert(tenant, [Entity(*note)], said, by_user, embed=False)
    unchanged = await ingest(database, tenant, FIRST)
    assert (unchanged.added, unchanged.changed, unchanged.closed) == (0, 0, 0)
    assert len(await store.facts(tenant, written.ids[note])) == 1
    renamed = await ingest(database, tenant, RENAMED)
    assert renamed.closed == 1 + 2 + 1
    assert await store.facts(tenant, written.ids[note]) == []
    assert len(await store.facts(tenant, written.ids[POT], "related_to")) == 1
    assert (await store.entity(tenant, note)).closed_at is None


async def test_two_codebases_of_one_tenant_do_not_close_each_other(
    database: Database, store: Store, tenant: str
) -> None:
    await ingest(database, tenant, FIRST)
    other = read(
        {"bar/__init__.py": "", "bar/use.py": "from shop.tea import Pot\nclass Mug(Pot): ..."}, "bar"
    )
    recorded = await ingest(database, tenant, other)
    assert recorded.closed == 0
    pot = await store.entity(tenant, POT)
    assert pot.properties["codebase"] == "shop"
    assert {fact.kind for fact in await store.facts(tenant, pot.id, direction="in")} >= {"inherits"}
    gone = await ingest(database, tenant, read({"bar/__init__.py": ""}, "bar"))
    assert gone.closed == 2 + 3  # a module and a class; contained twice, inherits
    assert (await store.entity(tenant, POT)).closed_at is None


@pytest.mark.parametrize("shop_first", [True, False])
async def test_classes_of_other_codebases_are_found_by_their_public_names(
    database: Database, store: Store, tenant: str, shop_first: bool
) -> None:
    bar = read({"bar/__init__.py": "from shop import Pot\nclass Mug(Pot): ..."}, "bar")
    for reading in [read(FIRST), bar, bar] if shop_first else [bar, read(FIRST), bar, bar]:
        last = await ingest(database, tenant, reading)
    assert (last.added, last.changed, last.closed) == (0, 0, 0)
    mug = await describe(database, tenant, "bar.Mug")
    assert [(fact.relation, fact.name) for fact in mug.facts if fact.outward] == [("inherits", POT[1])]
    assert (await describe(database, tenant, "shop.Pot")).entity.name == POT[1]


async def test_a_tenant_sees_and_changes_nothing_of_another_ones(
    database: Database, store: Store, tenant: str
) -> None:
    other = f"{tenant}-b"
    first = await ingest(database, tenant, FIRST)
    with pytest.raises(NotFound):
        await describe(database, other, "shop.tea.Pot")
    second = await ingest(database, other, RENAMED)
    assert second.added == first.added
    with pytest.raises(NotFound):
        await store.entity(other, HEAT)
    assert (await store.entity(tenant, HEAT)).closed_at is None
    again = await ingest(database, tenant, FIRST)
    assert (again.added, again.changed, again.closed) == (0, 0, 0)


async def test_what_is_interrupted_is_there_as_a_whole_or_not_at_all(
    database: Database, store: Store, tenant: str
) -> None:
    whole = read({f"shop/m{place}.py": "class A:\n    def f(self, x): ...\n" for place in range(300)})
    outcomes = set()
    for wait_s in (0.0, 0.02, 0.05, 0.1, 0.2):
        task = asyncio.create_task(ingest(database, tenant, whole))
        await asyncio.sleep(wait_s)
        task.cancel()
        await asyncio.wait([task])
        outcomes.add(task.cancelled())
        modules = await store.entities(tenant, "module", limit=1000)
        parameters = await store.entities(tenant, "parameter", limit=1000)
        assert (len(modules.entities), len(parameters.entities)) in ((0, 0), (300, 300))
    assert True in outcomes
    recorded = await ingest(database, tenant, whole)
    assert recorded.added in (0, len(whole.entities) + len(whole.facts))


async def test_two_readings_at_once_are_one_after_the_other(
    database: Database, store: Store, tenant: str
) -> None:
    both = await asyncio.gather(*(ingest(database, tenant, FIRST) for _ in range(4)))
    assert sorted(each.added > 0 for each in both) == [False, False, False, True]
    assert sum(each.closed for each in both) == 0


async def test_a_thing_is_described_by_its_name_or_its_public_name(database: Database, tenant: str) -> None:
    await ingest(database, tenant, FIRST)
    pot = await describe(database, tenant, "shop.Pot")
    assert (pot.entity.kind, pot.entity.name) == POT
    assert [(fact.relation, fact.outward, fact.name) for fact in pot.facts] == [
        ("contains", True, "shop.tea.Pot.brew"),
        ("contains", True, "shop.tea.Pot.heat"),
        ("contains", False, "shop.tea"),
        ("inherits", False, "shop.cups.Cup"),
    ]
    assert not pot.truncated
    assert (await describe(database, tenant, "shop.tea.Pot", limit=1)).truncated
    for method in ("shop.Pot.brew", "shop.cups.Cup.brew"):  # offered; inherited
        brew = await describe(database, tenant, method)
        assert (brew.entity.kind, brew.entity.name) == BREW
    assert (await describe(database, tenant, "shop")).entity.kind == "codebase"
    assert (await describe(database, tenant, "shop", "module")).entity.kind == "module"
    for name in ("nothing", "shop.Pot.nothing", ".brew", "shop.Pot."):
        with pytest.raises(NotFound, match=f"nothing called '{name}'"):
            await describe(database, tenant, name)
    with pytest.raises(NotFound):
        await describe(database, tenant, "shop.Pot.brew", "class")


def test_the_commands_read_a_codebase_and_show_what_is_known(
    run_qs: Callable[..., CompletedProcess[str]],
    database_setting: str,
    graph: Graph,
    tenant: str,
    tmp_path: Path,
) -> None:
    write(tmp_path / "shop", {"__init__.py": "", "tea.py": 'class Pot:\n    """Round."""', "bad.py": "("})
    (tmp_path / "shop" / os.fsdecode(b"\xff.py")).write_text("")
    here = {"QS_DATABASE_URL": database_setting, "QS_TENANT": tenant}
    read = run_qs("memory", "ingest", tmp_path / "shop", "--version", "1", "--json", env=here)
    assert read.returncode == 0, read.stderr
    told = json.loads(read.stdout)
    assert (told["codebase"], told["version"], told["closed"]) == ("shop", "1", 0)
    assert {each["path"] for each in told["skipped"]} == {r"\udcff.py", "bad.py"}
    again = run_qs("memory", "ingest", tmp_path / "shop", "--with-vectors", "--version", "1", env=here)
    assert "added 0, changed 0, closed 0" in again.stdout.splitlines()
    shown = run_qs("memory", "show", "shop.tea.Pot", env=here)
    assert shown.stdout.splitlines()[:2] == ["class shop.tea.Pot", "    Round."]
    assert shown.returncode == 0
    nothing = run_qs("memory", "show", "shop.tea.Pot", env={**here, "QS_TENANT": f"{tenant}-b"})
    assert (nothing.returncode, nothing.stdout) == (2, "")


async def test_the_installed_manim_is_read_and_recorded(
    database: Database, store: Store, tenant: str
) -> None:
    spec = find_spec("manim")  # finds it without importing it
    assert spec
    assert spec.origin
    reading = read_codebase(Path(spec.origin).parent)
    assert reading.skipped == []
    recorded = await ingest(database, tenant, reading)
    assert recorded.codebase == "manim"
    assert recorded.version
    assert recorded.read["class"] > 300
    assert recorded.read["method"] > 2_000
    assert recorded.read["parameter"] > 4_000
    again = await ingest(database, tenant, reading)
    assert (again.added, again.changed, again.closed) == (0, 0, 0)
    circle = await describe(database, tenant, "manim.Circle")
    assert circle.entity.description == "A circle."
    told = {(fact.relation, fact.name.rpartition(".")[2]) for fact in circle.facts if fact.outward}
    assert {("inherits", "Arc"), ("contains", "surround")} <= told
    surround = await store.entity(tenant, ("method", f"{circle.entity.name}.surround"))
    assert {fact.kind for fact in await store.facts(tenant, surround.id)} >= {"has_parameter", "uses"}
