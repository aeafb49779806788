"""`qs serve` as a person uses it: a real browser, a real render, nothing rehearsed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import ConsoleMessage, Page, Response, expect, sync_playwright

from tests.served_pages import CHROMIUM, NEEDS_A_BROWSER, fits, served

RENDER_MS = 180_000
PROMPT = """# Making tea

- Boil the water
- Let the leaves steep for 3 minutes
"""

PLAY = """async video => {
  const until = async holds => {
    for (let n = 0; n < 300 && !holds(); n++) await new Promise(done => setTimeout(done, 100));
  };
  await until(() => video.duration > 3 && video.textTracks[0]?.cues?.length);
  video.muted = true;
  video.currentTime = 2;
  await video.play();
  await until(() => video.currentTime > 2.3);
  return { duration: video.duration, cues: video.textTracks[0].cues.length, at: video.currentTime };
}"""

pytestmark = [pytest.mark.slow, NEEDS_A_BROWSER]


@contextmanager
def _browser() -> Iterator[Page]:
    """An empty page; whatever its console complains of fails the test: a broken policy shows there."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert complaints == []


def test_a_person_asks_for_a_video_on_the_page_and_can_play_it(qs_home: Path) -> None:
    with served(qs_home) as address, _browser() as page:
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))
        page.goto(address)
        page.get_by_label("A question, a topic, or your own text").fill(PROMPT)
        page.get_by_text("draft").click()
        page.get_by_role("button", name="Make the video").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()

        video = page.locator("video")
        expect(video).to_be_visible(timeout=RENDER_MS)
        expect(page.get_by_text("Storyboard by offline: outline of your text")).to_be_visible()
        expect(page.locator(".beats .chip").first).to_have_text("planned")
        played = video.evaluate(PLAY)
        assert played["duration"] > 3
        assert played["cues"] > 0
        assert played["at"] > 2.2
        refreshed = [each.text() for each in answers if each.request.resource_type == "fetch"]
        assert sum("<video" in each for each in refreshed) == 1, "the player was replaced"

        page.set_viewport_size({"width": 360, "height": 740})
        assert fits(page)
        page.get_by_role("link", name="QuantumSketch").click()
        expect(page.locator(".list .chip")).to_have_text("done")
        assert fits(page)


def test_a_page_without_javascript_follows_a_run_and_cancels_it(qs_home: Path) -> None:
    with served(qs_home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(address)
        page.locator("textarea").fill("Explain the Pythagorean theorem")
        page.get_by_role("button", name="Make the video").click()
        expect(page.locator(".beats li")).not_to_have_count(0, timeout=60_000)  # it reloaded by itself
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("This video is cancelled")).to_be_visible(timeout=60_000)
        browser.close()
