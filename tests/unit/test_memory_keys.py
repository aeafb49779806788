"""What a key looks like, and what is told of one that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantumsketch.errors import BadInput
from quantumsketch.memory.keys import (
    Identity,
    KeyRecord,
    Scope,
    checked_note,
    is_well_formed,
    new_key,
    public_id,
)
from quantumsketch.memory.tenants import checked_name

KEY = new_key()
SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PLACES = st.integers(0, len(KEY) - 1)


def test_keys_are_of_one_shape_and_no_two_are_alike() -> None:
    keys = {new_key() for _ in range(200)}
    assert len(keys) == len({public_id(key) for key in keys}) == 200
    assert all(is_well_formed(key) and len(key) == 53 and key.startswith("qsk_") for key in keys)


@given(PLACES, st.sampled_from(SYMBOLS))
def test_a_wrong_character_is_told(place: int, wrong: str) -> None:
    mistyped = KEY[:place] + wrong + KEY[place + 1 :]
    assert is_well_formed(mistyped) == (mistyped == KEY)


@given(PLACES)
def test_a_character_left_out_is_told(place: int) -> None:
    assert not is_well_formed(KEY[:place] + KEY[place + 1 :])


@given(st.integers(0, len(KEY) - 2))
def test_two_neighbours_that_changed_places_are_told(place: int) -> None:
    mistyped = KEY[:place] + KEY[place + 1] + KEY[place] + KEY[place + 2 :]
    assert is_well_formed(mistyped) == (mistyped == KEY)


@given(st.text())
def test_no_other_text_is_a_key(text: str) -> None:
    for anything in (text, KEY + text, f"qsk_{text}"):
        assert is_well_formed(anything) == (anything == KEY)


def test_the_public_part_of_a_key_is_its_beginning_and_too_little_to_find_it() -> None:
    assert public_id(KEY) == public_id(public_id(KEY)) == KEY[:12]


@pytest.mark.parametrize(
    "text", ["", "qsk_", "qsk_1234567", "QSK_12345678", "sk-1234567890", "qsk_1234567\0"]
)
def test_what_is_no_beginning_of_a_key_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput, match="is not the beginning of a key"):
        public_id(text)


def test_a_complaint_about_another_secret_shows_its_first_characters_only() -> None:
    with pytest.raises(BadInput) as caught:
        public_id("sk-ant-0123456789abcdef")
    assert "sk-ant-01234" in str(caught.value)
    assert "56789" not in str(caught.value)


def test_an_admins_key_allows_all_and_another_what_it_says() -> None:
    def allowed(*scopes: Scope) -> set[Scope]:
        identity = Identity("a", frozenset(scopes), KEY[:12])
        return {scope for scope in Scope if identity.may(scope)}

    assert allowed(Scope.ADMIN) == set(Scope)
    assert allowed(Scope.WRITE) == {Scope.WRITE}
    assert allowed(Scope.READ, Scope.WRITE) == {Scope.READ, Scope.WRITE}


def test_a_key_is_revoked_expired_or_valid() -> None:
    now = datetime.now(UTC)
    before, after = now - timedelta(days=1), now + timedelta(days=1)

    def state(expires_at: datetime | None, revoked_at: datetime | None) -> str:
        return KeyRecord(
            id=KEY[:12], tenant="a", scopes=[Scope.READ], note="", created_at=before,
            expires_at=expires_at, revoked_at=revoked_at, last_used_at=None,
        ).state(now)  # fmt: skip

    assert (state(None, None), state(after, None), state(now, None)) == ("valid", "valid", "expired")
    assert (state(None, before), state(before, before)) == ("revoked", "revoked")


@pytest.mark.parametrize("name", ["", "A", "-a", "a b", "a" * 64, "a\n", "ä", "a\0"])
def test_a_name_that_no_tenant_can_have_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a tenant's name"):
        checked_name(name)


@pytest.mark.parametrize("note", ["n" * 201, "a\nb", "a\0", "\x1b[31m"])
def test_a_note_that_is_too_long_or_steers_a_terminal_is_refused(note: str) -> None:
    assert checked_note("n" * 200) == "n" * 200
    with pytest.raises(BadInput, match="cannot be kept"):
        checked_note(note)
