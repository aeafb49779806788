"""What is preferred, what changes that, and what it makes of a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quantumsketch.errors import BadInput
from quantumsketch.intake import look_of, preferring_of
from quantumsketch.preferences import (
    About,
    KnownBy,
    Preference,
    Preferring,
    applied,
    changes,
    held,
    of,
    report_of,
)
from quantumsketch.storyboard import Aspect, Look, Quality, VideoRequest, Wording
from tests.rehearsed_videos import STORYBOARD

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHRASES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20).map(str.casefold)
PREFERRING = st.builds(
    Preferring,
    aspect=st.none() | st.sampled_from(Aspect),
    quality=st.none() | st.sampled_from(Quality),
    audience=st.none() | PHRASES,
    avoid=st.lists(PHRASES, max_size=5).map(tuple),
)


def preference(about: str, value: str, by: KnownBy = KnownBy.SAID, **more: Any) -> Preference:
    return Preference(about=About(about), value=value, since=AT, known_by=by, **more)


def after(known: list[Preference], said: Preferring) -> list[Preference]:
    kept = {one.key: one for one in known} | {one.key: one for one in changes(known, said, AT)}
    return list(kept.values())


def test_what_a_request_leaves_open_is_as_preferred_and_says_why() -> None:
    known = [
        preference("avoid", "utilize", KnownBy.EDITS),
        preference("audience", "first-year students"),
        preference("quality", "high"),
        preference("aspect", "9:16", KnownBy.EDITS),
        preference("voice", "calm"),
    ]
    request = applied(VideoRequest(prompt="Tea"), known)
    assert request.look == Look(quality=Quality.HIGH, aspect=Aspect.TALL)
    assert request.because == [
        "9:16 because you asked for it in your last three videos",
        "high quality because you set that on 2026-11-22",
    ]
    assert (request.wording.audience, request.wording.avoid) == ("first-year students", ("utilize",))
    assert request.wording.reasons(broken=()) == [
        "said for 'first-year students' because you set that on 2026-11-22",
        "without 'utilize' because you took it out of two storyboards",
    ]


def test_no_reason_is_told_for_a_word_that_is_said_nevertheless() -> None:
    known = [preference("avoid", "utilize"), preference("avoid", "leverage")]
    wording = applied(VideoRequest(prompt="Tea"), known).wording
    assert wording.reasons(broken=["utilize"]) == ["without 'leverage' because you set that on 2026-11-22"]


def test_what_is_asked_for_now_wins_over_what_is_preferred_even_if_it_is_the_usual() -> None:
    known = [preference("aspect", "9:16"), preference("audience", "children")]
    asked = VideoRequest(prompt="Tea", look=look_of(aspect="16:9"), wording=Wording(audience="experts"))
    request = applied(asked, known)
    assert (request.look.aspect, request.wording.audience) == (Aspect.WIDE, "experts")
    assert request.because == request.wording.reasons(broken=()) == []


def test_a_persons_own_storyboard_keeps_its_words_and_takes_the_look() -> None:
    known = [preference("aspect", "1:1"), preference("avoid", "tea"), preference("audience", "children")]
    request = applied(VideoRequest(prompt="Tea", storyboard=STORYBOARD), known)
    assert request.look.aspect is Aspect.SQUARE
    assert request.wording == Wording()


def test_a_request_that_nothing_applies_to_stays_as_it_is() -> None:
    request = VideoRequest(prompt="Tea")
    assert applied(request, []) == request
    assert applied(request, [preference("aspect", "1:1", holds=False)]) == request


def test_a_preferred_request_is_the_same_at_the_other_side_of_a_wire() -> None:
    known = [preference("aspect", "1:1"), preference("avoid", "tea")]
    request = applied(VideoRequest(prompt="Tea"), known)
    assert VideoRequest.model_validate_json(request.model_dump_json()) == request


@given(before=PREFERRING, said=PREFERRING)
def test_after_a_person_has_said_it_just_that_is_preferred(before: Preferring, said: Preferring) -> None:
    known = after(after([], before), said)
    for about in (About.ASPECT, About.QUALITY, About.AUDIENCE):
        value = getattr(said, about)
        assert of(known, about) == ([] if value is None else [value])
    assert of(known, About.AVOID) == sorted(set(said.avoid))
    assert changes(known, said, AT) == [], "saying it again changes nothing"


def test_what_is_not_spoken_of_stays() -> None:
    known = after([], Preferring(aspect=Aspect.TALL, avoid=("utilize",)))
    known = after(known, Preferring(audience="children"))
    assert [one.key for one in held(known)] == ["aspect", "audience", "avoid/utilize"]


def test_a_word_that_stays_keeps_since_when_and_how_it_is_known() -> None:
    learnt = preference("avoid", "utilize", KnownBy.EDITS)
    [new] = changes([learnt], Preferring(avoid=("utilize", "Leverage")), AT + timedelta(days=1))
    assert (new.key, new.known_by) == ("avoid/leverage", KnownBy.SAID)


def test_words_are_added_and_taken_away_and_the_others_stay() -> None:
    known = after([], Preferring(avoid=("utilize", "leverage")))
    known = after(known, Preferring(avoid_also=("Moreover", "utilize"), avoid_no_more=("Leverage", "never")))
    assert of(known, About.AVOID) == ["moreover", "utilize"]
    assert [one.key for one in known if not one.holds] == ["avoid/leverage"]


def test_more_words_than_can_be_avoided_are_refused_however_they_come_together() -> None:
    known = after([], Preferring(avoid=tuple(f"word{number}" for number in range(39))))
    known = after(known, Preferring(avoid_also=("one more",)))
    with pytest.raises(BadInput, match="41 words to avoid"):
        changes(known, Preferring(avoid_also=("too many",)), AT)
    assert changes(known, Preferring(avoid_also=("another",), avoid_no_more=("word1",)), AT)


@pytest.mark.parametrize("word", ["می\u200cخواهم", "क्\u200dष"])
def test_words_of_scripts_that_join_letters_can_be_named(word: str) -> None:
    assert preferring_of({"avoid": [word], "audience": word}).audience == word


def test_what_joins_no_letters_is_still_refused() -> None:
    for text in ("\u200dabc", "ab\u200c", "a \u200c b"):
        with pytest.raises(BadInput):
            preferring_of({"audience": text})


@pytest.mark.parametrize("evidence", [["x" * 201], ["a\x1bb"], ["Tea"] * 31])
def test_evidence_that_is_not_ours_is_not_believed(evidence: list[str]) -> None:
    with pytest.raises(ValidationError):
        preference("avoid", "utilize", KnownBy.EDITS, evidence=evidence)


def test_what_is_taken_away_is_remembered_as_taken_away_by_a_person() -> None:
    learnt = preference("aspect", "9:16", KnownBy.EDITS)
    [away] = changes([learnt], Preferring(aspect=None), AT)
    assert (away.key, away.holds, away.known_by) == ("aspect", False, KnownBy.SAID)
    assert held([away]) == []
    assert changes([away], Preferring(aspect=None), AT) == []


@pytest.mark.parametrize(
    ("about", "value"),
    [
        ("aspect", "4:3"),
        ("quality", "ultra"),
        ("theme", "pink"),
        ("audience", ""),
        ("audience", "x" * 201),
        ("audience", "a\x1b[31mb"),
        ("voice", " \n "),
        ("avoid", ["x" * 61]),
        ("avoid", ["…"]),
        ("avoid", [f"word{n}" for n in range(41)]),
        ("colour", "red"),
    ],
)
def test_what_cannot_be_preferred_is_refused_in_one_line(about: str, value: str | list[str]) -> None:
    with pytest.raises(BadInput, match=rf"^that cannot be preferred: {about}") as refused:
        preferring_of({about: value})
    assert "\n" not in str(refused.value)
    if isinstance(value, str) and about != "colour":
        with pytest.raises(ValidationError):
            preference(about, value)


def test_white_space_in_words_of_a_person_is_one_blank() -> None:
    assert preferring_of({"audience": " first-year \n students "}).audience == "first-year students"


def test_the_report_tells_why_and_leaves_out_what_was_taken_away() -> None:
    known = [preference("avoid", "utilize", KnownBy.EDITS, evidence=["Tea", "Coffee"])]
    [told] = report_of([*known, preference("aspect", "1:1", holds=False)]).preferences
    assert told.model_dump(mode="json") == {
        "about": "avoid",
        "value": "utilize",
        "since": "2026-11-22T12:00:00Z",
        "known_by": "edits",
        "evidence": ["Tea", "Coffee"],
        "why": "you took it out of two storyboards",
    }
