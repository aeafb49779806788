"""What a home holds once nobody works in it any more."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import wait_for_servers_to_end


def assert_nowhere(secret: str, home: Path) -> None:
    """No file that was left behind holds the secret, the servers' databases and logs included."""
    wait_for_servers_to_end(home)  # files come and go while they stop
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "temporal.db" for path in kept)
    assert [path for path in kept if secret.encode() in path.read_bytes()] == []
