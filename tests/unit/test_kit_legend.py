"""Legends of any length, cards of any length, and parts that appear together."""

from __future__ import annotations

import itertools

import pytest

from renderers.manim.layout.cards import Cards
from renderers.manim.layout.legend import Entry, Legend
from renderers.manim.layout.network import layouts
from renderers.manim.stage import Box
from renderers.manim.theme import NIGHT
from renderers.manim.timing import moments

BOX = Box(-1.7, 1.7, -1.0, 1.0)


def _entries(count: int) -> list[Entry]:
    return [Entry(("point", i), f"the label of point {i}", "#FFFFFF") for i in range(count)]


@pytest.mark.parametrize("count", [1, 4, 14])
def test_a_legend_shows_every_entry_inside_its_box_and_apart_from_the_others(count: int) -> None:
    legend = Legend(BOX, NIGHT, _entries(count))
    assert sum(len(page) for page in legend.pages) == count
    for page in legend.pages:
        boxes = [Box(r.get_left()[0], r.get_right()[0], r.get_bottom()[1], r.get_top()[1]) for r in page]
        assert all(BOX.contains(box) for box in boxes)
        for a, b in itertools.combinations(boxes, 2):
            assert a.right < b.left or b.right < a.left or a.top < b.bottom or b.top < a.bottom


def test_only_a_legend_that_is_too_long_for_one_page_has_several() -> None:
    assert len(Legend(BOX, NIGHT, _entries(3)).pages) == 1
    assert len(Legend(BOX, NIGHT, _entries(14)).pages) > 1


def test_long_names_turn_into_cards_that_keep_apart_inside_the_frame() -> None:
    content = Box(-6.0, 6.0, -2.6, 2.6)
    labels = {f"n{index}": f"a label with words {index}" for index in range(15)}
    star = [("n0", node) for node in labels if node != "n0"]
    cards = Cards(labels, NIGHT).arranged(layouts(list(labels), star, False, "auto"), content)
    assert cards is not None
    assert all(content.contains(card.box) for card in cards.values())
    assert all(card.text.em >= 0.98 * NIGHT.type.smallest / 96 for card in cards.values())
    for a, b in itertools.combinations([card.box for card in cards.values()], 2):
        assert a.right < b.left or b.right < a.left or a.top < b.bottom or b.top < a.bottom


def test_a_name_that_cannot_be_broken_and_fits_no_card_has_no_cards() -> None:
    labels = {f"n{index}": "W" * 24 for index in range(15)}
    tiny = Box(-1.0, 1.0, -1.0, 1.0)
    assert Cards(labels, NIGHT).arranged(layouts(list(labels), [], False, "auto"), tiny) is None


def test_what_appears_at_nearly_the_same_time_is_one_moment_and_moments_are_in_order() -> None:
    found = moments([(2.0, "c"), (0.6, "a"), (0.8, "b"), (9.0, "d")])
    assert found == [(0.6, ["a", "b"]), (2.0, ["c"]), (9.0, ["d"])]
