"""Captions: narration cut into cues that can be read, and written so that no player takes them for markup."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantumsketch.narration import LEAD_S, beat_seconds, phrase_at
from renderers.ffmpeg.captions import srt, webvtt
from renderers.ffmpeg.cues import SHORTEST_CUE_MS, Cue, SpokenBeat, cues

PROSE = (
    "In a right triangle, the square on the longest side is as large as the two other squares together. "
    "Take three and four: nine and sixteen make twenty-five, which is five squared. So a ladder of five "
    "metres reaches four metres up the wall. Try it!"
)
CHINESE = (
    "勾股定理说明，直角三角形两直角边的平方和等于斜边的平方。例如三和四，九加十六等于二十五，也就是五的平方。"
)


def columns(line: str) -> float:
    """The width of a line, where 42 is full: wide letters count 2.1."""
    marks = {"Mn", "Me", "Cf"}
    letters = [char for char in line if unicodedata.category(char) not in marks]
    return sum(2.1 if unicodedata.east_asian_width(char) in "WF" else 1.0 for char in letters)


def cut(narration: str, start_s: float = 0.0, duration_s: float | None = None) -> list[Cue]:
    return cues([SpokenBeat(start_s, duration_s or beat_seconds(narration), narration)])


def test_prose_is_cut_at_sentences_and_clauses() -> None:
    texts = [" ".join(cue.lines) for cue in cut(PROSE)]
    assert " ".join(texts) == PROSE
    assert all(text[-1] in ".,:!" for text in texts), texts
    assert all(len(cue.lines) <= 2 for cue in cut(PROSE))
    assert all(len(line) <= 42 for cue in cut(PROSE) for line in cue.lines)


def test_a_cue_begins_as_its_first_word_is_spoken() -> None:
    for cue in cut(PROSE, start_s=20.0):
        spoken = phrase_at(PROSE, " ".join(" ".join(cue.lines).split()[:4]))
        assert spoken is not None
        assert cue.start_ms == pytest.approx((20.0 + spoken) * 1000, abs=1)
    assert cut(PROSE)[0].start_ms == LEAD_S * 1000


def test_scripts_without_spaces_have_short_lines_that_begin_with_no_mark() -> None:
    found = cut(CHINESE)
    assert "".join(line for cue in found for line in cue.lines) == CHINESE
    assert all(len(line) <= 20 for cue in found for line in cue.lines)
    assert all(line[0] not in "，。" for cue in found for line in cue.lines)
    assert len(found) > 1


def test_letters_from_right_to_left_stay_in_their_order() -> None:
    hebrew = "במשולש ישר זווית, ריבוע היתר שווה לסכום ריבועי הניצבים. נסו זאת!"
    assert " ".join(line for cue in cut(hebrew) for line in cue.lines) == hebrew


def test_a_beat_that_is_shorter_than_its_words_hurries_them() -> None:
    found = cut(PROSE, duration_s=8.0)
    assert found[-1].end_ms <= 8000
    assert all(cue.end_ms - cue.start_ms >= SHORTEST_CUE_MS for cue in found)


def test_beats_follow_each_other_and_an_empty_moment_shows_nothing() -> None:
    found = cues([SpokenBeat(0, 5, "One."), SpokenBeat(5, 5, "Two."), SpokenBeat(10, 0.0004, "Never.")])
    assert [cue.lines for cue in found] == [("One.",), ("Two.",)]
    assert found[0].end_ms < 5000 < found[1].start_ms


narrations = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=250) | st.lists(
    st.sampled_from(
        ["word", "a", "it,", "end.", "直角三角形", "x" * 50, "e\u0301" * 30, "한국어", "שלום", "--> <b>"]
    ),
    min_size=1,
    max_size=60,
).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(narrations, st.floats(0, 5000), st.floats(0.1, 3.0))
def test_every_cue_fits_its_lines_its_moment_and_its_beat(
    narration: str, start_s: float, share: float
) -> None:
    duration_s = beat_seconds(narration) * share
    found = cues([SpokenBeat(start_s, duration_s, narration)])
    shortest = min(SHORTEST_CUE_MS, int(duration_s * 1000) // max(1, len(found)) - 2)
    for cue in found:
        assert start_s * 1000 <= cue.start_ms
        assert cue.end_ms <= (start_s + duration_s) * 1000
        assert cue.end_ms - cue.start_ms >= max(1, shortest)
        assert 1 <= len(cue.lines) <= 2
        assert all(line == line.strip() and line and columns(line) <= 42.001 for line in cue.lines)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(found))
    letters = re.sub(r"[\s\x00-\x1f\x7f-\x9f]", "", narration)
    assert "".join("".join(cue.lines) for cue in found).replace(" ", "") == letters


def test_nothing_in_a_caption_is_taken_for_markup() -> None:
    nasty = [Cue(0, 1000, ("a < b & <i>c</i> --> d",)), Cue(3_723_004, 3_724_000, ("{\\an8} x", "\\Nabla"))]
    vtt, sub = webvtt(nasty), srt(nasty)
    assert vtt.startswith("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n")
    assert "a &lt; b &amp; &lt;i&gt;c&lt;/i&gt; --&gt; d" in vtt
    assert "01:02:03.004 --> 01:02:04.000\n{\\an8} x\n\\Nabla\n" in vtt
    assert sub.startswith("1\n00:00:00,000 --> 00:00:01,000\n")
    assert "<i>" not in sub
    assert "{\\" not in sub
    assert sub.count("-->") == 2, "only the times have arrows"
    assert sub.replace("\u2060", "").endswith("2\n01:02:03,004 --> 01:02:04,000\n{\\an8} x\n\\Nabla\n")


def test_no_words_make_files_without_cues() -> None:
    assert (webvtt([]), srt([])) == ("WEBVTT\n", "")
