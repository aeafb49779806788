"""Keys name work by what goes into it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from quantumsketch.assets.keys import content_key
from quantumsketch.storyboard import Look, Quality
from quantumsketch.visuals import Bullet, TitleCard

Parts = st.lists(
    st.one_of(
        st.text(max_size=3),
        st.builds(TitleCard, heading=st.text("abc", min_size=1, max_size=2), subtitle=st.none()),
        st.builds(Look, quality=st.sampled_from(Quality)),
    ),
    max_size=3,
)


class Pair(BaseModel):
    first: dict[str, int]
    second: float = 0.0


def _known(parts: list[str | BaseModel]) -> list[tuple[type, object]]:
    return [(type(part), part if isinstance(part, str) else part.model_dump()) for part in parts]


@given(Parts, Parts)
def test_two_lists_of_parts_have_the_same_key_exactly_if_they_are_equal(
    one: list[str | BaseModel], other: list[str | BaseModel]
) -> None:
    assert content_key(*one) == content_key(*one)
    assert (content_key(*one) == content_key(*other)) == (_known(one) == _known(other))


@given(st.text(min_size=1), st.integers(min_value=0, max_value=20))
def test_moving_the_border_between_two_parts_gives_another_key(text: str, cut: int) -> None:
    cut %= len(text)
    assert content_key(text[:cut], text[cut:]) != content_key(text)


@given(Parts)
def test_no_text_can_pass_for_a_model(parts: list[str | BaseModel]) -> None:
    as_text = [part if isinstance(part, str) else part.model_dump_json() for part in parts]
    assert (content_key(*parts) == content_key(*as_text)) == all(isinstance(part, str) for part in parts)


def test_a_key_stays_the_same_in_every_process_and_version() -> None:
    assert (
        content_key("kit 1", TitleCard(heading="Ünïcode ∑"), Look())
        == "aeef7bad0af60b8bd8b8800648111514158cf7b1627c64cc7b27991b01dd2037"
    )


def test_the_order_of_a_mapping_does_not_count_but_the_order_of_parts_does() -> None:
    assert content_key(Pair(first={"a": 1, "b": 2})) == content_key(Pair(first={"b": 2, "a": 1}))
    assert content_key("a", "b") != content_key("b", "a")


def test_two_models_with_the_same_fields_have_keys_of_their_own() -> None:
    class Other(Bullet):
        pass

    assert content_key(Bullet(text="x")) != content_key(Other(text="x"))


def test_a_number_that_is_not_finite_has_no_key() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        content_key(Pair(first={}, second=float("nan")))
