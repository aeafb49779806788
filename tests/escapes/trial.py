"""Puts a case on trial: first its control, where it must do harm, then the attempt in the sandbox."""

from __future__ import annotations

import os
from pathlib import Path

from tests.escapes.case import Case, Way
from tests.escapes.harms import untouched
from tests.escapes.payload import marker
from tests.escapes.stage import Seen, Stage


class NotHere(Exception):
    """The case cannot be tried on this machine or by this user; the message says why."""


async def try_out(case: Case, folder: Path) -> None:
    """Run a case: AssertionError if it proves nothing or does harm, NotHere if it cannot be run."""
    if case.root_only and os.geteuid() != 0:
        raise NotHere(f"only root could do it outside: {case.root_only}")
    if missing := case.needs():
        raise NotHere(missing)
    stage, seen, harm = await _attempt(case, case.control, folder / "control")
    if not harm:
        raise AssertionError(f"the control did no harm, so the case proves nothing. It saw {seen}")
    stage, seen, harm = await _attempt(case, case.attack, folder / "attack")
    if harm:
        raise AssertionError(f"the attempt did harm: {case.harm.__doc__ or harm!r} It saw {seen}")
    if case.probe and case.holds_still and not seen.processes:
        raise AssertionError(f"nobody saw its processes while it held still. It saw {seen}")
    if wrong := untouched(stage, seen):
        raise AssertionError(f"the host is not as it was: {wrong}. It saw {seen}")


async def _attempt(case: Case, way: Way, folder: Path) -> tuple[Stage, Seen, object]:
    stage = Stage(folder, case.name)
    with case.setting(stage):
        stage.before = stage.fingerprint()
        seen = await way(case, stage)
        if case.probe and marker(case.name) not in seen.said:
            raise AssertionError(f"the probe never ran. It saw {seen}")
        return stage, seen, case.harm(stage, seen)
