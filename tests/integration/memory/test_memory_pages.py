"""Pages of entities: the newest first, and each of them once."""

from __future__ import annotations

import pytest

from quantumsketch.errors import BadInput
from quantumsketch.memory.keeping.reading import LONGEST_PAGE
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.statements import Entity, Provenance

BY_TOOL = Provenance("v1", "record_video", "tool")


async def test_pages_begin_with_the_newest_and_neither_skip_nor_repeat_while_others_write(
    store: Store, tenant: str
) -> None:
    for number in range(6):
        await store.upsert(tenant, [Entity("note", f"n{number}")], [], BY_TOOL, embed=False)
    first = await store.entities(tenant, limit=2)
    assert [entity.name for entity in first.entities] == ["n5", "n4"]
    await store.upsert(
        tenant, [Entity("note", "later"), Entity("note", "n0", "else")], [], BY_TOOL, embed=False
    )
    await store.erase(tenant, ("note", "n4"))
    await store.erase(tenant, ("note", "n2"))
    rest = await store.entities(tenant, limit=9, cursor=first.next)
    assert [entity.name for entity in rest.entities] == ["n3", "n1", "n0"]
    assert (await store.entities(tenant, limit=1)).entities[0].name == "later"


async def test_pages_show_every_entity_once(store: Store, tenant: str) -> None:
    names = {f"n{n}" for n in range(23)}
    await store.upsert(
        tenant, [Entity("note", n) for n in names] + [Entity("person", "Ada")], [], BY_TOOL, embed=False
    )
    seen: list[str] = []
    cursor = None
    while True:
        page = await store.entities(tenant, "note", 5, cursor)
        seen += [entity.name for entity in page.entities]
        if (cursor := page.next) is None:
            break
    assert sorted(seen) == sorted(names)
    assert len((await store.entities(tenant)).entities) == 24
    for wrong in ("x", "bm90aGluZw==", "[]", "\x00", "é", "MjAyNi0wMS0wMSB4"):
        with pytest.raises(BadInput, match="cursor"):
            await store.entities(tenant, cursor=wrong)
    with pytest.raises(BadInput, match="limited"):
        await store.entities(tenant, limit=0)


async def test_a_page_of_long_properties_ends_earlier_and_all_pages_together_are_whole(
    store: Store, tenant: str
) -> None:
    names = [f"n{n:02}" for n in range(33)]
    told = [Entity("note", n, "d" * 20_000, properties={"p": "\U0001f600" * 74_000}) for n in names]
    for entity in told:
        await store.upsert(tenant, [entity], [], BY_TOOL, embed=False)
    pages = [await store.entities(tenant, limit=200)]
    while pages[-1].next is not None:
        pages.append(await store.entities(tenant, limit=200, cursor=pages[-1].next))
    assert [entity.name for page in pages for entity in page.entities] == names[::-1]
    assert [len(page.entities) for page in pages] == [25, 8]
    assert all(len(page.model_dump_json().encode()) <= LONGEST_PAGE + 100_000 for page in pages)
