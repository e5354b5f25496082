"""The education page in a real browser: the chart is drawn, nothing is refused or scrolls aside."""

import shutil

import pytest

from tests.e2e.browser import browser_open

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]
PAGE = "/education/df-trend/"
# How many dots of the chart wear the colour of candles, of a line, and of a mark.
DOTS = """
const root = getComputedStyle(document.documentElement);
const dots = { "ink-soft": 0, "look-blue": 0, "loss": 0 };
const { clientWidth } = document.querySelector("[data-plot]");
for (const canvas of document.querySelectorAll("[data-plot] canvas")) {
  // The axes print their numbers in the candles' colour; only the picture itself counts.
  if (canvas.width < clientWidth * 0.6 || canvas.height < 100) continue;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (const name of Object.keys(dots)) {
    const hex = root.getPropertyValue(`--${name}`).trim();
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    for (let n = 0; n < data.length; n += 4) {
      if (data[n] === red && data[n + 1] === green && data[n + 2] === blue) dots[name] += 1;
    }
  }
}
return dots;
"""
SIZE = """
const { scrollWidth, clientWidth } = document.documentElement;
const { height, width } = document.querySelector("[data-plot]").getBoundingClientRect();
return { scrollWidth, clientWidth, height, width };
"""


@pytest.fixture(params=[(1280, 900, "light"), (360, 780, "dark")], ids=["desk", "phone"])
def browser(request, tmp_path):
    width, height, scheme = request.param
    with browser_open(tmp_path, width=width, height=height, scheme=scheme) as driver:
        yield driver


def _open(browser, live_url: str) -> None:
    browser.get(live_url + PAGE)
    browser.wait_for("[data-drawn=yes]")


def test_the_chart_is_drawn_and_the_console_stays_silent(browser, live_url) -> None:
    _open(browser, live_url)
    dots = browser.run(DOTS)
    assert all(count > 40 for count in dots.values()), dots
    assert browser.faults() == []
    size = browser.run(SIZE)
    assert size["height"] >= 220
    assert size["width"] > 250
    assert size["scrollWidth"] <= size["clientWidth"]


def test_an_alert_is_chosen_by_keyboard_and_its_message_is_shown(browser, live_url) -> None:
    _open(browser, live_url)
    before = browser.text("[data-message]")
    assert '"schema": "df.signal"' in before
    browser.press_enter("[data-step='1']")
    after = browser.text("[data-message]")
    assert '"schema": "df.signal"' in after
    assert after != before
    assert "open" in browser.text("[data-readout]")


def test_an_example_is_judged_by_the_linter_as_a_fresh_message(browser, live_url) -> None:
    _open(browser, live_url)
    browser.press_enter("#event-entry [data-try] button")
    browser.wait_for("#result")
    assert "Would be accepted" in browser.text("#result")
    assert browser.faults() == []


def test_without_the_library_the_page_says_so_and_the_table_is_there(browser, live_url) -> None:
    browser.block("*lightweight-charts*")
    browser.get(live_url + PAGE)
    browser.wait_until("[data-word]", "could not be drawn")
    assert browser.run("return document.querySelectorAll('#chart tbody tr').length") > 0
