"""`qs memory export`, `import`, `forget` and `reembed` on a real database, and what they refuse to begin."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from quantumsketch.memory.database import open_database
from quantumsketch.memory.embedding import MODEL
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.finding.search import Search
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.memory.tenants import Tenants, open_as_owner
from tests.cli_runs import Said, qs
from tests.embedders import SameForAll
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos
from tests.sample_videos import video

pytestmark = pytest.mark.slow
BY_USER = Provenance("run", "test", "user")
Command = Callable[..., Said]


@pytest.fixture
def command(database_setting: str, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `qs memory ...` on the module's database; no other server may be started."""
    home = tmp_path / "home"
    monkeypatch.setenv("QS_DATABASE_URL", database_setting)
    monkeypatch.setenv("QS_HOME", str(home))
    monkeypatch.chdir(tmp_path)

    def run(*words: str, stdin: bytes = b"") -> Said:
        said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), ["memory", *words], stdin)
        assert not home.exists()
        return said

    return run


@pytest.fixture
def remembered(database_url: str, graph: Graph, tenant: str) -> str:
    """A tenant that knows two notes and a video."""

    async def write() -> None:
        async with open_database(database_url) as database:
            notes = [Entity("note", name, name) for name in ("Boiling water", "Bread")]
            await Store(database, SameForAll()).upsert(tenant, notes, [], BY_USER)
            await Graph(database, SameForAll()).record_video(video("v1", tenant=tenant))

    asyncio.run(write())
    return tenant


def _names(database_url: str, tenant: str, question: str) -> list[str]:
    async def search() -> list[str]:
        async with open_database(database_url) as database:
            return [hit.name for hit in await Search(database, SameForAll()).by_words(tenant, question)]

    return asyncio.run(search())


def test_a_memory_goes_to_a_file_and_into_another_tenant(
    command: Command, remembered: str, tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "memory.jsonl"
    said = command("export", "--tenant", remembered, "-o", str(file))
    assert (said.code, said.stdout) == (0, "")
    assert f"of {remembered} to {file}" in said.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["memory.jsonl"]
    to_stdout = command("export", "--tenant", remembered).stdout
    assert to_stdout.splitlines()[1:] == file.read_text().splitlines()[1:]
    assert json.loads(to_stdout.splitlines()[0])["tenant"] == remembered

    twin = f"{remembered}-2"
    said = command("import", str(file), "--tenant", twin)
    assert said.code == 0
    assert said.stdout.startswith("imported ")
    assert _names(database_url, twin, "bread") == ["Bread"]
    again = command("import", str(file), "--tenant", twin)
    assert (again.code, again.stdout) == (2, "")
    assert "has a memory already" in again.stderr


def test_a_memory_goes_through_a_pipe_and_to_what_a_link_leads_to(
    command: Command, remembered: str, tmp_path: Path
) -> None:
    pipe, link, kept = tmp_path / "pipe", tmp_path / "link", tmp_path / "kept"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)  # what is exported here fits into a pipe: nobody waits
    try:
        assert command("export", "--tenant", remembered, "-o", str(pipe)).code == 0
        through_pipe = os.read(reader, 65_536).splitlines()
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    kept.write_text("something earlier")
    link.symlink_to("kept")
    assert command("export", "--tenant", remembered, "-o", str(link)).code == 0
    assert link.is_symlink()
    assert through_pipe[1:] == kept.read_bytes().splitlines()[1:] != []
    assert command("export", "--tenant", f"{remembered}-2", "-o", str(link)).code == 2
    assert kept.read_bytes().splitlines()[1:] == through_pipe[1:]


def test_a_memory_comes_in_through_a_pipe(command: Command, remembered: str, database_url: str) -> None:
    exported = command("export", "--tenant", remembered).stdout.encode()
    twin = f"{remembered}-2"
    short = command("import", "-", "--tenant", twin, "--without-vectors", stdin=exported[:-20])
    assert (short.code, short.stdout) == (2, "")
    none = command("import", "-", "--tenant", twin, stdin=b"no export")
    assert (none.code, "not an exported memory" in none.stderr) == (2, True)
    said = command("import", "-", "--tenant", twin, "--without-vectors", stdin=exported)
    assert (said.code, said.stdout.startswith("imported ")) == (0, True), said.stderr
    assert _names(database_url, twin, "bread") == ["Bread"]
    reading, writing = os.pipe()  # what is exported here fits into it
    try:
        os.write(writing, exported)
        os.close(writing)
        piped = command("import", f"/dev/fd/{reading}", "--tenant", f"{twin}-3", "--without-vectors")
    finally:
        os.close(reading)
    assert (piped.code, piped.stdout) == (0, said.stdout.replace(twin, f"{twin}-3"))


def test_one_thing_is_forgotten_by_its_name_or_its_id_and_the_rest_stays(
    command: Command, remembered: str, database_url: str
) -> None:
    said = command("forget", "Boiling water", "--tenant", remembered)
    assert (said.code, said.stdout) == (0, "erased note Boiling water\n")
    assert _names(database_url, remembered, "boiling") == []
    assert _names(database_url, remembered, "bread") == ["Bread"]
    said = command("forget", "Boiling water", "--tenant", remembered)
    assert said.code == 2
    said = command("forget", "v1", "--kind", "video", "--tenant", remembered, "--yes")
    assert said.stdout.startswith("erased video v1, and ")
    assert "films and clips stay" in said.stderr


def test_what_takes_more_along_than_itself_is_forgotten_when_its_name_was_typed(
    command: Command, remembered: str, database_url: str
) -> None:
    async def add() -> UUID:
        async with open_database(database_url) as database:
            said = [Entity("codebase", "shop")]
            return (await Store(database, SameForAll()).upsert(remembered, said, [], BY_USER)).ids[
                said[0].key
            ]

    codebase = asyncio.run(add())
    for named, name in (("v1", "v1"), (str(codebase), "shop")):
        forget = ("forget", named, "--tenant", remembered)
        no = command(*forget, stdin=b"n\n")
        assert (no.code, no.stdout) == (2, "")
        assert f"Type '{name}' to erase the" in no.stderr
        assert "nothing was erased" in no.stderr
        nobody = command(*forget)
        assert (nobody.code, "--yes" in nobody.stderr) == (2, True), "nobody is there to be asked"
        right = command(*forget, stdin=f"{name}\n".encode())
        assert (right.code, f" {name}" in right.stdout) == (0, True), "it was there until now"
        gone = command(*forget, stdin=f"{name}\n".encode())
        assert (gone.code, "This cannot be undone" in gone.stderr) == (2, False)


def test_whoever_forgets_a_video_that_is_being_made_is_told_what_to_do(
    command: Command, remembered: str
) -> None:
    being_made = command("forget", "part-1-quokka-c47a5e", "--tenant", remembered)
    assert being_made.code == 2
    assert "`qs list` shows it, `qs cancel` ends it" in being_made.stderr


def test_everything_is_forgotten_when_the_name_was_typed_and_nothing_when_another_was(
    command: Command, remembered: str, database_url: str
) -> None:
    everything = ("forget", "--everything", "--tenant", remembered)
    wrong = command(*everything, stdin=b"someone-else\n")
    assert wrong.code == 2
    assert "nothing was erased" in wrong.stderr
    assert _names(database_url, remembered, "bread") == ["Bread"]
    nobody = command(*everything, stdin=b"")
    assert (nobody.code, "--yes" in nobody.stderr) == (2, True)
    assert _names(database_url, remembered, "bread") == ["Bread"]
    right = command(*everything, stdin=f"{remembered}\n".encode())
    assert right.code == 0
    assert right.stdout.startswith(f"erased all that {remembered} had")
    assert "films and clips stay" in right.stderr
    assert command("export", "--tenant", remembered).code == 2
    again = command(*everything, "--yes")
    assert (again.code, again.stdout) == (2, "")
    assert f"there is nothing of '{remembered}' to forget" in again.stderr


def test_what_is_not_there_is_not_said_to_be_done(command: Command, remembered: str) -> None:
    stranger = f"{remembered}-2"
    for words in (
        ("forget", "--everything", "--yes", "--tenant", stranger),
        ("reembed", "--tenant", stranger),
        ("export", "--tenant", stranger),
    ):
        said = command(*words)
        assert (said.code, said.stdout) == (2, ""), words
        assert stranger in said.stderr
    for name in ("Boiling water", str(UUID(int=0))):
        said = command("forget", name, "--tenant", stranger)
        assert (said.code, said.stdout) == (2, "")
        assert "`qs memory search` finds names." in said.stderr


def test_a_tenant_that_was_added_and_has_nothing_yet_is_known(
    command: Command, database_url: str, tenant: str
) -> None:
    async def add() -> None:
        async with open_as_owner(database_url) as owner:
            await Tenants(owner).add(tenant)

    asyncio.run(add())
    said = command("reembed", "--tenant", tenant)
    assert (said.code, said.stdout.split()[0]) == (0, "0")
    assert command("forget", "--everything", "--yes", "--tenant", tenant).code == 0


def test_all_texts_move_to_the_present_model_and_the_progress_is_told(
    command: Command, remembered: str
) -> None:
    said = command("reembed", "--tenant", remembered, "--json")
    assert said.code == 0
    told = json.loads(said.stdout)
    assert (told["model"], told["left"]) == (MODEL, 0)
    assert told["done"] >= 3
    assert f"0 done, {told['done']} to do" in said.stderr
    again = command("reembed", "--tenant", remembered)
    assert again.stdout == f"0 texts of {remembered} were given vectors of {MODEL}: all have one now\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["export", "--tenant", "Us & Co"], "cannot be a tenant's name"),
        (["export", "-o", "no/such/folder/file"], "'no/such/folder/file' cannot be written"),
        (["export", "-o", "."], "cannot be written"),
        (["export", "-o", "other.txt/file"], "cannot be written"),
        (["import", "nowhere.jsonl", "--tenant", "t"], "cannot be read"),
        (["import", ".", "--tenant", "t"], "cannot be read"),
        (["import", "other.txt", "--tenant", "t"], "is not an exported memory"),
        (["import", "other.txt"], "--tenant"),
        (["forget"], "nothing is named"),
        (["forget", "--everything"], "Say --everything --tenant NAME"),
        (["forget", "Bread", "--everything", "--tenant", "t"], "Say --everything --tenant NAME"),
        (["forget", "Bread", "--kind", "unicorn"], "unicorn"),
        (["reembed", "--tenant", "_system"], "cannot be a tenant's name"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_started(
    words: list[str], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.txt").write_text("something else\n")
    said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), ["memory", *words])
    assert said.code == 2
    assert complaint in said.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other.txt"]


def test_an_embedder_that_cannot_be_reached_is_said_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QS_EMBEDDER", "openai/text-embedding-3-small")
    said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), ["memory", "reembed"])
    assert said.code == 2
    assert "OPENAI_API_KEY" in said.stderr
    assert not (tmp_path / "home").exists()
