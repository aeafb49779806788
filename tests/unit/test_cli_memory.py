"""`qs memory`: what it refuses before anything is started, and what it tells."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from quantumsketch.cli.memory import described_lines, ingest_lines
from quantumsketch.memory.codebases.ingesting import NotRead, Recorded
from quantumsketch.memory.keeping.description import Described, DescribedFact
from quantumsketch.memory.records import EntityRecord
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos

AT = datetime(2026, 1, 2, 12, tzinfo=UTC)
BY_TOOL = {"run": "r", "activity": "ingest", "said_by": "tool:codebases", "at": AT.isoformat()}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def memory(home: Path, *words: str) -> Said:
    """Run a command that has to end before it starts a server."""
    said = qs(RehearsedStudio(RehearsedVideos(home.parent)), ["memory", *words])
    assert not home.exists(), "servers were started"
    return said


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["ingest", ""], "qs: the path is empty. Name a folder; '.' is the one you are in."),
        (["ingest", "nowhere"], "qs: 'nowhere' is no folder. Give the folder of a package or a repository."),
        (["ingest", "empty"], "qs: no Python was found in the codebase 'empty'. Give another folder."),
        (["ingest", "shop", "--name", "a/b"], "qs: a codebase cannot be called 'a/b'."),
        (["ingest", "shop", "--version", ""], "qs: the version has 0 characters"),
        (["ingest"], "qs: Missing argument 'PATH'."),
        (["show", "Pot", "--kind", "teapot"], "qs: no entity can be of the kind 'teapot'."),
        (["show", ""], "qs: the name has 0 characters"),
        (["show", "x", "--limit", "0"], "qs: Invalid value for '--limit'"),
        (["search"], "qs: Missing argument 'QUESTION'."),
        (["search", " "], "qs: nothing can be searched for in ' '. Give a word or more."),
        (["search", "\udcff"], "qs: the question holds half of a surrogate pair: '\\udcff'. Leave it out."),
        (["search", "x" * 2_001], "qs: the question has 2001 characters"),
        (
            ["search", "x", "--for-all", "--tenant", "t"],
            "qs: what is known for all tenants is no single one's",
        ),
        (["search", "x", "--kind", "teapot"], "qs: no entity can be of the kind 'teapot'."),
        (["search", "x", "--limit", "101"], "qs: Invalid value for '--limit'"),
        (["search", "x", "--as-of", "then"], "qs: Invalid value for '--as-of': 'then' is no time"),
        (["walk", "x", "--depth", "9"], "qs: Invalid value for '--depth'"),
        (["walk", "x", "--relation", "loves"], "qs: no relation is called 'loves'."),
        (["walk", "x", "--direction", "up"], "qs: Invalid value for '--direction'"),
        (["walk", "x" * 501], "qs: the name has 501 characters"),
    ],
)
def test_bad_input_is_told_in_one_line_and_starts_nothing(
    home: Path, words: list[str], complaint: str
) -> None:
    for name in ("empty", "shop"):
        (home.parent / name).mkdir()
    (home.parent / "shop" / "a.py").write_text("")
    said = memory(home, *words)
    assert (said.code, said.stdout) == (2, "")
    assert said.stderr.startswith(complaint)
    assert said.stderr.count("\n") == 1


def test_the_help_says_what_is_there(home: Path) -> None:
    said = memory(home, "--help")
    assert said.code == 0
    assert {line.split()[0] for line in said.stdout.split("Commands:")[1].splitlines() if line} >= {
        "ingest",
        "search",
        "show",
        "walk",
    }


def test_what_was_read_changed_and_skipped_is_told_in_lines() -> None:
    recorded = Recorded(
        codebase="shop",
        version="1.2",
        read={"module": 1, "class": 2, "parameter": 1_000},
        facts=1_234,
        added=5,
        changed=6,
        closed=7,
        skipped=[NotRead(path=f"m{place}.py", why="a link") for place in range(12)],
    )
    by_words = "what is new is found by words; `qs memory reembed --tenant acme` has it found by meaning too"
    lines = [
        "shop 1.2",
        "read: 1 module, 2 classes, 1,000 parameters; 1,234 facts",
        "added 5, changed 6, closed 7",
        by_words,
        *[f"not read: m{place}.py: a link" for place in range(10)],
        "not read: 2 more (--json names them)",
    ]
    assert list(ingest_lines(recorded, "acme", vectors=False)) == lines
    lines.remove(by_words)
    assert list(ingest_lines(recorded, "acme", vectors=True)) == lines
    nothing_new = recorded.model_copy(update={"added": 0, "changed": 0})
    assert by_words not in list(ingest_lines(nothing_new, "acme", vectors=False))


def test_an_entity_is_told_with_its_facts_dates_and_who_said_so() -> None:
    entity = EntityRecord(
        id=UUID(int=1), kind="class", name="shop.Pot", description="Round.", body="Round.\n\nNot flat.",
        properties={"codebase": "shop", "public_names": ["shop.P", "shop.Pan"]}, provenance=BY_TOOL,
        recorded_at=AT, changed_at=AT.replace(day=3), closed_at=AT.replace(day=4), merged_into=None,
    )  # fmt: skip
    fact = DescribedFact(
        relation="inherits", outward=True, kind="class", name="shop.Vessel", properties={}, provenance={},
        valid_from=AT,
    )  # fmt: skip
    told = Described(entity=entity, facts=[fact, fact.model_copy(update={"outward": False})], truncated=True)
    day = f"{AT.astimezone():%Y-%m-%d %H:%M}"
    assert list(described_lines(told)) == [
        "class shop.Pot",
        f"    is no more since {AT.replace(day=4).astimezone():%Y-%m-%d %H:%M}",
        "    Round.",
        "    ",
        "    Not flat.",
        "    codebase: shop",
        "    public_names: shop.P, shop.Pan",
        f"    known since {day}, said by tool:codebases",
        f"    as it is since {AT.replace(day=3).astimezone():%Y-%m-%d %H:%M}",
        f"  inherits -> class shop.Vessel (since {day}, said by nobody who is known)",
        f"  <- inherits class shop.Vessel (since {day}, said by nobody who is known)",
        "  ... and more facts: --limit shows more",
    ]
