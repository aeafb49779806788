"""The stage: where things may be, in every aspect."""

from __future__ import annotations

import pytest

from quantumsketch.storyboard import Aspect, Look
from renderers.manim.stage import SHORTER_SIDE, Box, stage_for


@pytest.mark.parametrize("aspect", Aspect)
def test_the_shorter_side_has_eight_units_and_the_shape_is_that_of_the_pixels(aspect: Aspect) -> None:
    frame = stage_for(aspect).frame
    width, height = Look(aspect=aspect).size
    assert min(frame.width, frame.height) == pytest.approx(SHORTER_SIDE)
    assert frame.width / frame.height == pytest.approx(width / height)
    assert frame.center == pytest.approx((0, 0, 0))


@pytest.mark.parametrize("aspect", Aspect)
def test_header_and_content_lie_in_the_safe_area_apart_from_each_other(aspect: Aspect) -> None:
    stage = stage_for(aspect)
    assert stage.frame.contains(stage.safe)
    assert stage.safe.contains(stage.header)
    assert stage.safe.contains(stage.content)
    assert stage.content.top < stage.header.bottom
    assert stage.content.bottom > stage.safe.bottom  # the band for captions
    assert stage.content.height > 0.6 * stage.frame.height


def test_a_box_splits_into_columns_and_rows_in_proportion() -> None:
    box = Box(-4, 4, -2, 2)
    left, right = box.columns(3, 1, gap=0.4)
    assert (left.left, right.right) == pytest.approx((-4, 4))
    assert right.left - left.right == pytest.approx(0.4)
    assert left.width == pytest.approx(3 * right.width)
    upper, lower = box.rows(1, 1, gap=1)
    assert (upper.top, lower.bottom) == pytest.approx((2, -2))
    assert upper.bottom - lower.top == pytest.approx(1)


def test_an_inset_box_lies_inside() -> None:
    box = Box(0, 4, 0, 2)
    assert box.contains(box.inset(0.5))
    assert not box.inset(0.5).contains(box)
    assert box.inset(1, 0.25).height == pytest.approx(1.5)
