"""Postgres after a power cut: what it left behind keeps it from nothing."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import psycopg

from quantumsketch.runtime.embedded import attach
from quantumsketch.runtime.places import Places
from quantumsketch.settings import Settings
from tests.conftest import wait_for_servers_to_end


async def test_a_lock_file_whose_pid_somebody_else_has_by_now_keeps_no_server_from_starting(
    qs_home: Path,
) -> None:
    settings = Settings(home=qs_home, temporal_address="elsewhere:7233")
    places = Places(qs_home)
    lock_files = [places.postgres / "postmaster.pid", places.sockets / ".s.PGSQL.5432.lock"]
    async with attach(settings) as endpoints:
        with psycopg.connect(endpoints.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        left = [file.read_text() for file in lock_files]
    await asyncio.to_thread(wait_for_servers_to_end, qs_home)
    places.prepare()
    for file, text in zip(lock_files, left, strict=True):
        assert not file.exists(), "it ended in order"
        _, line_end, rest = text.partition("\n")
        file.write_text(f"{os.getpid()}{line_end}{rest}")
    async with attach(settings) as endpoints:
        with psycopg.connect(endpoints.database_url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
