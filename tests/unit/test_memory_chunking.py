"""Long texts are cut where one would pause, and nothing of them is lost."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.memory.keeping.chunking import _TOKEN, CHUNK_TOKENS, chunks_of

MOST_IN_THE_DATABASE = 20_000
WIDE = " " * 25_000
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(
            ["A sentence of some words. ", "\n\n", "word " * 70, "x" * 1_500, "数学。" * 50, ". ", "\t", WIDE]
        ),
    ),
    max_size=15,
).map("".join)


def _without_space(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None, max_examples=50)
@given(TEXTS)
def test_every_chunk_is_a_short_piece_of_the_text_and_all_of_it_is_in_one(text: str) -> None:
    whole, reached = _without_space(text), {0}
    for chunk in chunks_of(text):
        assert chunk == chunk.strip() != ""
        assert chunk in text
        assert len(_TOKEN.findall(chunk)) <= CHUNK_TOKENS
        assert len(chunk) <= MOST_IN_THE_DATABASE
        piece = _without_space(chunk)
        starts = [at for at in range(len(whole)) if whole.startswith(piece, at)]
        reached = {at + len(piece) for at in starts if any(at <= end < at + len(piece) for end in reached)}
    assert len(whole) in reached


def test_a_short_text_is_one_chunk_and_none_is_none() -> None:
    assert chunks_of("One. Two.\n\nThree.") == ["One. Two.\n\nThree."]
    assert chunks_of(" \n ") == []


def test_a_long_text_is_cut_between_sentences_which_overlap() -> None:
    sentences = [
        f"This is the sentence of number {n} in a rather long text about nothing." for n in range(60)
    ]
    chunks = chunks_of(" ".join(sentences))
    assert len(chunks) > 3
    for before, after in pairwise(chunks):
        assert before.endswith("nothing.")
        assert after.startswith("This is")
        assert after.split(". ")[0] in before


@pytest.mark.parametrize(
    "text",
    [f"a{WIDE}b", f"a\r{WIDE}b", f"a\n{WIDE}\n{WIDE}b", f"{WIDE}a\u3000{WIDE}b{WIDE}", f"a\n{WIDE}b\n"],
)
def test_white_space_without_end_is_left_out(text: str) -> None:
    assert chunks_of(text) == ["a", "b"]


def test_white_space_between_all_words_makes_no_chunk_too_long_for_the_database() -> None:
    chunks = chunks_of(("words" + " " * 63) * 2_000)
    assert sum(chunk.count("words") for chunk in chunks) >= 2_000
    assert max(map(len, chunks)) <= MOST_IN_THE_DATABASE


@pytest.mark.parametrize("sentence", ["。", ". ", "a\n", "!\n"])
def test_sentences_without_end_are_cut_too(sentence: str) -> None:
    chunks = chunks_of(sentence * 20_000)
    assert 100 <= len(chunks) <= 20_000 // (CHUNK_TOKENS - 2 * 40)
    assert all(len(_TOKEN.findall(chunk)) <= CHUNK_TOKENS for chunk in chunks)


def test_a_word_without_end_is_cut_too() -> None:
    chunks = chunks_of("x" * 5_000)
    assert "".join(chunks) == "x" * 5_000
    assert len(chunks) == 5


def test_a_long_text_without_a_pause_takes_no_longer_for_each_piece() -> None:
    began = time.process_time()
    assert len(chunks_of("\U0001d11e" * 300_000)) == 300_000 // CHUNK_TOKENS
    assert time.process_time() - began < 20, "each piece looked through all that is left"
