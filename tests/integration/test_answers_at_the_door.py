"""The memory of an open studio asks the chain that the settings name, with the keys of the environment."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from quantumsketch.answered import Answered
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.runtime.embedded import Endpoints
from quantumsketch.settings import Settings
from tests.answering_models import citing
from tests.provider_calls import CLAUDE, KEY
from tests.provider_emulator import ProviderEmulator, said
from workflows.bootstrap import LONGEST_STATEMENT_S, open_studio

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def _asked(endpoints: Endpoints, home: Path) -> Answered:
    settings = Settings(home=home, models=(CLAUDE,), free_tier=False)
    async with open_studio(settings, endpoints, worker=False) as studio:
        memory, tenant = studio.memory, f"door-{secrets.token_hex(4)}"
        note = Entity("note", "Lunch", "The cook serves soup on Mondays.")
        await memory.store.upsert(tenant, [note], [], Provenance("run-1", "write", "user"))
        return await memory.answers.ask(tenant, "What does the cook serve?")


async def test_with_a_key_the_chain_answers_and_without_one_nobody_is_asked(
    endpoints: Endpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = await _asked(endpoints, tmp_path)
    assert (without.answer, [source.name for source in without.sources]) == (None, ["Lunch"])
    assert f"{CLAUDE}: not asked: it is not set up" in without.notes
    assert not any("_API_KEY" in note for note in without.notes), "that is of the installation"
    async with ProviderEmulator(
        respond=lambda asked: said(asked, citing("Soup {}.", "Lunch")(asked.words))
    ) as emulator:
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.setenv("ANTHROPIC_API_BASE", emulator.url)
        answered = await _asked(endpoints, tmp_path)
    assert (answered.answer, answered.by, answered.notes) == ("Soup [1].", CLAUDE, [])


async def test_a_statement_of_the_doors_is_bounded_and_one_of_who_works_here_is_not(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    async with open_studio(Settings(home=tmp_path), endpoints, worker=False) as studio:
        async with studio.memory.database.transaction("door", "look") as connection:
            row = await (await connection.execute("SHOW statement_timeout")).fetchone()
            assert row == {"statement_timeout": f"{LONGEST_STATEMENT_S:.0f}s"}
        async with studio.videos.graph.database.transaction("door", "look") as connection:
            row = await (await connection.execute("SHOW statement_timeout")).fetchone()
            assert row == {"statement_timeout": "0"}
