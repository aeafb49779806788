"""What a tenant's user prefers, as facts of the graph, and the edits that it is taken from.

    USER {chosen}                    what was asked for in the newest videos
    USER --prefers--> PREFERENCE     one holds at a time; its properties are the preference
    USER --works_on--> STORYBOARD    a plan of ours, what it says, what was taken out of it since, its videos

Until there are logins, a tenant has one user, who is called alike in every one: so a memory that moves to
another tenant is still that of its user. Knows no run and no request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256

from pydantic import JsonValue, TypeAdapter, ValidationError

from quantumsketch import preferences
from quantumsketch.edits import (
    Choices,
    Plan,
    Script,
    chosen_again,
    edit_of,
    taken_out_again,
    with_choices,
)
from quantumsketch.errors import NotFound
from quantumsketch.memory.keeping.open_turn import OpenTurn
from quantumsketch.memory.keeping.store import Store
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.queries import query
from quantumsketch.memory.records import FactRecord
from quantumsketch.memory.statements import Entity, Fact, Key, Provenance
from quantumsketch.preferences import MOST_EVIDENCE, About, KnownBy, Preference, Preferring
from quantumsketch.storyboard import MOST_AVOIDED, Look, Storyboard

THE_USER = "you"
PLANS_REMEMBERED = 30
"""The newest ones: an edited storyboard is looked for among them, and others are erased."""
_VIDEOS_OF_A_PLAN = 100
"""The newest ones: with any of them the plan is erased."""
_USER: Key = NodeKind.USER.value, THE_USER
_CHOICES = TypeAdapter(Choices)
_BY_PERSON = Provenance("preferences", "set_preference", "user")
_BY_EDITS = Provenance("preferences", "read_edits", "tool:edits")


class PreferenceBook:
    """The preferences of every tenant. Whatever is changed is read, decided and written in one turn."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def known(self, tenant: str) -> list[Preference]:
        """Return what is known, and what was taken away again; a value of another version is left out."""
        try:
            user = await self._store.entity(tenant, _USER)
        except NotFound:
            return []
        return _preferences(await self._store.facts(tenant, user.id, EdgeKind.PREFERS))

    async def change(self, tenant: str, said: Preferring) -> list[Preference]:
        """Keep what a person says, and return what is known then; raises BadInput."""
        async with self._store.turn(tenant, "change preferences", _BY_PERSON) as turn:
            user = _User(turn)
            known = await user.preferences()
            await user.prefer(known, preferences.changes(known, said, datetime.now(UTC)))
            return await user.preferences()

    async def chosen(self, tenant: str, video_id: str, look: Look) -> None:
        """Note what of its look was asked for for a video; what was three times on end is preferred."""
        async with self._store.turn(tenant, "note what was asked for", _BY_EDITS) as turn:
            user = _User(turn)
            node = await turn.entity(_USER)
            kept = node.properties if node else {}
            before = _choices(kept)
            after = with_choices(before, video_id, look)
            if after != before:
                properties = {**kept, "chosen": _CHOICES.dump_python(after, mode="json")}
                await turn.say([Entity(*_USER, properties=properties)], [])
            for about, made in chosen_again(after).items():
                await user.take(about, made[0].value, [choice.video for choice in made])

    async def planned(self, tenant: str, storyboard: Storyboard) -> None:
        """Keep what a plan says, to be compared with what comes back; only the newest plans are kept."""
        script = Script.of(storyboard)
        async with self._store.turn(tenant, "keep a plan", _BY_EDITS) as turn:
            user = _User(turn)
            if all(plan.script != script for plan in (await user.plans()).values()):
                key = NodeKind.STORYBOARD.value, sha256(storyboard.model_dump_json().encode()).hexdigest()
                await user.work_on(key, Plan(script=script))
                await user.forget_old_plans()

    async def edited(self, tenant: str, video_id: str, storyboard: Storyboard) -> None:
        """Compare what a video is made of with the plan that it was; what is taken out of two is avoided."""
        async with self._store.turn(tenant, "compare a storyboard with its plan", _BY_EDITS) as turn:
            user = _User(turn)
            kept = await user.plans()
            plans = list(kept.values())
            scripts = [plan.script for plan in plans]
            edit = await asyncio.to_thread(edit_of, Script.of(storyboard), scripts)
            if edit is None:
                return
            plan = plans[edit.plan]
            videos = [*plan.videos, video_id][-_VIDEOS_OF_A_PLAN:]
            plans[edit.plan] = plan.model_copy(update={"without": edit.without, "videos": videos})
            await user.work_on(list(kept)[edit.plan], plans[edit.plan])
            for word, titles in taken_out_again(plans).items():
                await user.take(About.AVOID, word, titles)


class _User:
    """What is known of a tenant's user, and said of them, in one turn."""

    def __init__(self, turn: OpenTurn) -> None:
        self.turn = turn

    async def preferences(self) -> list[Preference]:
        return _preferences(await self.turn.facts(_USER, EdgeKind.PREFERS))

    async def prefer(self, known: Sequence[Preference], new: Sequence[Preference]) -> None:
        before = {one.key for one in known}
        for one in new:
            fact = Fact(_USER, EdgeKind.PREFERS, _node(one.key), one.model_dump(mode="json"))
            if one.key in before:  # what held until now stays in the history
                with suppress(NotFound):  # somebody else said it, of a node of another name
                    await self.turn.close(fact)
            said = f"{one.about}: {one.value}" if one.holds else f"no longer {one.about}: {one.value}"
            await self.turn.say([Entity(*fact.source), Entity(*fact.target, description=said)], [fact])

    async def take(self, about: About, value: str, evidence: Sequence[str]) -> None:
        """Prefer what edits show, unless a person said something about it, or it is preferred already."""
        now = datetime.now(UTC)
        named = [" ".join(each.split()) for each in evidence][:MOST_EVIDENCE]
        try:
            new = Preference(about=about, value=value, since=now, known_by=KnownBy.EDITS, evidence=named)
        except ValidationError:  # no person could prefer that: it was not we who wrote it down
            return
        known = await self.preferences()
        before = next((one for one in known if one.key == new.key), None)
        is_news = before is None or (before.known_by is KnownBy.EDITS and before.value != value)
        fits = about is not About.AVOID or len(preferences.of(known, About.AVOID)) < MOST_AVOIDED
        if is_news and fits:
            await self.prefer(known, [new])

    async def plans(self) -> dict[Key, Plan]:
        """The plans that were kept, the newest first, by the key of each."""
        plans = {}
        for fact in await self.turn.facts(_USER, EdgeKind.WORKS_ON, PLANS_REMEMBERED):
            with suppress(ValidationError):  # somebody else said what the user works on
                plan = Plan.model_validate(fact.properties)
                if node := await self.turn.entity(fact.target):
                    plans[node.kind, node.name] = plan
        return plans

    async def work_on(self, storyboard: Key, plan: Plan) -> None:
        fact = Fact(_USER, EdgeKind.WORKS_ON, storyboard, plan.model_dump())
        entities = [Entity(*fact.source), Entity(*fact.target, description=f"A plan: {plan.script.title}")]
        await self.turn.say(entities, [fact])

    async def forget_old_plans(self) -> None:
        """Erase what plans say that nobody's edits are compared with any more."""
        parameters = {"name": THE_USER, "kept": PLANS_REMEMBERED}
        await self.turn.turn.connection.execute(query("erase_old_plans"), parameters)


def _preferences(facts: Sequence[FactRecord]) -> list[Preference]:
    known: dict[str, Preference] = {}
    for fact in facts:  # the newest first
        with suppress(ValidationError):
            preference = Preference.model_validate(fact.properties)
            known.setdefault(preference.key, preference)
    return list(known.values())


def _choices(kept: dict[str, JsonValue]) -> Choices:
    try:
        return _CHOICES.validate_python(kept.get("chosen", {}))
    except ValidationError:  # somebody else wrote it
        return {}


def _node(key: str) -> Key:
    return NodeKind.PREFERENCE.value, f"{THE_USER}/{key}"
