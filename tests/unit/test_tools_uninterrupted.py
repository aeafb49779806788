"""Work that a cancellation cannot cut short."""

from __future__ import annotations

import asyncio

import pytest

from quantumsketch.tools.sandbox.uninterrupted import to_the_end


async def test_the_result_is_handed_back() -> None:
    assert await to_the_end(asyncio.sleep(0, "done")) == "done"


async def test_an_error_is_handed_back() -> None:
    async def fail() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        await to_the_end(fail())


async def test_cancelling_again_and_again_waits_for_the_end_and_then_cancels() -> None:
    steps: list[str] = []
    may_end = asyncio.Event()

    async def work() -> None:
        await may_end.wait()
        steps.append("ended")

    waiting = asyncio.create_task(to_the_end(work(), on_cancel=lambda: steps.append("told")))
    for _ in range(2):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0.01)
    assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert steps == ["told", "told", "ended"]


async def test_a_cancellation_is_not_lost_where_the_work_fails_after_it() -> None:
    may_end = asyncio.Event()

    async def fail() -> None:
        await may_end.wait()
        raise KeyError("lost")

    waiting = asyncio.create_task(to_the_end(fail(), on_cancel=may_end.set))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await waiting
    assert isinstance(caught.value.__cause__, KeyError)
