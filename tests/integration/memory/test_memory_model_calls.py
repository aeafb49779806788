"""The call book in Postgres: shared by all workers, walled between tenants, kept when a worker is killed."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from quantumsketch.call_book import CallEnding, CoolDown, FreeLimits, Limits, Wish
from quantumsketch.errors import QuantumSketchError
from quantumsketch.llm.metering import CallContext, Metered
from quantumsketch.llm.types import BudgetHeld
from quantumsketch.memory.database import open_database
from quantumsketch.memory.films.graph import Graph
from quantumsketch.memory.model_calls import PostgresBook
from tests.metered_calls import NOON, QUESTION, SONNET, Scripted, planned

Administrator = psycopg.Connection
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def name() -> str:
    """A name that no other test uses, for what all tenants share."""
    return secrets.token_hex(6)


async def test_workers_that_share_a_database_share_budgets_limits_and_cool_downs(
    database_url: str, postgres_book: PostgresBook, tenant: str, name: str
) -> None:
    async with open_database(database_url) as another:
        books = [postgres_book, PostgresBook(another)]
        wish, limits = Wish(0.1, 0.1), Limits(month_usd=1.0)
        grants = await asyncio.gather(
            *(books[n % 2].reserve(planned(tenant, f"c{n}"), wish, limits) for n in range(24))
        )
        free = await asyncio.gather(
            *(books[n % 2].take_free_call(name, f"c{n}", FreeLimits(), NOON) for n in range(24))
        )
        await books[0].cool(name, CoolDown(NOON + HOUR, "because"))
        assert await books[1].cooling([name], NOON) == CoolDown(NOON + HOUR, "because")
    assert sum(grant.usd or 0 for grant in grants) == pytest.approx(1.0)
    assert free.count(None) == 20


_ASK_AND_WAIT = """
import asyncio, sys
from quantumsketch.llm.metering import CallContext, Metered
from quantumsketch.memory.database import open_database
from quantumsketch.memory.model_calls import PostgresBook
from tests.metered_calls import QUESTION, SONNET

async def never_answer(entry, question, /, *, most_tokens):
    print("asked", flush=True)
    await asyncio.sleep(60)

async def main(url, tenant):
    async with open_database(url) as database:
        context = CallContext(tenant, "v1", "c1", "storyboard", max_cost_usd=0.2)
        await Metered(never_answer, PostgresBook(database)).ask(SONNET, QUESTION, context=context)

asyncio.run(main(*sys.argv[1:]))
"""


def _kill_while_it_asks(*arguments: str) -> None:
    worker = [sys.executable, "-c", _ASK_AND_WAIT, *arguments]
    with subprocess.Popen(worker, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == b"asked\n"
        finally:
            process.kill()


async def test_a_call_whose_worker_is_killed_counts_with_what_it_may_have_cost(
    database_url: str, postgres_book: PostgresBook, tenant: str
) -> None:
    await asyncio.to_thread(_kill_while_it_asks, database_url, tenant)
    spent = await postgres_book.spent(tenant, "v1", datetime.now(UTC))
    assert 0.19 < spent.video_usd <= 0.2
    assert spent.video_held_usd == spent.video_usd
    provider = Scripted()
    context = CallContext(tenant, "v1", "c2", "storyboard", max_cost_usd=0.2)
    with pytest.raises(BudgetHeld):
        await Metered(provider, postgres_book).ask(SONNET, QUESTION, context=context)
    assert provider.asked == []


async def test_a_call_is_written_down_with_all_that_is_known_of_it(
    postgres_book: PostgresBook, tenant: str, administrator: Administrator
) -> None:
    call = replace(planned(tenant), beat_id="b03", purpose="repair")
    await postgres_book.reserve(call, Wish(0.5, 0.5), Limits())
    await postgres_book.settle(tenant, "c1", CallEnding("answered", 0.125, 100, 200))
    row = administrator.execute(
        "SELECT video_id, beat_id, model, purpose, at, reserved_usd, ended, cost_usd, input_tokens, "
        "output_tokens FROM model_calls WHERE tenant = %s",
        [tenant],
    ).fetchall()
    assert row == [("v1", "b03", "a/model", "repair", NOON, 0.5, "answered", 0.125, 100, 200)]


async def test_free_calls_that_no_longer_count_are_forgotten(
    postgres_book: PostgresBook, name: str, administrator: Administrator
) -> None:
    for day in range(3):
        await postgres_book.take_free_call(name, f"c{day}", FreeLimits(), NOON + day * DAY)
    kept = administrator.execute("SELECT call_id FROM free_calls WHERE account = %s", [name]).fetchall()
    assert kept == [("c2",)]


async def test_a_call_of_a_tenant_that_cannot_be_is_refused(postgres_book: PostgresBook) -> None:
    for tenant in ("", "Robert'); DROP TABLE model_calls;--"):
        with pytest.raises(QuantumSketchError, match="reserve what a call may cost"):
            await postgres_book.reserve(planned(tenant), Wish(0.0, 0.0), Limits())


async def test_what_all_tenants_share_opens_no_way_to_the_calls_of_one(
    database_url: str, postgres_book: PostgresBook, tenant: str, administrator: Administrator
) -> None:
    await postgres_book.reserve(planned(tenant), Wish(0.0, 0.0), Limits())
    async with open_database(database_url) as database:
        async with database.shared("look") as connection:
            rows = await (await connection.execute("SELECT FROM model_calls")).fetchall()
            assert rows == []
        async with database.transaction(f"{tenant}-2", "look") as connection:
            changed = await connection.execute("UPDATE model_calls SET cost_usd = 0")
            assert changed.rowcount == 0
    assert administrator.execute("SELECT count(*) > 0 FROM model_calls").fetchone() == (True,)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM model_calls", "DELETE FROM cool_downs", "UPDATE free_calls SET at = now()"]
)
async def test_the_product_may_not_undo_what_was_written_down(
    database_url: str, graph: Graph, statement: str
) -> None:
    async with open_database(database_url) as database:
        with pytest.raises(QuantumSketchError, match="does not allow"):
            async with database.shared("undo") as connection:
                await connection.execute(statement.encode())


def test_only_the_products_role_reaches_what_all_tenants_share(
    database_url: str, graph: Graph, ordinary_login: str
) -> None:
    for table in ("model_calls", "cool_downs", "free_calls"):
        with (
            psycopg.connect(make_conninfo(database_url, user=ordinary_login)) as stranger,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            stranger.execute(f"SELECT FROM quantumsketch.{table}".encode())
