"""What is written for somebody outside: new if it has to be, and no more than the quota allows."""

from __future__ import annotations

import pytest

from quantumsketch.errors import AlreadyThere, NotAllowed
from quantumsketch.memory.database import Connection
from quantumsketch.memory.keeping.admission import check_kind, new_within_quota, within_quota
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.ontology import RECORDED_BY_US, NodeKind
from quantumsketch.memory.statements import Entity, Provenance
from quantumsketch.memory.tenants import Quotas, Tenants

BY_TEST = Provenance("run", "test", "user")
ADA, LOVELACE = ("person", "Ada"), ("person", "Lovelace")


async def _say(store: Store, tenant: str, *keys: tuple[str, str], new: bool = False) -> int:
    admission = new_within_quota if new else within_quota
    said = [Entity(*key, "said") for key in keys]
    written = await store.upsert(tenant, said, [], BY_TEST, embed=False, admission=admission)
    return written.added + written.changed


async def test_what_is_there_is_not_new_and_what_was_closed_or_erased_is(store: Store, tenant: str) -> None:
    assert await _say(store, tenant, ADA, new=True) == 1
    with pytest.raises(AlreadyThere, match="a person called 'Ada'"):
        await _say(store, tenant, ADA, new=True)
    await store.close(tenant, ADA, BY_TEST)
    assert await _say(store, tenant, ADA, new=True) == 1
    await store.erase(tenant, ADA)
    assert await _say(store, tenant, ADA, new=True) == 1


async def test_what_became_part_of_something_else_is_there(store: Store, tenant: str) -> None:
    await _say(store, tenant, ADA, LOVELACE)
    await store.merge(tenant, LOVELACE, ADA, BY_TEST)
    with pytest.raises(AlreadyThere):
        await _say(store, tenant, LOVELACE, new=True)


async def test_the_quota_counts_what_is_new_once(store: Store, owner: Connection, tenant: str) -> None:
    await Tenants(owner).add(tenant, Quotas(most_nodes=2))
    assert await _say(store, tenant, ADA, ADA) == 1
    with pytest.raises(NotAllowed, match="2 more nodes are asked for, the tenant may have 1 more"):
        await _say(store, tenant, ("note", "a"), ("note", "b"))
    assert await _say(store, tenant, LOVELACE, ADA) == 1
    assert await _say(store, tenant, ADA) == 0
    with pytest.raises(NotAllowed, match="may have 0 more"):
        await _say(store, tenant, ("note", "a"), new=True)
    assert len((await store.entities(tenant)).entities) == 2


def test_what_a_video_is_made_of_is_not_for_others_to_say() -> None:
    for kind in NodeKind:
        if kind in RECORDED_BY_US:
            with pytest.raises(NotAllowed, match=kind):
                check_kind(kind)
        else:
            check_kind(kind)
    assert {"video", "beat", "scene", "idea", "user", "preference"} <= RECORDED_BY_US
