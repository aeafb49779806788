"""What is said of a call: over its limits, near to them, and what its exit code means."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.tools.sandbox.bubblewrap import most_threads
from quantumsketch.tools.sandbox.verdict import Seen, nearness, of_exit, over
from quantumsketch.tools.tool import Ended, Limits

LIMITS = Limits()
FULL = Seen(
    processes=LIMITS.processes,
    threads=most_threads(LIMITS) - 1,
    cpu_s=LIMITS.cpu_s,
    memory_bytes=LIMITS.memory_bytes,
    scratch_bytes=LIMITS.scratch_bytes - 1,
    scratch_files=LIMITS.scratch_files,
)


@pytest.mark.parametrize(
    ("measure", "ended", "word"),
    [
        ("processes", Ended.KILLED, "128 processes"),
        ("threads", Ended.KILLED, "threads"),
        ("cpu_s", Ended.KILLED, "120 s of processor time"),
        ("memory_bytes", Ended.OUT_OF_MEMORY, "bytes of memory"),
        ("scratch_bytes", Ended.OUT_OF_DISK, "bytes of scratch"),
        ("scratch_files", Ended.OUT_OF_DISK, "5000 files"),
    ],
)
def test_a_call_at_all_its_limits_goes_on_and_beyond_one_of_them_must_end(
    measure: str, ended: Ended, word: str
) -> None:
    assert over(FULL, LIMITS) is None
    verdict = over(replace(FULL, **{measure: getattr(FULL, measure) + 1}), LIMITS)
    assert verdict is not None
    assert verdict.ended is ended
    assert word in verdict.detail


counts = st.integers(0, 2**40)


@given(seen=st.builds(Seen, counts, counts, st.floats(0, 1e6), counts, counts, counts))
def test_whoever_is_over_a_limit_was_near_to_it(seen: Seen) -> None:
    if over(seen, LIMITS) is not None:
        assert nearness(seen, LIMITS) >= 1
    if nearness(seen, LIMITS) < 1:
        assert over(seen, LIMITS) is None


def test_exit_codes_are_told_apart() -> None:
    endings = {code: of_exit(code, Seen(), LIMITS).ended for code in (0, 1, 127, 128, 137, 139, 255)}
    error, killed = Ended.ERROR, Ended.KILLED
    assert endings == {0: Ended.OK, 1: error, 127: error, 128: error, 137: killed, 139: killed, 255: error}


def test_who_failed_for_want_of_disk_or_processor_time_is_told_so() -> None:
    full, tired = Seen(scratch_bytes=LIMITS.scratch_bytes), Seen(cpu_s=LIMITS.cpu_s + 0.1)
    assert of_exit(1, full, LIMITS).ended is Ended.OUT_OF_DISK
    assert "processor time" in of_exit(137, tired, LIMITS).detail
    assert of_exit(0, full, LIMITS).ended is Ended.OK
