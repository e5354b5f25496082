"""Paper twins in a real browser: what differs stands in one table; light, dark, narrow."""

import shutil
from decimal import Decimal

import pytest

from execution.rules.messages import ExecutorCaller
from execution.services.subscriptions import subscription_end
from execution.services.twins import twin_begin
from tests.builders.execution import Desk, account_follow, desk_make, key_make
from tests.builders.pages import staff_make
from tests.builders.risk import live_make
from tests.e2e.browser import browser_open
from tests.e2e.ops.test_staff_in_a_browser import SIZES, WATCHED
from tests.e2e.ops.test_switches_in_a_browser import NAMES, SCREENS, picture, sign_in
from tests.integration.execution.test_twins import fill, stage_both

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """A browser beside the server makes both slow; what is slow is not the question here."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 30


@pytest.fixture
def live(committed_db) -> Desk:
    made = desk_make()
    live_make(made)
    return made


@pytest.fixture
def paper(live: Desk) -> Desk:
    account = account_follow(live.strategy)
    subscription_end(strategy_id=live.strategy.id, account_id=account.id)
    issued = key_make(account)
    caller = ExecutorCaller(issued.key.id, issued.key.prefix, account.id, tuple(issued.key.scopes))
    twin_begin(account_id=account.id, live_id=live.account.id, actor="user:1")
    return Desk(live.strategy, account, caller, issued.text)


def traded(live: Desk, paper: Desk) -> None:
    """One trade of both, one that the live broker refused."""
    ours, theirs = stage_both(live, paper, trade_ref="t1", lots="0.01")
    here, there = fill(live, ours, "1.10030"), fill(paper, theirs, "1.10010")
    live.close(here, price=Decimal("1.10530"), profit=Decimal("5"))
    paper.close(there, price=Decimal("1.10530"), profit=Decimal("5.20"))
    ours, theirs = stage_both(live, paper, trade_ref="t2", lots="0.02")
    fill(paper, theirs, "1.10010")
    live.leased(ours)
    live.report("rejected", ours, message="no money", retcode=10019)


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
def test_what_differs_between_twins_is_shown(
    tmp_path, live_url, live, paper, screen, request
) -> None:
    name = request.node.callspec.id
    width, height, scheme = screen
    with browser_open(tmp_path, width=width, height=height, scheme=scheme) as browser:
        browser.before_pages(WATCHED)
        sign_in(browser, live_url, staff_make("ops"))
        traded(live, paper)
        browser.get(f"{live_url}/ops/twins/")
        assert live.account.name in browser.text("#content")
        assert "1.82" in browser.text("tbody")
        assert "no_money" in browser.text("tbody")
        picture(browser, f"{name}-twins-1")
        sizes = browser.run(SIZES)
        assert (sizes["over"], sizes["lost"]) == (0, 0)
        browser.get(f"{live_url}/ops/twins/?days=1")
        assert browser.count(".f-filters a[aria-current]") == 1
        assert browser.faults() == []
