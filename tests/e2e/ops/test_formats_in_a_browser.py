"""A format is taught in a real browser from two messages, and the next ones trade on paper."""

import json
import os
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from signals.models import Alert, StrategyPolicy
from tests.builders.pages import client_of, staff_make
from tests.builders.paper_road import PaperRoad
from tests.e2e.browser import browser_open

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]
FOLDER = Path(__file__).parents[3] / "docs" / "examples" / "formats"
SCREENS = [(1280, 900, "light"), (1280, 900, "dark"), (360, 740, "light")]
# What a person corrects after the guess, by the member's place.
CORRECTED = {
    "pipes": {
        "1": {"says": "ignored", "values": "", "why": "the script's name"},
        "2": {"says": "action", "values": "buy=buy, long_out=exitlong"},
    },
    "nested": {
        "/cmd/way": {"says": "side", "values": "up=buy, down=sell"},
        "/cmd/closes": {"says": "reduce_only"},
        "/instrument/name": {"says": "symbol"},
        "/stop/offset": {"says": "sl_pips"},
        "/amount": {"says": "lots"},
        "/chart/rsi": {"says": "ignored", "why": "what it looked like"},
        "/chart/zone/0": {"says": "ignored", "why": "what it looked like"},
        "/chart/zone/1": {"says": "ignored", "why": "what it looked like"},
        "/door": {"says": "credential"},
    },
    "array": {
        "/0/do": {"says": "action", "values": "LONG_ENTRY=buy, OUT=exit"},
        "/0/what": {"says": "symbol"},
    },
}
CORRECT = """
for (const box of document.querySelectorAll(".f-member")) {
  const told = %s[box.querySelector("[name=at]").value] || {};
  for (const [name, value] of Object.entries(told)) {
    box.querySelector(`[name=${name}]`).value = value;
  }
}
"""
WIDE = """
const { scrollWidth, clientWidth } = document.documentElement;
return scrollWidth - clientWidth;
"""


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """A browser beside the server makes both slow; what is slow is not the question here."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 30


@pytest.fixture
def road(live_url, tmp_path, run_handlers):
    made = PaperRoad(
        live_url,
        tmp_path,
        run_handlers,
        slug="ema-cross",
        defaults={
            "size": {"mode": "lots", "value": "0.10"},
            "sl": {"kind": "pips", "value": "20"},
        },
    )
    made.steps(3)
    yield made
    made.close()


def picture(browser, name: str) -> None:
    """Kept where `PICTURES` says, for people to look at."""
    if folder := os.environ.get("PICTURES"):
        browser.picture(Path(folder) / f"{name}.png")


@pytest.mark.parametrize("screen", SCREENS, ids=["light", "dark", "phone"])
@pytest.mark.parametrize("name", CORRECTED)
def test_a_format_made_from_two_messages_trades_on_paper(
    road, live_url, tmp_path, name, screen
) -> None:
    document = json.loads((FOLDER / f"{name}.json").read_text())
    bodies = [one["body"] for one in document["examples"]]
    width, height, scheme = screen
    with browser_open(tmp_path, width=width, height=height, scheme=scheme) as browser:
        client = client_of(staff_make(is_superuser=True))
        browser.sign_in(f"{live_url}/admin/login/", client.cookies["sessionid"].value)
        browser.get(f"{live_url}/ops/alert-formats/ema-cross/")
        picture(browser, f"{name}-{width}-{scheme}-0")
        browser.type("#format-name", name)
        for number, body in enumerate(bodies, start=1):
            browser.type(f"#example-{number}", body)
        browser.click("button[value=guess]")
        browser.wait_for(".f-member")
        picture(browser, f"{name}-{width}-{scheme}-1")
        browser.run(CORRECT % json.dumps(CORRECTED[name]))
        if document.get("constants"):
            browser.type("#format-constants", "exchange=OANDA")
        browser.click("button[value=judge]")
        browser.wait_for("button[value=keep]")
        told = browser.text(".f-format")
        assert all(one["asks"] in told for one in document["examples"])
        assert browser.run(WIDE) <= 0
        picture(browser, f"{name}-{width}-{scheme}-2")
        browser.click("button[value=keep]")
        browser.wait_until(".messagelist", "Kept")
        picture(browser, f"{name}-{width}-{scheme}-3")
        assert browser.faults() == []
    assert "S3CRET" not in json.dumps(StrategyPolicy.objects.latest("version").formats)
    _trades(road, live_url, name, bodies)


def _trades(road: PaperRoad, live_url: str, name: str, bodies: list[str]) -> None:
    """The entry opens and the exit closes; a secret in the message opens the door by itself."""
    carries = "S3CRET-17" in bodies[0]
    path = f"{live_url}/hooks/tradingview/ema-cross" if carries else ""
    entry, closing = (one.replace("S3CRET-17", road.secret) for one in bodies)
    road.told(entry, path=path)
    assert road.net_lots() > Decimal(0)
    road.told(closing, path=path)
    assert road.broker.positions() == []
    assert {one.dialect.split("@")[0] for one in Alert.objects.all()} == {f"taught:{name}"}
