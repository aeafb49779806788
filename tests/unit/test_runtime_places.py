"""Where servers keep things, and what a start puts in order before it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from quantumsketch.runtime.places import LONGEST_LOG, Places, last_lines
from quantumsketch.runtime.servers import Postgres, free_ports


def test_every_process_finds_the_same_short_private_socket_folder_for_a_home(qs_home: Path) -> None:
    for home in (qs_home, qs_home / ("deep/" * 40)):
        places = Places(home)
        places.prepare()
        assert Places(home).sockets == places.sockets
        assert len(str(places.leases)) < 100
        assert places.sockets.stat().st_mode & 0o777 == 0o700
        places.sockets.rmdir()
    assert Places(qs_home).sockets != Places(qs_home / ("deep/" * 40)).sockets


def test_a_link_to_a_home_is_the_home(qs_home: Path) -> None:
    home = qs_home / ("deep/" * 40)
    home.mkdir(parents=True)
    (qs_home / ("link" * 30)).symlink_to(home)
    assert Places(qs_home / ("link" * 30)).sockets == Places(home).sockets


def test_a_socket_folder_that_others_can_enter_or_swap_is_refused(qs_home: Path) -> None:
    places = Places(qs_home)
    places.prepare()
    places.sockets.chmod(0o755)
    with pytest.raises(PermissionError, match="private"):
        places.prepare()
    places.sockets.rmdir()
    (qs_home / "elsewhere").mkdir(mode=0o700)
    places.sockets.symlink_to(qs_home / "elsewhere")
    with pytest.raises(PermissionError, match="private"):
        places.prepare()


def test_a_long_log_is_put_aside_and_a_short_one_is_kept(qs_home: Path) -> None:
    places = Places(qs_home)
    places.prepare()
    places.log("temporal").write_bytes(b"x" * (LONGEST_LOG + 1))
    places.log("postgres").write_text("1\n2\n3\n")
    places.prepare()
    assert not places.log("temporal").exists()
    assert (places.logs / "temporal.old").stat().st_size == LONGEST_LOG + 1
    assert last_lines(places.log("postgres"), 2) == "2\n3"
    assert last_lines(places.log("temporal")) == ""


def test_before_the_first_start_any_lock_file_is_stale_and_later_that_of_a_dead_server_that_nobody_reaped(
    qs_home: Path,
) -> None:
    places = Places(qs_home)
    places.prepare()
    places.postgres.mkdir()
    lock_files = [places.postgres / "postmaster.pid", places.sockets / ".s.PGSQL.5432.lock"]
    with subprocess.Popen(["true"]) as dead:
        while Path(f"/proc/{dead.pid}/stat").read_text().split()[2] != "Z":
            time.sleep(0.01)
        server = Postgres(places)
        for pid, stays in ((os.getpid(), False), (os.getpid(), True), (dead.pid, False)):
            for file in lock_files:
                file.write_text(f"{pid}\n/some/where\n")
            server.before_start()
            assert [file.exists() for file in lock_files] == [stays, stays]


def test_a_preparation_that_was_killed_is_done_again_from_the_start(qs_home: Path) -> None:
    places = Places(qs_home)
    (qs_home / "postgres.unfinished" / "half").mkdir(parents=True)
    assert Postgres(places).preparation()
    assert not (qs_home / "postgres.unfinished").exists()
    places.postgres.mkdir()
    assert Postgres(places).preparation() == []


def test_free_ports_are_different_from_each_other() -> None:
    assert len(set(free_ports(5))) == 5
