"""Two entities become one in a real Postgres: what goes on, what does not, and what is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quantumsketch.errors import BadInput, NotFound
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Fact, Provenance

BY_TOOL = Provenance("run-1", "ingest", "tool")
BY_USER = Provenance("run-2", "edit", "user:ada")
ADA, GRACE = ("person", "Ada"), ("person", "Grace")
ENGINE, COMPILER = ("project", "Engine"), ("project", "Compiler")


def _only(*keys: tuple[str, str]) -> list[Entity]:
    return [Entity(*key) for key in keys]


async def test_a_duplicate_becomes_a_part_of_what_it_is_and_both_keep_their_history(
    store: Store, tenant: str
) -> None:
    countess = ("person", "Countess of Lovelace")
    facts = [
        Fact(countess, "works_on", ENGINE), Fact(COMPILER, "owned_by", countess),
        Fact(ADA, "works_on", COMPILER), Fact(countess, "related_to", ADA),
        Fact(countess, "replaced_by", GRACE), Fact(ADA, "replaced_by", ENGINE),
    ]  # fmt: skip
    ids = (await store.upsert(tenant, _only(ADA, GRACE, ENGINE, COMPILER, countess), facts, BY_TOOL)).ids
    merged = await store.merge(tenant, countess, ADA, BY_USER)
    assert (merged.into, merged.moved) == (ids[ADA], 2)
    assert sorted(note.split(":")[0].split()[0] for note in merged.dropped) == ["related_to", "replaced_by"]
    now = await store.facts(tenant, ids[ADA], direction="both")
    assert {(f.source, f.kind, f.target) for f in now} == {
        (ids[ADA], "works_on", ids[ENGINE]), (ids[COMPILER], "owned_by", ids[ADA]),
        (ids[ADA], "works_on", ids[COMPILER]), (ids[ADA], "replaced_by", ids[ENGINE]),
    }  # fmt: skip
    moved = next(f for f in now if (f.kind, f.target) == ("works_on", ids[ENGINE]))
    assert (moved.provenance["said_by"], moved.provenance["merged_from"]) == ("user:ada", str(ids[countess]))
    assert await store.facts(tenant, ids[countess], direction="both") == []
    before = merged.at - timedelta(microseconds=1)
    assert len(await store.facts(tenant, ids[countess], direction="both", as_of=before)) == 4
    gone = await store.entity(tenant, countess)
    assert (gone.merged_into, gone.closed_at) == (ids[ADA], merged.at)
    said = await store.upsert(tenant, [Entity(*countess, "again")], [Fact(countess, "knows", GRACE)], BY_TOOL)
    assert (said.added, said.changed, said.ids[countess]) == (1, 0, ids[ADA])
    assert (await store.merge(tenant, countess, ADA, BY_USER)).moved == 0


async def test_of_what_both_are_known_by_what_the_survivor_is_known_by_stays_and_the_rest_is_told(
    store: Store, tenant: str
) -> None:
    countess, done, open_ = ("person", "Countess"), ("tag", "done"), ("tag", "open")
    facts = [
        Fact(ADA, "works_on", ENGINE, {"role": "engineer"}),
        Fact(countess, "works_on", ENGINE, {"role": "poet"}),
        Fact(GRACE, "knows", ADA, {"since": 1}), Fact(GRACE, "knows", countess, {"since": 2}),
        Fact(ADA, "works_on", COMPILER, {"role": "x"}), Fact(countess, "works_on", COMPILER, {"role": "x"}),
        Fact(ADA, "status", done), Fact(countess, "status", done),
        Fact(ADA, "replaced_by", GRACE), Fact(countess, "replaced_by", ENGINE),
    ]  # fmt: skip
    keys = (ADA, GRACE, ENGINE, COMPILER, countess, done, open_)
    ids = (await store.upsert(tenant, _only(*keys), facts, BY_TOOL)).ids
    merged = await store.merge(tenant, countess, ADA, BY_USER)
    assert merged.moved == 0
    assert sorted(merged.dropped) == sorted([
        f"works_on {ids[ENGINE]}: of the survivor it is known with other properties",
        f"{ids[GRACE]} knows: of the survivor it is known with other properties",
        f"replaced_by {ids[ENGINE]}: of the survivor something else is known",
    ])  # fmt: skip
    held = await store.facts(tenant, ids[ADA], direction="both")
    assert {(f.kind, f.target): f.properties for f in held} == {
        ("works_on", ids[ENGINE]): {"role": "engineer"}, ("knows", ids[ADA]): {"since": 1},
        ("works_on", ids[COMPILER]): {"role": "x"}, ("status", ids[done]): {},
        ("replaced_by", ids[GRACE]): {},
    }  # fmt: skip
    assert all(fact.provenance["said_by"] == "tool" for fact in held), "the merge changed none of them"


async def test_what_is_said_of_a_duplicate_and_of_its_survivor_at_once_is_the_survivors_alone(
    store: Store, tenant: str
) -> None:
    countess = ("person", "Countess")
    await store.upsert(tenant, _only(ADA, countess), [], BY_TOOL)
    await store.merge(tenant, countess, ADA, BY_USER)
    for said in (
        [Entity(*ADA, "one"), Entity(*countess, "two")],
        [Entity(*countess, "x"), Entity(*ADA, "y")],
    ):
        written = await store.upsert(tenant, said, [], BY_TOOL)
        assert (written.changed, written.merged) == (1, [countess])
        (expected,) = (each.description for each in said if each.key == ADA)
        assert (await store.entity(tenant, ADA)).description == expected
    assert (await store.entity(tenant, countess)).description == ""


async def test_what_cannot_be_one_is_not_merged(store: Store, tenant: str) -> None:
    await store.upsert(tenant, _only(ADA, GRACE, ENGINE, ("person", "A")), [], BY_TOOL)
    await store.merge(tenant, ("person", "A"), ADA, BY_USER)
    for duplicate, into, why in [
        (ADA, ADA, "into itself"), (ADA, ENGINE, "cannot be merged into a project"),
        (GRACE, ("person", "A"), "duplicate itself"), (("person", "A"), GRACE, "merged already"),
        (ADA, ("person", "A"), "duplicate itself"),
    ]:  # fmt: skip
        with pytest.raises(BadInput, match=why):
            await store.merge(tenant, duplicate, into, BY_USER)
    with pytest.raises(NotFound):
        await store.merge(tenant, ("person", "Nobody"), ADA, BY_USER)
    await store.merge(tenant, ADA, GRACE, BY_USER)
    assert (await store.entity(tenant, ("person", "A"))).merged_into == (await store.entity(tenant, GRACE)).id
