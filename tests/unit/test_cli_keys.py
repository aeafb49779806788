"""What `qs tenant` and `qs key` refuse before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantumsketch.cli.key import SCOPES
from quantumsketch.memory.keys import Scope, new_key
from tests.cli_runs import qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos

REFUSED = [
    ("tenant add Acme", "cannot be a tenant's name"),
    ("tenant add acme --requests-per-minute 0", "--requests-per-minute"),
    ("tenant add acme --most-nodes -1", "--most-nodes"),
    ("tenant add acme --most-nodes 9223372036854775808", "--most-nodes"),
    ("tenant add", "NAME"),
    ("key create", "--tenant"),
    ("key create --tenant Acme", "cannot be a tenant's name"),
    ("key create --tenant acme --scope root", "'read', 'write', 'admin'"),
    ("key create --tenant acme --expires 0", "--expires"),
    (f"key create --tenant acme --note {'n' * 201}", "cannot be kept"),
    ("key list --tenant Acme", "cannot be a tenant's name"),
    ("key revoke acme", "not the beginning of a key"),
    ("key revoke qsk_123", "not the beginning of a key"),
    ("key show", "show"),
]


@pytest.mark.parametrize(("words", "told"), REFUSED, ids=[words[:40] for words, _ in REFUSED])
def test_what_cannot_be_is_refused_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, told: str
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("QS_HOME", str(home))
    studio = RehearsedStudio(RehearsedVideos(tmp_path))
    said = qs(studio, words.split())
    assert said.code == 2
    assert told in said.stderr
    assert said.stdout == ""
    assert studio.opened == 0
    assert not home.exists()


def test_a_key_that_is_mistyped_is_not_repeated(tmp_path: Path) -> None:
    key = new_key()
    said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), ["key", "revoke", f"x{key}"])
    assert said.code == 2
    assert key[:8] in said.stderr
    assert key[:12] not in said.stderr


def test_the_command_offers_exactly_the_scopes_that_there_are() -> None:
    assert [*SCOPES] == [scope.value for scope in Scope]
