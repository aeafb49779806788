"""Every theme can be read: the contrast of its colours, by the formula of WCAG 2."""

from __future__ import annotations

import pytest

from quantumsketch.storyboard import Theme
from renderers.manim.theme import THEMES, theme_named

GOOD, BEST, VISIBLE = 4.5, 7.0, 2.0


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_there_is_a_theme_for_each_that_can_be_asked_for() -> None:
    assert list(THEMES) == list(Theme)
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("name", Theme)
def test_words_and_accents_of_a_theme_can_be_read_on_its_grounds(name: Theme) -> None:
    theme = theme_named(name)
    for ground in (theme.background, theme.panel):
        assert contrast(theme.text, ground) > BEST
        assert contrast(theme.muted, ground) > GOOD
    for accent in theme.accents:
        assert contrast(accent, theme.background) > GOOD
    assert contrast(theme.line, theme.background) > VISIBLE


@pytest.mark.parametrize("name", Theme)
def test_the_accents_of_a_theme_differ(name: Theme) -> None:
    assert len(set(theme_named(name).accents)) == 6
