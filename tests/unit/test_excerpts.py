"""Pieces of long texts: each in its place, joined where they touch, cut between sentences, never too much."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from quantumsketch.excerpts import Excerpt, Piece, Room, part_around

SENTENCES = [f"This is sentence {number:02}." for number in range(40)]
TEXT = " ".join(SENTENCES)
spans = st.lists(st.tuples(st.integers(0, len(TEXT)), st.integers(0, 90)), max_size=6)


def piece(at: int, length: int) -> Piece:
    return Piece(at, TEXT[at : at + length])


def excerpt(*pieces: Piece) -> Excerpt:
    return Excerpt.of(len(TEXT), pieces)


def test_what_is_left_out_is_marked_before_between_and_behind() -> None:
    first, second = piece(TEXT.index(SENTENCES[3]), 20), piece(TEXT.index(SENTENCES[9]), 20)
    assert excerpt(second, first).text == f"…\n{first.text}\n…\n{second.text}\n…"
    assert excerpt(piece(0, len(TEXT))).text == TEXT
    assert excerpt(piece(0, 20)).text == f"{TEXT[:20]}\n…"
    assert excerpt(piece(len(TEXT) - 20, 20)).text == f"…\n{TEXT[-20:]}"
    assert Excerpt.of(0, []).text == ""


@given(spans, spans)
def test_pieces_of_two_excerpts_are_each_shown_once_and_in_their_places(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    one, other = (excerpt(*(piece(*span) for span in each)) for each in (some, others))
    both = one.joined(other)
    assert both == other.joined(one) == both.joined(other)
    assert all(TEXT[each.at : each.end] == each.text for each in both.pieces)
    ends = [-1, *(each.end for each in both.pieces)]
    assert all(end < each.at for end, each in zip(ends, both.pieces, strict=False))
    shown = {place for at, length in [*some, *others] for place in range(at, min(at + length, len(TEXT)))}
    assert shown == {place for each in both.pieces for place in range(each.at, each.end)}


def test_nothing_is_joined_with_what_is_of_another_text() -> None:
    one = excerpt(piece(0, 20))
    assert one.joined(Excerpt.of(len(TEXT) + 1, [piece(80, 20)])) == one


@given(st.integers(0, 39), st.integers(0, 3), st.integers(1, len(TEXT) + 50), st.integers(0, 1_000))
@example(sentence=0, more=0, room=len(SENTENCES[0]), read_from=0)
def test_a_part_holds_what_it_is_made_around_as_far_as_there_is_room(
    sentence: int, more: int, room: int, read_from: int
) -> None:
    at = TEXT.index(SENTENCES[sentence])
    end = TEXT.index(SENTENCES[min(sentence + more, 39)]) + len(SENTENCES[0])
    around = piece(min(read_from, at), len(TEXT))
    part = part_around(around, (at, end), len(TEXT), room)
    assert TEXT[part.at : part.end] == part.text
    assert 0 < len(part.text) <= room
    assert part.at <= at
    assert part.end >= min(end, at + 1)
    if room >= end - at:
        assert part.end >= end
        assert set(part.text.split(". ")) <= {*TEXT.split(". "), *SENTENCES}


def test_a_part_stands_in_the_middle_and_is_whole_where_all_of_it_has_room() -> None:
    at = TEXT.index(SENTENCES[20])
    near = at, at + len(SENTENCES[20])
    part = part_around(piece(0, len(TEXT)), near, len(TEXT), 120)
    assert part.text == " ".join(SENTENCES[18:23])
    assert part_around(piece(0, len(TEXT)), near, len(TEXT), len(TEXT)).text == TEXT


def test_where_no_sentence_ends_a_word_does_and_where_no_word_does_it_is_cut_all_the_same() -> None:
    words = Piece(0, "word " * 50)
    assert part_around(words, (0, 0), 250, 23).text == "word word word word"
    assert part_around(Piece(0, "x" * 250), (0, 0), 250, 23).text == "x" * 23


@given(st.lists(st.integers(0, 5_000), max_size=40), st.integers(0, 30_000))
def test_shares_are_no_more_than_there_is_room_for(lengths: list[int], room: int) -> None:
    shares = Room(room, least=800, most=2_500).shares(lengths)
    assert len(shares) == len(lengths)
    assert all(800 <= share <= 2_500 for share in shares)
    shown = [min(share, length) for share, length in zip(shares, lengths, strict=True)]
    assert sum(shown) <= room + 800 * len(lengths)


@given(st.lists(st.integers(0, 2_500), max_size=40), st.lists(st.integers(0, 5_000), max_size=40))
def test_short_texts_are_whole_as_far_as_the_room_goes_whatever_follows(
    short: list[int], following: list[int]
) -> None:
    shares = Room(sum(short), least=800, most=2_500).shares([*short, *following])
    assert all(share >= length for share, length in zip(shares, short, strict=False))


def test_what_short_texts_leave_is_for_those_that_come_after() -> None:
    room = Room(4_000, least=800, most=2_500)
    assert room.shares([100, 100, 9_000]) == [2_500, 2_500, 2_500]
    assert room.shares([9_000, 9_000, 9_000]) == [2_500, 1_500, 800]
