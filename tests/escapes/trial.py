"""Puts a case on trial: first its control, where it must do harm, then the attempt in the sandbox."""

from __future__ import annotations

import os
from pathlib import Path

from tests.escapes.case import Case, Way
from tests.escapes.harms import untouched
from tests.escapes.payload import marker
from tests.escapes.stage import NotHere, Seen, Stage


async def try_out(case: Case, folder: Path) -> None:
    """Run a case: AssertionError if it proves nothing or does harm, NotHere if it cannot be run."""
    proven = await _control(case, Stage(folder / "control", case.name))
    await _attack(case, Stage(folder / "attack", case.name))
    if not proven:
        raise NotHere(f"it did no harm in the sandbox, nor outside: {case.optional or case.root_only}")


async def _control(case: Case, stage: Stage) -> bool:
    """Return whether the attempt does harm where it is free to."""
    with case.setting(stage):
        seen = await _seen(case, case.control, stage)
        harm = case.harm(stage, seen)
        if not harm and not case.optional and (os.geteuid() == 0 or not case.root_only):
            raise AssertionError(f"the control did no harm, so the case proves nothing. It saw {seen}")
        return bool(harm)


async def _attack(case: Case, stage: Stage) -> None:
    with case.setting(stage):
        seen = await _seen(case, case.attack, stage)
        if case.harm(stage, seen):
            raise AssertionError(f"the attempt did harm. It saw {seen}")
        if case.probe and case.holds_still and not seen.processes:
            raise AssertionError(f"nobody saw its processes while it held still. It saw {seen}")
        if wrong := untouched(stage, seen):
            raise AssertionError(f"the host is not as it was: {wrong}. It saw {seen}")


async def _seen(case: Case, way: Way, stage: Stage) -> Seen:
    stage.before = stage.fingerprint()
    seen = await way(case, stage)
    if case.probe and marker(case.name) not in seen.said:
        raise AssertionError(f"the probe never ran. It saw {seen}")
    return seen
