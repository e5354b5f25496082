"""A second person confirms; ledger and life line show the way to GREEN; light, dark, narrow."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fusion_project.local.chain import SUPPLY, ChainServer
from fusion_project.second_person.models import Request
from tests.builders.chain import paper_bound, server_started
from tests.builders.distributing import account_earning
from tests.builders.intents import ask
from tests.builders.pages import client_of, staff_make
from tests.e2e.browser import browser_open
from tests.e2e.ops.test_staff_in_a_browser import SIZES
from tokens.models import ChainIntent
from tokens.services.playing import intent_play
from tokens.services.watching import binding_watch
from treasury.models import Distribution

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]
SCREENS = [(1280, 900, "light"), (1280, 900, "dark"), (390, 780, "light"), (390, 780, "dark")]
NAMES = ["desk-light", "desk-dark", "phone-light", "phone-dark"]
# A folder to keep pictures in, for a person to look at; none by default.
PICTURES = os.environ.get("FUSION_TEST_PICTURES", "")


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """A browser beside the server makes both slow; what is slow is not the question here."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 30


@pytest.fixture
def server() -> Iterator[ChainServer]:
    one = server_started()
    yield one
    one.stop()


class Desk:
    """A member of the staff at the pages."""

    def __init__(self, browser, live_url: str, name: str) -> None:
        self.browser, self._url, self._name = browser, live_url, name
        browser.sign_out()
        cookie = client_of(staff_make("ops")).cookies["sessionid"].value
        browser.sign_in(f"{live_url}/admin/login/", cookie)

    def open(self, address: str, picture: str) -> str:
        """The page's text; nothing of it lies beside the window."""
        self.browser.get(f"{self._url}{address}")
        self._picture(picture)
        sizes = self.browser.run(SIZES)
        faults = [sizes[one] for one in ("over", "lost", "unsaid", "spilt")]
        assert faults == [0, 0, 0, 0], (address, sizes)
        return self.browser.text("#content")

    def propose(self, picture: str) -> Request:
        """From the dry run to the request that waits for somebody else."""
        assert "Nothing stands in the way" in self.open(
            "/ops/ledger/distribution?book=paper", picture
        )
        self.browser.click("a[href*='distribution/propose']")
        self._picture(f"{picture}-question")
        self.browser.type("#reason", "month")
        self.browser.click(".f-question button[type=submit]")
        self.browser.wait_until(".messagelist", "waits for a second person")
        self._picture(f"{picture}-asked")
        return Request.objects.get(kind="distribution.make")

    def confirm(self, request: Request, picture: str) -> None:
        self.open(f"/ops/requests/{request.pk}/", f"{picture}-request")
        self.browser.get(f"{self._url}/ops/requests/{request.pk}/confirm")
        self._picture(f"{picture}-question")
        self.browser.click(".f-question button[type=submit]")
        self.browser.wait_until(".messagelist", "is confirmed")

    def _picture(self, name: str) -> None:
        if PICTURES:
            self.browser.picture(Path(PICTURES) / f"{self._name}-{name}.png")


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
def test_a_dry_run_is_confirmed_and_a_burn_is_followed_to_green(
    tmp_path, live_url, run_handlers, server, screen, request
) -> None:
    bound = paper_bound(server.base_url, opening=SUPPLY)
    binding_watch(binding_id=bound.pk, at_once=True)
    account_earning("100.57")
    width, height, scheme = screen
    with browser_open(tmp_path, width=width, height=height, scheme=scheme) as browser:
        paid = Desk(browser, live_url, request.node.callspec.id).propose("0-dry-run")
        burnt = ask("burn", "5", "paper")
        desk = Desk(browser, live_url, request.node.callspec.id)
        desk.confirm(paid, "1-paid")
        run_handlers()
        made = Distribution.objects.get()
        ledger = desk.open("/ops/ledger/?book=paper", "2-paid")
        for words in (f"{made.period}", "house", "GREEN", "LOOPBACK, NO CHAIN"):
            assert words in ledger
        line = desk.open(f"/ops/trace/{paid.trace_id}/", "3-paid-line")
        assert "distribution.made" in line
        desk.confirm(burnt, "4-burn")
        run_handlers()
        binding_watch(binding_id=bound.pk, at_once=True)
        assert "LAGGING" in desk.open("/ops/ledger/?book=paper", "5-lagging")
        intent = ChainIntent.objects.get()
        transaction = intent_play(intent_id=intent.pk)
        binding_watch(binding_id=bound.pk, at_once=True)
        ledger = desk.open("/ops/ledger/?book=paper", "6-green")
        for words in ("GREEN", "posted", transaction, "token.burn"):
            assert words in ledger
        line = desk.open(f"/ops/trace/{intent.trace_id}/", "7-burn-line")
        for words in ("lagging", transaction, "token.burn", "green"):
            assert words in line
