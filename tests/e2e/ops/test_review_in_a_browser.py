"""The review page in a real browser: its bound preview, and a verdict; light, dark, narrow."""

import json
import shutil
from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Order
from fusion_project.text.formats import plain_number
from signals.models import Decision, Review
from tests.builders.pages import flow_make, staff_make
from tests.builders.risk import quote_tell
from tests.e2e.browser import browser_open
from tests.e2e.ops.test_staff_in_a_browser import SIZES, WATCHED
from tests.e2e.ops.test_switches_in_a_browser import NAMES, SCREENS, picture, sign_in

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


@pytest.mark.parametrize("screen", SCREENS, ids=NAMES)
def test_what_was_shown_bounds_what_is_ordered(
    tmp_path, live_url, committed_db, run_handlers, screen, request
) -> None:
    name = request.node.callspec.id
    flow = flow_make(run_handlers, approval="one", review_seconds=600)
    quote_tell(flow.desk.account, "1.09990", "1.10000")
    decision = flow.decided()
    width, height, scheme = screen
    with browser_open(tmp_path, width=width, height=height, scheme=scheme) as browser:
        browser.before_pages(WATCHED)
        sign_in(browser, live_url, staff_make("reviewer"))
        browser.get(f"{live_url}/ops/decisions/")
        picture(browser, f"{name}-review-1-list")
        browser.click("tbody th a")
        browser.wait_until(".f-review", "What approving will order")
        shown = browser.text(".f-review")
        (lots,) = _lots_shown(decision)
        assert f"{plain_number(lots)} lots: staging may order less, never more" in shown
        assert "Price now\n1.10000 (" in shown
        sizes = browser.run(SIZES)
        assert (sizes["over"], sizes["lost"]) == (0, 0)
        picture(browser, f"{name}-review-2-shown")
        # The desk becomes richer: what was approved stays what may be ordered.
        BrokerAccount.objects.update(balance=50_000, equity=50_000)
        browser.choose("#approve-reason", "within_plan")
        picture(browser, f"{name}-review-3-verdict")
        browser.click("#approve button")
        browser.wait_until("#ending", "Closed.")
        run_handlers()
        order = Order.objects.get(decision=decision)
        assert (order.state, order.volume_lots) == ("staged", lots)
        assert Review.objects.get().verdict == "approve"
        browser.get(f"{live_url}/ops/decisions/{decision.id}/")
        browser.wait_until(".f-review", "Orders made")
        picture(browser, f"{name}-review-4-after")
        assert browser.faults() == []


def _lots_shown(decision: Decision) -> list[Decimal]:
    """The bound of each account, as it is kept with the decision."""
    kept = json.loads(Decision.objects.get(id=decision.id).preview.content)
    return [Decimal(one["lots"]) for one in kept["accounts"].values()]
