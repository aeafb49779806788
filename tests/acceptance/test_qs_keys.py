"""Keys made in a home of their own: Postgres alone is started for it, and no file there holds a key."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import wait_for_servers_to_end

pytestmark = pytest.mark.slow

RunQs = Callable[..., subprocess.CompletedProcess[str]]


def test_a_key_is_shown_once_and_kept_nowhere(run_qs: RunQs, qs_home: Path) -> None:
    refused = run_qs("key", "create", "--tenant", "acme")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert run_qs("tenant", "add", "acme").returncode == 0
    made = run_qs("key", "create", "--tenant", "acme")
    key = made.stdout.strip()
    assert key.startswith("qsk_"), made.stderr
    assert key not in made.stderr
    listed = run_qs("key", "list", "--tenant", "acme")
    assert key[:12] in listed.stdout
    assert run_qs("key", "revoke", key[:12]).returncode == 0
    wait_for_servers_to_end(qs_home)
    files = {path: path.read_bytes() for path in qs_home.rglob("*") if path.is_file()}
    assert any(key[:12].encode() in content for content in files.values()), "the database was not looked at"
    assert [path for path, content in files.items() if key[13:].encode() in content] == []
    assert not any("temporal" in path.name for path in files)
