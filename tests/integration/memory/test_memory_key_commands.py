"""`qs tenant` and `qs key` on a real database: a key goes to standard output, once, and nowhere else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.keys import Doorkeeper, Identity, Scope, public_id
from tests.cli_runs import Said, qs
from tests.rehearsed_videos import RehearsedStudio, RehearsedVideos

Command = Callable[[str], Said]


@pytest.fixture
def command(database_setting: str, graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run one command on the module's database; no other server may be started."""
    home = tmp_path / "home"
    monkeypatch.setenv("QS_DATABASE_URL", database_setting)
    monkeypatch.setenv("QS_HOME", str(home))

    def run(words: str) -> Said:
        said = qs(RehearsedStudio(RehearsedVideos(tmp_path)), words.split())
        assert not home.exists()
        return said

    return run


def _verified(database_url: str, key: str) -> Identity | None:
    async def verify() -> Identity | None:
        async with open_database(database_url) as database:
            return await Doorkeeper(database).verify(key)

    return asyncio.run(verify())


def test_a_key_is_printed_once_and_lets_its_tenant_in_until_it_is_revoked(
    command: Command, database_url: str, tenant: str
) -> None:
    assert command(f"tenant add {tenant}").code == 0
    made = command(f"key create --tenant {tenant} --note laptop")
    key = made.stdout.rstrip("\n")
    assert (made.code, made.stdout.count("\n")) == (0, 1)
    assert key not in made.stderr
    assert _verified(database_url, key) == Identity(
        tenant, frozenset({Scope.READ, Scope.WRITE}), public_id(key)
    )
    listed = command(f"key list --tenant {tenant}").stdout
    assert listed.startswith(f"{public_id(key)}  {tenant}  valid    read,write  without end  used 20")
    assert listed.endswith("  laptop\n")
    assert key not in listed
    revoked = command(f"key revoke {public_id(key)}")
    assert (revoked.code, revoked.stdout) == (0, "")
    assert public_id(key) in revoked.stderr
    assert _verified(database_url, key) is None
    assert "  revoked  " in command("key list").stdout


def test_the_whole_key_revokes_it_as_well(command: Command, database_url: str, tenant: str) -> None:
    command(f"tenant add {tenant}")
    key = command(f"key create --tenant {tenant}").stdout.strip()
    said = command(f"key revoke {key}")
    assert said.code == 0
    assert key not in said.stdout + said.stderr
    assert _verified(database_url, key) is None


def test_scopes_and_end_are_as_asked_for(command: Command, database_url: str, tenant: str) -> None:
    command(f"tenant add {tenant}")
    key = command(f"key create --tenant {tenant} --scope admin --scope read --expires 30").stdout.strip()
    (told,) = json.loads(command(f"key list --tenant {tenant} --json").stdout)["keys"]
    assert list(told) == [
        "id", "tenant", "scopes", "note", "created_at", "expires_at", "revoked_at", "last_used_at", "state",
    ]  # fmt: skip
    assert (told["id"], told["scopes"], told["state"]) == (public_id(key), ["read", "admin"], "valid")
    assert told["expires_at"] > told["created_at"]
    identity = _verified(database_url, key)
    assert identity
    assert identity.scopes == {Scope.READ, Scope.ADMIN}


def test_a_tenant_has_the_limits_that_were_last_given(command: Command, tenant: str) -> None:
    said = command(f"tenant add {tenant} --most-nodes 1000000 --requests-per-minute 60")
    assert "at most 1,000,000 nodes, at most 60 requests a minute" in said.stdout
    assert command(f"tenant add {tenant} --most-nodes 7").code == 0
    told = json.loads(command("tenant list --json").stdout)["tenants"]
    (own,) = [each for each in told if each["name"] == tenant]
    assert (own["most_nodes"], own["requests_per_minute"]) == (7, None)
    listed = command("tenant list").stdout.splitlines()
    (line,) = [line for line in listed if line.startswith(f"{tenant}  ")]
    assert line.endswith("at most 7 nodes, any number of requests a minute")


def test_without_its_tenant_no_key_is_made(command: Command, tenant: str) -> None:
    said = command(f"key create --tenant {tenant}")
    assert (said.code, said.stdout) == (2, "")
    assert f"qs tenant add {tenant}" in said.stderr
    assert command(f"key list --tenant {tenant}").stdout == ""
    assert command("key revoke qsk_00000000").code == 2
