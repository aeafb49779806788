"""Brings a database to the present schema, once, however many processes ask at the same time.

Everything happens in one transaction under one lock: a crash leaves the database as it was. Each step is
recorded with its checksum, so a step that was changed after its release is noticed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import psycopg

from quantumsketch.errors import QuantumSketchError
from quantumsketch.memory.failures import translated

_LOCK = 0x7153_6B65_7463_6801
"""Any number that no other program locks in this database."""
_FILE_NAME = re.compile(r"^(\d{4})_\w+\.sql$")

_PREPARE_SCHEMA = b"""
CREATE SCHEMA IF NOT EXISTS quantumsketch;
CREATE TABLE IF NOT EXISTS quantumsketch.migrations (
    number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""
# The extension may have been put into another schema than "public": keep what is searched.
_ENTER_SCHEMA = b"SELECT set_config('search_path', 'quantumsketch, ' || current_setting('search_path'), true)"
# Roles belong to the whole server, and the lock to one database: another database's migration may be first.
_CREATE_ROLE = b"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'quantumsketch_app') THEN
        CREATE ROLE quantumsketch_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
# Since Postgres 16 who creates a role is a member of it, but may not become it.
_MAY_BECOME_ROLE = b"""
SELECT pg_has_role(
    'quantumsketch_app',
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
"""


@dataclass(frozen=True)
class Migration:
    """One step."""

    number: int
    name: str
    statements: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.statements).hexdigest()


_RELEASED_TOO = {4: "1257a97c55bc63b9d6ae29dfb7b5ac7f9e4aab69054306040a9fea012132e1e1"}
"""The sum of a step in a form that an earlier version had; a later step makes the same of both."""


@cache
def migrations() -> tuple[Migration, ...]:
    """Return all steps in order; raises ValueError if their numbers are not 1, 2, 3, ..."""
    found = []
    for file in files("quantumsketch.memory.migrations").iterdir():
        if match := _FILE_NAME.match(file.name):
            found.append(Migration(int(match[1]), file.name, file.read_bytes()))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations must be numbered 0001, 0002, ...: {[m.name for m in found]!r}")
    return tuple(found)


async def migrate(database_url: str, steps: tuple[Migration, ...] | None = None) -> None:
    """Apply the steps that the database has not seen; all of them or, on any error, none.

    Raises ServiceUnavailable, and QuantumSketchError that says which right is missing or what does not match.
    """
    with translated("migrate the database"):
        async with await psycopg.AsyncConnection.connect(database_url, connect_timeout=10) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            missing = _missing(steps or migrations(), await _applied(connection))
            if missing:
                await _prepare(connection)
                await connection.execute(_ENTER_SCHEMA)
            for step in missing:
                await connection.execute(step.statements)
                await connection.execute(
                    "INSERT INTO quantumsketch.migrations (number, name, sha256) VALUES (%s, %s, %s)",
                    [step.number, step.name, step.sha256],
                )


async def _applied(connection: psycopg.AsyncConnection) -> dict[int, str]:
    if not await _is_so(connection, b"SELECT to_regclass('quantumsketch.migrations') IS NOT NULL"):
        return {}
    rows = await connection.execute("SELECT number, sha256 FROM quantumsketch.migrations")
    return dict(await rows.fetchall())


def _missing(steps: tuple[Migration, ...], applied: dict[int, str]) -> list[Migration]:
    if newer := sorted(set(applied) - {step.number for step in steps}):
        raise QuantumSketchError(
            f"the database has migration {newer[-1]:04}, which this version does not know",
            mend="Use the version of QuantumSketch that made it, or a newer one.",
        )
    for step in steps:
        if applied.get(step.number, step.sha256) not in (step.sha256, _RELEASED_TOO.get(step.number)):
            raise QuantumSketchError(
                f"migration {step.name!r} is not the one that was applied to the database",
                mend="Restore the file: released migrations never change; add a new one instead.",
            )
    return [step for step in steps if step.number not in applied]


async def _prepare(connection: psycopg.AsyncConnection) -> None:
    await connection.execute(_PREPARE_SCHEMA)
    await _as_administrator(connection, b"CREATE EXTENSION IF NOT EXISTS vector", "CREATE EXTENSION vector;")
    await _as_administrator(connection, _CREATE_ROLE, "CREATE ROLE quantumsketch_app NOLOGIN;")
    if not await _is_so(connection, _MAY_BECOME_ROLE):
        by_hand = f"GRANT quantumsketch_app TO {connection.info.user};"
        await _as_administrator(connection, b"GRANT quantumsketch_app TO CURRENT_USER", by_hand)


async def _as_administrator(connection: psycopg.AsyncConnection, statement: bytes, by_hand: str) -> None:
    """Run what an ordinary login may lack the right for, and say then what an administrator has to run."""
    try:
        async with connection.transaction():
            await connection.execute(statement)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported) as error:
        raise QuantumSketchError(
            f"the login {connection.info.user!r} cannot prepare the database {connection.info.dbname!r}: "
            f"{error.diag.message_primary}",
            mend=f"Have an administrator run in that database: {by_hand}",
        ) from error


async def _is_so(connection: psycopg.AsyncConnection, question: bytes) -> bool:
    row = await (await connection.execute(question)).fetchone()
    return row is not None and bool(row[0])
