"""What is kept of what a program prints."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.tools.sandbox.printed import read_within


async def _read(printed: list[bytes], most: int) -> tuple[bytes, bool]:
    stream = asyncio.StreamReader()
    reading = asyncio.create_task(read_within(stream, most))
    for part in printed:
        stream.feed_data(part)
        await asyncio.sleep(0)
    stream.feed_eof()
    return await reading


@given(printed=st.lists(st.binary(max_size=40), max_size=6), half=st.integers(1, 30))
def test_the_beginning_and_the_end_are_kept_and_a_cut_is_told(printed: list[bytes], half: int) -> None:
    whole = b"".join(printed)
    kept, cut = asyncio.run(_read(printed, 2 * half))
    assert cut == (len(whole) > 2 * half)
    assert kept == (whole[:half] + whole[-half:] if cut else whole)
