"""Small codebases for tests: written as text, read, and looked into."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pydantic import JsonValue

from quantumsketch.memory.codebases.files import Sources
from quantumsketch.memory.codebases.reading import Reading, reading_of
from quantumsketch.memory.statements import checked_entities, checked_facts


def read(files: Mapping[str, str | bytes], name: str = "shop") -> Reading:
    """Read files that lie nowhere, and hold the reading against what the store takes."""
    sources = Sources(
        {
            PurePosixPath(path): text if isinstance(text, bytes) else textwrap.dedent(text).encode()
            for path, text in files.items()
        }
    )
    reading = reading_of(sources, name, None)
    checked_entities(reading.entities)
    checked_facts(reading.facts)
    told = {entity.key for entity in reading.entities}
    assert {end for fact in reading.facts for end in (fact.source, fact.target)} <= told
    return reading


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())
    return folder


def facts(reading: Reading, relation: str) -> set[tuple[str, str]]:
    return {(fact.source[1], fact.target[1]) for fact in reading.facts if fact.relation == relation}


def properties(reading: Reading, name: str) -> dict[str, JsonValue]:
    (found,) = [entity for entity in reading.entities if entity.name == name and entity.properties]
    return dict(found.properties or {})


def kinds(reading: Reading) -> set[tuple[str, str]]:
    return {entity.key for entity in reading.entities}
