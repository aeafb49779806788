"""What a finished video teaches, as entities and facts: its errors, and the repairs that are verified. Pure.

Counts are not stored: each beat says once what it met, what mended it, and which repair it was told of.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, JsonValue

from quantumsketch.incidents import Change, Incident
from quantumsketch.memory.films.facts import storable
from quantumsketch.memory.ontology import EdgeKind, NodeKind
from quantumsketch.memory.statements import Entity, Fact, Key
from quantumsketch.video import RenderedBeat, Video


class Lessons(NamedTuple):
    """What is to be written down."""

    entities: list[Entity]
    facts: list[Fact]


def lessons_of(video: Video) -> Lessons:
    """Return what the incidents of `video` teach; of each entity and fact there is one."""
    told = [each for beat in video.beats for each in _of_beat(video, beat)]
    named = [each for each in told if isinstance(each, Entity)]
    # what is only named here may be described there
    entities = {each.key: each for each in sorted(named, key=lambda each: each.properties is not None)}
    facts = {(each.source, each.relation, each.target): each for each in told if isinstance(each, Fact)}
    return Lessons(list(entities.values()), list(facts.values()))


class KeptRepair(BaseModel):
    """A repair as its entity has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Literal["code", "visual"]
    before: str
    after: str

    @property
    def name(self) -> str:
        """What names it: whoever changes one of its sides makes another repair."""
        return hashlib.sha256(json.dumps([self.of, self.before, self.after]).encode()).hexdigest()


def kept_repair(change: Change, visual: str | None) -> KeptRepair:
    """Return the repair that `change` is, of a scene's code or of a visual of that kind."""
    of: Literal["code", "visual"] = "code" if visual is None else "visual"
    return KeptRepair(of=of, before=storable(change.before), after=storable(change.after))


def _of_beat(video: Video, rendered: RenderedBeat) -> Iterator[Entity | Fact]:
    beat = (NodeKind.BEAT.value, storable(f"{video.id}/{rendered.id}"))
    for incident in rendered.incidents:
        yield Entity(*beat)
        yield from _of_incident(beat, incident)
    helped: dict[str, bool] = {}
    for incident in rendered.incidents:
        for name in incident.hints:
            helped[name] = helped.get(name, False) or incident.mended
    for name, whether in helped.items():
        repair = (NodeKind.REPAIR.value, name)
        yield Entity(*repair)
        yield Fact(beat, EdgeKind.USES, repair, {"helped": whether})


def _of_incident(beat: Key, incident: Incident) -> Iterator[Entity | Fact]:
    complaint, change = incident.complaint, incident.repair
    error = (NodeKind.ERROR.value, storable(complaint.error))
    kept = kept_repair(change, incident.visual) if change else None
    met: dict[str, JsonValue] = {
        "message": storable(complaint.message),
        "mended": incident.mended,
        "repair": kept.name if kept else None,
    }
    yield Entity(*error, properties={"rule": storable(complaint.rule)})
    yield Fact(beat, EdgeKind.FAILED_WITH, error, met)
    if change is None or kept is None:
        return
    repair = (NodeKind.REPAIR.value, kept.name)
    model = (NodeKind.MODEL.value, storable(change.by))
    yield Entity(*repair, properties=kept.model_dump())
    yield Entity(*model)
    yield Fact(error, EdgeKind.REPAIRED_BY, repair)
    yield Fact(repair, EdgeKind.WRITTEN_BY, model)
