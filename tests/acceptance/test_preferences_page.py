"""The page for preferences in a real browser without JavaScript, on a real `qs serve`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.served_pages import CHROMIUM, NEEDS_A_BROWSER, fits, served

pytestmark = [pytest.mark.slow, NEEDS_A_BROWSER]


def test_what_is_set_on_the_page_is_known_to_the_commands_and_begins_the_next_form(
    qs_home: Path, run_qs: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with served(qs_home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(address)
        page.get_by_role("link", name="Preferences").click()
        page.get_by_text("9:16", exact=True).click()
        page.get_by_label("Whom they are for").fill("children")
        page.get_by_label("Words that they do not say").fill("utilize\nleverage")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_text("9:16 because you set that on")).to_be_visible()
        for width in (1100, 360):
            page.set_viewport_size({"width": width, "height": 740})
            assert fits(page)
        page.goto(address)
        expect(page.locator("input[name=aspect]:checked")).to_have_value("9:16")
        expect(page.get_by_text("said for 'children' because you set that on")).to_be_visible()
        assert fits(page)
        browser.close()
        listed = run_qs("preference", "list").stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [
        ["aspect", "9:16"],
        ["audience", "children"],
        ["avoid", "leverage"],
        ["avoid", "utilize"],
    ]
