"""Whatever happened, what was so at any moment is what a plain model remembers of that moment."""

from __future__ import annotations

import asyncio
import copy
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quantumsketch.errors import NotFound
from quantumsketch.memory.database import Database, open_database
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.keeping.writing import take_turn
from quantumsketch.memory.migrate import migrate
from quantumsketch.memory.statements import Entity, Fact, Key, Provenance
from tests.embedders import SameForAll

BY_TEST = Provenance("run", "test", "tool")
NAMES = "abcd"
RELATIONS = ("related_to", "owned_by", "uses")
"""Of many targets; of one at a time; of many, itself among them."""
Triple = tuple[str, str, str]


@dataclass
class Moment:
    """What is so."""

    facts: set[Triple] = field(default_factory=set)
    ever: set[Triple] = field(default_factory=set)
    described: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES, ""))
    closed: set[str] = field(default_factory=set)
    part_of: dict[str, str] = field(default_factory=dict)

    def it(self, name: str) -> str:
        """What `name` is a part of, or itself."""
        return self.part_of.get(name, name)

    def hold(self, source: str, relation: str, target: str) -> None:
        if relation == "owned_by":
            self.facts = {f for f in self.facts if f[:2] != (source, relation)}
        self.facts.add((source, relation, target))
        self.ever |= self.facts


@dataclass(frozen=True)
class Say:
    source: str
    relation: str
    target: str

    @property
    def fact(self) -> Fact:
        return Fact(_key(self.source), self.relation, _key(self.target))

    async def do(self, store: Store, tenant: str) -> None:
        await store.upsert(tenant, [], [self.fact], BY_TEST)

    def happen(self, now: Moment) -> None:
        source, target = now.it(self.source), now.it(self.target)
        if source != target or self.source == self.target:
            now.hold(source, self.relation, target)


@dataclass(frozen=True)
class Unsay(Say):
    async def do(self, store: Store, tenant: str) -> None:
        with suppress(NotFound):
            await store.close(tenant, self.fact, BY_TEST)

    def happen(self, now: Moment) -> None:
        now.facts.discard((now.it(self.source), self.relation, now.it(self.target)))


@dataclass(frozen=True)
class Describe:
    name: str
    text: str

    async def do(self, store: Store, tenant: str) -> None:
        await store.upsert(tenant, [Entity(*_key(self.name), self.text)], [], BY_TEST, embed=False)

    def happen(self, now: Moment) -> None:
        if self.name not in now.part_of:
            now.described[self.name] = self.text
            now.closed.discard(self.name)


@dataclass(frozen=True)
class Close:
    name: str

    async def do(self, store: Store, tenant: str) -> None:
        await store.close(tenant, _key(self.name), BY_TEST)

    def happen(self, now: Moment) -> None:
        now.closed.add(self.name)
        now.facts = {f for f in now.facts if self.name not in (f[0], f[2])}


@dataclass(frozen=True)
class Merge:
    duplicate: str
    into: str

    async def do(self, store: Store, tenant: str) -> None:
        await store.merge(tenant, _key(self.duplicate), _key(self.into), BY_TEST)

    def is_possible(self, now: Moment) -> bool:
        return self.duplicate != self.into and not {self.duplicate, self.into} & set(now.part_of)

    def happen(self, now: Moment) -> None:
        old, into = self.duplicate, self.into
        moving = {f for f in now.facts if old in (f[0], f[2])}
        now.facts -= moving
        now.closed.add(old)
        now.part_of |= {old: into, **{n: into for n, whole in now.part_of.items() if whole == old}}
        taken = {f[:2] for f in now.facts}
        for source, relation, target in moving:
            moved = into if source == old else source, relation, into if target == old else target
            arises = moved[0] == moved[2] and source != target
            if not arises and not (moved[0] == into and relation == "owned_by" and moved[:2] in taken):
                now.hold(*moved)


Step = Say | Unsay | Describe | Close | Merge


def _key(name: str) -> Key:
    return "concept", name


NAME = st.sampled_from(NAMES)
TRIPLE = st.tuples(NAME, st.sampled_from(RELATIONS), NAME).filter(lambda t: t[1] == "uses" or t[0] != t[2])
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        TRIPLE.map(lambda t: Say(*t)), TRIPLE.map(lambda t: Say(*t)), TRIPLE.map(lambda t: Unsay(*t)),
        st.builds(Describe, NAME, st.sampled_from(["x", "y"])), st.builds(Close, NAME),
        st.builds(Merge, NAME, NAME),
    ),
    min_size=3, max_size=14,
)  # fmt: skip


@pytest.fixture(scope="module")
def migrated_url(database_url: str) -> str:
    asyncio.run(migrate(database_url))
    return database_url


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
@example([Say("a", "owned_by", "c"), Say("b", "owned_by", "d"), Merge("a", "b")])
@example([Say("a", "uses", "a"), Say("a", "uses", "b"), Merge("a", "b"), Say("a", "related_to", "b")])
@example([Say("a", "uses", "b"), Merge("a", "b"), Merge("b", "c"), Unsay("a", "uses", "b")])
def test_as_of_any_moment_it_is_what_a_plain_model_remembers(migrated_url: str, steps: list[Step]) -> None:
    asyncio.run(_live_and_remember(migrated_url, steps))


async def _live_and_remember(url: str, steps: list[Step]) -> None:
    tenant, now, memories = f"t-{secrets.token_hex(6)}", Moment(), []
    async with open_database(url) as database:
        store = Store(database, SameForAll())
        ids = (await store.upsert(tenant, [Entity(*_key(n)) for n in NAMES], [], BY_TEST, embed=False)).ids
        names = {node: name for (_, name), node in ids.items()}
        for step in steps:
            if isinstance(step, Merge) and not step.is_possible(now):
                continue
            await step.do(store, tenant)
            step.happen(now)
            memories.append((await _clock(database, tenant), copy.deepcopy(now)))
        for at, then in memories:
            for name, node in ((name, ids[_key(name)]) for name in NAMES):
                for known_at in (None, at):
                    told = await store.facts(tenant, node, as_of=at, known_at=known_at)
                    held = {(names[f.source], f.kind, names[f.target]) for f in told}
                    assert len(told) == len(held)
                    assert held == {f for f in then.facts if f[0] == name}
                inward = await store.facts(tenant, node, direction="in", as_of=at)
                assert {names[f.source] for f in inward} == {f[0] for f in then.facts if f[2] == name}
                entity = await store.entity(tenant, node, as_of=at)
                assert entity.description == then.described[name]
                assert (entity.closed_at is not None) == (name in then.closed)
                assert (entity.merged_into and names[entity.merged_into]) == then.part_of.get(name)


async def _clock(database: Database, tenant: str) -> datetime:
    async with database.transaction(tenant, "look at the clock") as connection:
        return await take_turn(connection, tenant)
