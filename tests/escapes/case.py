"""What an attempt to escape is, as a row of a table. Knows nothing of how it is run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from quantumsketch.tools.tool import Limits
from tests.escapes.stage import Seen, Stage
from tests.escapes.ways import inside, outside
from tests.sandbox_calls import QUICK


class Kind(StrEnum):
    """What an attempt goes for."""

    FILES = "files"
    NETWORK = "network"
    TIME_AND_PROCESSES = "time and processes"
    MEMORY_AND_DISK = "memory and disk"
    LEAKS = "leaks"
    PRIVILEGES = "privileges"
    OUTPUTS = "outputs"
    RESULT_FORGERY = "result forgery"
    MEDIA_PARSERS = "media parsers"
    CONFIGURATION = "configuration"
    DEGRADED_HOSTS = "degraded hosts"
    CONCURRENCY = "concurrency"


Harm: TypeAlias = Callable[[Stage, Seen], object]
"""Looks at the host and returns something true if the attempt did harm."""
Setting: TypeAlias = Callable[[Stage], AbstractContextManager[object]]
"""Prepares the host for one attempt; what the probe must know of it goes to `stage.facts`."""
Way: TypeAlias = "Callable[[Case, Stage], Awaitable[Seen]]"
"""Makes the attempt, and returns what was seen of it."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One attempt. The probe's own folder is scratch, and `at.NAME` is what the stage tells it."""

    name: str
    harm: Harm
    probe: str = ""
    """Python; none where the ways are the case's own and no script of ours runs."""
    setting: Setting = nullcontext
    control: Way = outside
    """Makes the attempt where the wall is missing, for the judgement to see that it does harm there."""
    attack: Way = inside
    root_only: str = ""
    """What an ordinary user cannot do, not even outside: the control may fail then, and that is told."""
    optional: str = ""
    """What this machine may lack, such as a kernel's option: the control may fail then, and that is told."""
    holds_still: bool = True
    """Whether the probe waits for the host's look; not if its end is what the attempt is about."""
    limits: Limits = QUICK
    outputs: Mapping[str, int] = field(default_factory=dict)
