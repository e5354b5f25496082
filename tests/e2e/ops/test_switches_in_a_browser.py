"""Switches in a real browser: kill, flatten, re-arm by a second person; light, dark, narrow."""

import os
import shutil
from pathlib import Path

import pytest
from django.test import Client

from execution.models import Order, Switch
from execution.rules.switches import account_target
from fusion_project.second_person.models import Request
from tests.builders.pages import client_of, flow_make, staff_make
from tests.builders.switches import stop
from tests.e2e.browser import browser_open
from tests.e2e.ops.test_staff_in_a_browser import SIZES, WATCHED

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]
SCREENS = [(1280, 900, "light"), (1280, 900, "dark"), (360, 780, "light"), (360, 780, "dark")]
NAMES = ["desk-light", "desk-dark", "phone-light", "phone-dark"]
# A folder to keep pictures in, for a person to look at; none by default.
PICTURES = os.environ.get("FUSION_TEST_PICTURES", "")


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """A browser beside the server makes both slow; what is slow is not the question here."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 30


@pytest.fixture
def flow(committed_db, run_handlers):
    return flow_make(run_handlers)


def picture(browser, name: str) -> None:
    if PICTURES:
        browser.picture(Path(PICTURES) / f"{name}.png")


def sign_in(browser, live_url, person) -> None:
    client: Client = client_of(person)
    browser.sign_out()
    browser.sign_in(f"{live_url}/admin/login/", client.cookies["sessionid"].value)


def _answer_question(browser, reason: str) -> None:
    browser.type("#reason", reason)
    browser.click(".f-question button[type=submit]")


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
def test_kill_flatten_and_re_arm_by_a_second_person(
    tmp_path, live_url, flow, run_handlers, screen, request
) -> None:
    name = request.node.callspec.id
    position = flow.opened()
    stop(account_target(flow.desk.account.pk), "reducing", reason="a slow morning")
    width, height, scheme = screen
    with browser_open(tmp_path, width=width, height=height, scheme=scheme) as browser:
        browser.before_pages(WATCHED)
        sign_in(browser, live_url, staff_make("ops"))
        browser.get(f"{live_url}/ops/switches/")
        picture(browser, f"{name}-1-switches")
        sizes = browser.run(SIZES)
        assert (sizes["over"], sizes["lost"]) == (0, 0)
        browser.click("a[href*='target=all&state=halted']")
        assert "Set everything to HALTED?" in browser.text("h1")
        picture(browser, f"{name}-2-kill")
        _answer_question(browser, "quotes look wrong")
        browser.wait_until(".messagelist", "exits pass")
        assert Switch.objects.get(scope="all").state == "halted"
        browser.click("a[href$='flatten?account=all']")
        picture(browser, f"{name}-3-flatten")
        _answer_question(browser, "going home")
        browser.wait_until(".messagelist", "is being closed")
        run_handlers()
        assert Order.objects.get(request__isnull=False).position_ticket == position.position_ticket
        browser.click("a[href*='target=all&state=active']")
        _answer_question(browser, "quotes are right again")
        browser.wait_until(".messagelist", "waits for a second person")
        asked = Request.objects.get()
        browser.get(f"{live_url}/ops/requests/{asked.pk}/")
        assert "another person confirms" in browser.text("#content")
        assert browser.count("a[href$='/confirm']") == 0
        assert browser.faults() == []
        sign_in(browser, live_url, staff_make("reviewer"))
        browser.get(f"{live_url}/ops/requests/")
        picture(browser, f"{name}-4-requests")
        browser.click("a[href$='/confirm']")
        picture(browser, f"{name}-5-confirm")
        browser.click(".f-question button[type=submit]")
        browser.wait_until(".messagelist", "is confirmed")
        run_handlers()
        assert Switch.objects.filter(scope="all").latest("id").state == "active"
        browser.get(f"{live_url}/ops/switches/")
        picture(browser, f"{name}-6-after")
        sizes = browser.run(SIZES)
        assert (sizes["over"], sizes["lost"]) == (0, 0)
        assert browser.faults() == []
