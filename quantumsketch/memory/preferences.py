"""What a tenant's user prefers, as facts of the graph, and the edits that it is taken from.

    USER {chosen}                    what was asked for in the newest videos
    USER --prefers--> PREFERENCE     one holds at a time; its properties are the preference
    USER --works_on--> STORYBOARD    a plan of ours, what it says, and what was taken out of it since

Until there are logins, a tenant has one user, who is called like it. Knows no run and no request.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from pydantic import JsonValue, TypeAdapter, ValidationError

from quantumsketch import preferences
from quantumsketch.edits import (
    Choices,
    Plan,
    Script,
    chosen_again,
    origin,
    taken_out_again,
    with_choices,
    words_taken_out,
)
from quantumsketch.errors import NotFound
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.records import FactRecord
from quantumsketch.memory.statements import Entity, Fact, Key, Provenance
from quantumsketch.memory.store import Store
from quantumsketch.preferences import About, KnownBy, Preference, Preferring
from quantumsketch.storyboard import MOST_AVOIDED, Look, Storyboard

PLANS_REMEMBERED = 30
"""The newest ones: an edited storyboard is looked for among them."""
_CHOICES = TypeAdapter(Choices)
_BY_PERSON = Provenance("preferences", "set_preference", "user")
_BY_EDITS = Provenance("preferences", "read_edits", "tool:edits")


class PreferenceBook:
    """The preferences of every tenant."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def known(self, tenant: str) -> list[Preference]:
        """Return what is known, and what was taken away again; a value of another version is left out."""
        known: dict[str, Preference] = {}
        for fact in await self._facts(tenant, EdgeKind.PREFERS):  # the newest first
            with suppress(ValidationError):
                preference = Preference.model_validate(fact.properties)
                known.setdefault(preference.key, preference)
        return list(known.values())

    async def change(self, tenant: str, said: Preferring) -> list[Preference]:
        """Keep what a person says, and return what is known then; raises BadInput."""
        known = await self.known(tenant)
        new = preferences.changes(known, said, datetime.now(UTC))
        await self._keep(tenant, known, new, _BY_PERSON)
        return await self.known(tenant)

    async def chosen(self, tenant: str, video_id: str, look: Look) -> None:
        """Note what of its look was asked for for a video; what was three times on end is preferred."""
        kept = await self._kept_of_user(tenant)
        before = _choices(kept)
        after = with_choices(before, video_id, look)
        if after != before:
            properties = {**kept, "chosen": _CHOICES.dump_python(after, mode="json")}
            user = Entity(*_user(tenant), properties=properties)
            await self._store.upsert(tenant, [user], [], _BY_EDITS, embed=False)
        for about, made in chosen_again(after).items():
            await self._take(tenant, about, made[0].value, [choice.video for choice in made])

    async def planned(self, tenant: str, storyboard: Storyboard) -> None:
        """Keep what a plan says, to be compared with what comes back."""
        script = Script.of(storyboard)
        if all(plan.script != script for plan in (await self._plans(tenant)).values()):
            key = NodeKind.STORYBOARD.value, sha256(storyboard.model_dump_json().encode()).hexdigest()
            await self._works_on(tenant, key, Plan(script=script))

    async def edited(self, tenant: str, storyboard: Storyboard) -> None:
        """Compare a person's storyboard with the plan that it was; what is taken out of two is avoided."""
        kept = await self._plans(tenant)
        nodes, plans = list(kept), list(kept.values())
        script = Script.of(storyboard)
        index = origin(script, [plan.script for plan in plans])
        if index is None:
            return
        taken_out = words_taken_out(plans[index].script, script)
        plans[index] = plans[index].model_copy(update={"without": taken_out})
        node = await self._store.entity(tenant, nodes[index])
        await self._works_on(tenant, (node.kind, node.name), plans[index])
        for word, titles in taken_out_again(plans).items():
            await self._take(tenant, About.AVOID, word, titles)

    async def _take(self, tenant: str, about: About, value: str, evidence: list[str]) -> None:
        """Prefer what edits show, unless a person said something about it, or it is preferred already."""
        now = datetime.now(UTC)
        try:
            new = Preference(about=about, value=value, since=now, known_by=KnownBy.EDITS, evidence=evidence)
        except ValidationError:  # no person could prefer that: it was not we who wrote it down
            return
        known = await self.known(tenant)
        before = next((one for one in known if one.key == new.key), None)
        is_news = before is None or (before.known_by is KnownBy.EDITS and before.value != value)
        if is_news and len(preferences.of(known, About.AVOID)) < MOST_AVOIDED:
            await self._keep(tenant, known, [new], _BY_EDITS)

    async def _keep(
        self, tenant: str, known: Sequence[Preference], new: Sequence[Preference], by: Provenance
    ) -> None:
        before = {one.key for one in known}
        for one in new:
            fact = Fact(_user(tenant), EdgeKind.PREFERS, _node(tenant, one.key), one.model_dump(mode="json"))
            if one.key in before:  # what held until now stays in the history
                with suppress(NotFound):  # somebody else said it, of a node of another name
                    await self._store.close(tenant, fact, by)
            said = f"{one.about}: {one.value}" if one.holds else f"no longer {one.about}: {one.value}"
            entities = [Entity(*fact.source), Entity(*fact.target, description=said)]
            await self._store.upsert(tenant, entities, [fact], by, embed=False)

    async def _kept_of_user(self, tenant: str) -> dict[str, JsonValue]:
        try:
            return (await self._store.entity(tenant, _user(tenant))).properties
        except NotFound:
            return {}

    async def _plans(self, tenant: str) -> dict[UUID, Plan]:
        """The plans that were kept, the newest first, by the node of each."""
        plans = {}
        for fact in await self._facts(tenant, EdgeKind.WORKS_ON, PLANS_REMEMBERED):
            with suppress(ValidationError):  # somebody else said what the user works on
                plans[fact.target] = Plan.model_validate(fact.properties)
        return plans

    async def _works_on(self, tenant: str, storyboard: Key, plan: Plan) -> None:
        fact = Fact(_user(tenant), EdgeKind.WORKS_ON, storyboard, plan.model_dump())
        entities = [Entity(*fact.source), Entity(*fact.target, description=f"A plan: {plan.script.title}")]
        await self._store.upsert(tenant, entities, [fact], _BY_EDITS, embed=False)

    async def _facts(self, tenant: str, relation: EdgeKind, limit: int = 1_000) -> list[FactRecord]:
        try:
            user = await self._store.entity(tenant, _user(tenant))
        except NotFound:
            return []
        return await self._store.facts(tenant, user.id, relation, limit=limit)


def _choices(kept: dict[str, JsonValue]) -> Choices:
    try:
        return _CHOICES.validate_python(kept.get("chosen", {}))
    except ValidationError:  # somebody else wrote it
        return {}


def _user(tenant: str) -> Key:
    return NodeKind.USER.value, tenant


def _node(tenant: str, key: str) -> Key:
    return NodeKind.PREFERENCE.value, f"{tenant}/{key}"
