"""What is shown of code by the end of its name alone, and of what is known for all tenants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import pytest_asyncio

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.codebases.ingesting import record
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keeping.description import describe
from quantumsketch.memory.keeping.lookup import id_of
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance
from quantumsketch.memory.tenants import SYSTEM_TENANT
from tests.cli_runs import qs
from tests.codebases import read
from tests.embedders import SameForAll
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos

pytestmark = pytest.mark.slow

FILES = {
    "shop/__init__.py": "from .tea import Pot",
    "shop/tea.py": "class Pot:\n  def brew(self): ...\n  def heat(self): ...\n",
    "shop/pans.py": "class Pan:\n  def brew(self): ...\n",
}
OWN_NAMES = {
    "Pot": ("class", "shop.tea.Pot"),
    "tea.Pot": ("class", "shop.tea.Pot"),
    "Pan": ("class", "shop.pans.Pan"),
    "heat": ("method", "shop.tea.Pot.heat"),
    "Pot.brew": ("method", "shop.tea.Pot.brew"),
}


@pytest_asyncio.fixture
async def database(database_url: str, graph: Graph) -> AsyncIterator[Database]:
    async with open_database(database_url) as database:
        yield database


async def test_code_is_shown_by_its_own_name_if_one_thing_has_it(database: Database, tenant: str) -> None:
    await record(database, tenant, read(FILES), run="run-1")
    for name, key in OWN_NAMES.items():
        described = await describe(database, tenant, name)
        assert (described.entity.kind, described.entity.name) == key
    with pytest.raises(BadInput, match=r"may be method shop\.pans\.Pan\.brew, method shop\.tea\.Pot\.brew"):
        await describe(database, tenant, "brew")
    for name in ("ot", "Pot.", ".Pot", "%"):
        with pytest.raises(NotFound):
            await describe(database, tenant, name)
    with pytest.raises(NotFound):
        await describe(database, tenant, "heat", "class")


async def test_what_is_erased_has_to_be_named_whole(database: Database, tenant: str) -> None:
    await record(database, tenant, read(FILES), run="run-1")
    with pytest.raises(NotFound):
        await id_of(database, tenant, "Pan")
    assert await id_of(database, tenant, "shop.pans.Pan")


async def test_what_is_called_like_an_id_is_found_by_its_name_and_else_by_its_id(
    store: Store, database: Database, tenant: str
) -> None:
    note = Entity("note", "d41d8cd98f00b204e9800998ecf8427e")
    written = await store.upsert(tenant, [note], [], Provenance("run-1", "write", "user"))
    assert await id_of(database, tenant, note.name) == written.ids[note.key]
    assert await id_of(database, tenant, str(written.ids[note.key])) == written.ids[note.key]


async def test_what_is_known_for_all_tenants_is_shown_and_said_to_be(
    run_qs: Callable[..., CompletedProcess[str]], database: Database, database_setting: str, tenant: str
) -> None:
    await record(database, SYSTEM_TENANT, read(FILES), run="run-1")
    here = {"QS_DATABASE_URL": database_setting, "QS_TENANT": tenant}
    shown = run_qs("memory", "show", "shop.Pot", env=here)
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, "class shop.tea.Pot"), shown.stderr
    assert "known for all tenants" in shown.stderr
    await record(database, tenant, read(FILES), run="run-1")
    own = run_qs("memory", "show", "shop.Pot", env=here)
    assert (own.returncode, own.stdout.splitlines()[0]) == (0, "class shop.tea.Pot")
    assert "known for all tenants" not in own.stderr
    nothing = run_qs("memory", "show", "shop.Cup", env=here)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert f"the memory of '{tenant}' has nothing called 'shop.Cup'" in nothing.stderr


async def test_what_was_merged_is_told_with_its_whole_and_the_whole_with_what_is_part_of_it(
    run_qs: Callable[..., CompletedProcess[str]], database: Database, database_setting: str, tenant: str
) -> None:
    whole, part = ("concept", "Photosynthesis"), ("concept", "Photo-synthesis")
    store, by_test = Store(database, SameForAll()), Provenance("run", "test", "user")
    apart = (await store.upsert(tenant, [Entity(*whole), Entity(*part)], [], by_test)).at
    await store.upsert(
        tenant, [Entity(*whole, "Sugar from light.")], [Fact(part, "related_to", whole)], by_test
    )
    await store.merge(tenant, part, whole, by_test)

    def shown(*words: str) -> CompletedProcess[str]:
        here = {"QS_DATABASE_URL": database_setting, "QS_TENANT": "somebody-else"}
        return run_qs("memory", "show", *words, "--tenant", tenant, env=here)

    assert "    is part of concept Photosynthesis since 2" in shown(part[1]).stdout
    now = shown(whole[1]).stdout
    assert "    concept Photo-synthesis is part of it since 2" in now
    assert "Sugar from light." in now
    then = shown(whole[1], "--as-of", apart.isoformat()).stdout.splitlines()
    assert (then[0], len(then)) == ("concept Photosynthesis", 2), (
        "neither its text nor its duplicate was known"
    )
    assert "related_to -> concept Photosynthesis" not in shown(part[1]).stdout
    early = shown(whole[1], "--as-of", "2020-01-01")
    assert (early.returncode, early.stdout) == (2, "")
    assert "no concept 'Photosynthesis' was recorded as of 20" in early.stderr


@pytest.mark.parametrize(
    "words", [["search", "pot"], ["walk", "pot"], ["show", "pot"], ["times"], ["ingest", "."]]
)
def test_every_command_can_be_told_whose_memory_it_is_about(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    for wrong in ("Us & Co", ""):
        said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), ["memory", *words, "--tenant", wrong])
        assert (said.code, f"{wrong!r} cannot be a tenant's name" in said.stderr) == (2, True)
    assert not (tmp_path / "home").exists()


async def test_another_tenant_is_searched_walked_and_filled_when_it_is_named(
    run_qs: Callable[..., CompletedProcess[str]],
    database: Database,
    database_setting: str,
    tenant: str,
    tmp_path: Path,
) -> None:
    (tmp_path / "kettle.py").write_text("class Kettle:\n    'It whistles.'\n")
    here = {"QS_DATABASE_URL": database_setting, "QS_TENANT": "somebody-else"}
    assert (
        run_qs("memory", "ingest", tmp_path, "--name", "kitchen", "--tenant", tenant, env=here).returncode
        == 0
    )
    for words in (("search", "whistles"), ("walk", "kitchen")):
        assert "kettle.Kettle" in run_qs("memory", *words, "--tenant", tenant, env=here).stdout
        assert "kettle.Kettle" not in run_qs("memory", *words, env=here).stdout
    refused = run_qs("memory", "search", "x", "--for-all", "--tenant", tenant, env=here)
    assert (refused.returncode, "Leave out one of the two" in refused.stderr) == (2, True)


async def test_no_name_looks_like_a_line_of_its_own(
    run_qs: Callable[..., CompletedProcess[str]], database: Database, database_setting: str, tenant: str
) -> None:
    odd, pot = ("note", "a\n  about -> note b\tc\u2028d"), ("note", "pot")
    said = [Entity(*pot, "one\n\ttwo"), Entity(*odd, properties={"x": "y\nz"})]
    by_test = Provenance("run", "test", "user")
    await Store(database, SameForAll()).upsert(tenant, said, [Fact(pot, "about", odd)], by_test)
    shown_odd = r"note a\n  about -> note b\tc\u2028d"
    here = {"QS_DATABASE_URL": database_setting, "QS_TENANT": tenant}
    shown = run_qs("memory", "show", "pot", env=here).stdout.splitlines()
    assert shown[:3] == ["note pot", "    one", "        two"], "a text keeps its lines"
    assert shown[-1].startswith(f"  about -> {shown_odd} (since ")
    odd_one = run_qs("memory", "show", odd[1], env=here).stdout.splitlines()
    assert (odd_one[0], odd_one[1]) == (shown_odd, r"    x: y\nz")
    walked = run_qs("memory", "walk", "pot", env=here)
    assert walked.stdout.splitlines() == ["note pot", f"  about -> {shown_odd}"], walked.stderr
