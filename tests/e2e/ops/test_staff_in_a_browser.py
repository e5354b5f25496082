"""The staff pages in a real browser: they stay fresh, close what is decided, ask before an end."""

import json
import shutil

import pytest
from django.contrib import admin
from django.test import Client

from fusion_project.incidents.services import incident_open
from signals.models import Decision, Review
from signals.selectors.decisions import decision_shown_sha256
from signals.services.decisions import decision_reject
from tests.builders.pages import client_of, flow_make, staff_make
from tests.e2e.browser import browser_open

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]
# Counts what the page asks for, and lets the test hide it.
WATCHED = """
window.asked = 0;
const asks = window.fetch;
window.fetch = (...all) => {
  window.asked += 1;
  return window.away ? Promise.reject(new TypeError()) : asks(...all);
};
Object.defineProperty(document, "hidden", { get: () => Boolean(window.out) });
"""
ASK = 'document.dispatchEvent(new Event("fusion:refresh"))'
# How far the page scrolls aside, which tables do, how many then lose their first column, and how
# many hold more than they show without saying so.
SIZES = """
const { scrollWidth, clientWidth } = document.documentElement;
const boxes = [...document.querySelectorAll(".f-box, .results")];
const nav = document.querySelector(".f-nav");
const isUnsaid = (box) => box.scrollWidth - box.clientWidth - box.scrollLeft > 1
  !== box.classList.contains("has-more");
const unsaid = [...boxes, nav].filter(isUnsaid).length;
const isLost = (box) => {
  box.scrollLeft = 9999;
  const first = box.querySelector("tbody th, tbody td").getBoundingClientRect();
  const { left, right, width } = box.getBoundingClientRect();
  return first.left < left - 1 || first.right > right || first.width > width * 0.75;
};
const spills = (cell) => cell.scrollWidth > cell.clientWidth + 1;
return {
  over: scrollWidth - clientWidth,
  spilt: [...document.querySelectorAll(".f-box tbody th")].filter(spills).length,
  wide: boxes.filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.className),
  lost: boxes.filter(isLost).length,
  unsaid,
};
"""


@pytest.fixture(autouse=True)
def patience(settings) -> None:
    """A browser beside the server makes both slow; what is slow is not the question here."""
    settings.REQUEST_DATABASE_DEADLINE_SECONDS = 30


@pytest.fixture
def flow(committed_db, run_handlers):
    return flow_make(run_handlers, approval="one", review_seconds=600)


@pytest.fixture(params=[(1280, 900, "light"), (390, 780, "dark")], ids=["desk", "phone"])
def screen(request):
    return request.param


def _open(tmp_path, live_url, person, screen=(1280, 900, "light")):
    width, height, scheme = screen
    context = browser_open(tmp_path, width=width, height=height, scheme=scheme)
    browser = context.__enter__()
    browser.before_pages(WATCHED)
    client: Client = client_of(person)
    browser.sign_in(f"{live_url}/admin/login/", client.cookies["sessionid"].value)
    return context, browser


@pytest.fixture
def desk(tmp_path, live_url, flow):
    """A browser in which somebody who may do everything is signed in."""
    context, browser = _open(tmp_path, live_url, staff_make(is_superuser=True))
    yield browser
    context.__exit__(None, None, None)


def _incident(number: int) -> None:
    incident_open(kind="cash.differs", subject=f"execution.brokeraccount:{number}", note="x")


def test_home_refreshes_by_itself(desk, live_url) -> None:
    desk.get(f"{live_url}/admin/")
    assert "latest: cash.differs" not in desk.text(".f-figures")
    _incident(1)
    desk.wait_until(".f-figures", "latest: cash.differs")
    assert desk.faults() == []


def test_a_list_takes_new_rows_and_keeps_focus_and_scroll(
    tmp_path, live_url, flow, run_handlers
) -> None:
    for _ in range(3):
        flow.decided()
    context, browser = _open(tmp_path, live_url, staff_make("reviewer"), (390, 500, "light"))
    try:
        browser.get(f"{live_url}/ops/decisions/?state=all")
        browser.wait_true('document.querySelectorAll("tbody tr").length === 3')
        browser.run(
            'document.querySelectorAll("tbody a")[1].focus({ preventScroll: true });'
            'document.querySelector(".f-box").scrollLeft = 90; scrollTo(0, 200);'
        )
        held = browser.run("return document.activeElement.href")
        newest = flow.decided()
        browser.wait_true('document.querySelectorAll("tbody tr").length === 4')
        assert f"/ops/decisions/{newest.id}/" in browser.run(
            'return document.querySelector("tbody a").href'
        )
        assert browser.run("return document.activeElement.href") == held
        assert browser.run('return document.querySelector(".f-box").scrollLeft') == 90
        assert browser.run("return scrollY") >= 200
    finally:
        context.__exit__(None, None, None)


def test_a_list_waits_while_somebody_types_and_says_so(desk, live_url) -> None:
    _incident(1)
    desk.get(f"{live_url}/ops/incidents/")
    desk.run('document.querySelector("details").open = true')
    desk.type("textarea", "the bank was")
    _incident(2)
    desk.wait_until(".live-word", "Waits while you type")
    assert desk.count("section[id^=incident]") == 1
    desk.run("document.activeElement.blur()")
    desk.wait_true('document.querySelectorAll("section[id^=incident]").length === 2')
    assert desk.run('return document.querySelector("details[open] textarea").value') == (
        "the bank was"
    )
    assert desk.run('return document.querySelector(".live-word").hidden')


def test_a_list_waits_while_somebody_selects(desk, live_url) -> None:
    _incident(1)
    desk.get(f"{live_url}/ops/incidents/")
    desk.run('getSelection().selectAllChildren(document.querySelector("section dl"))')
    _incident(2)
    desk.wait_until(".live-word", "Waits while you type or select")
    assert "cash" in desk.run("return String(getSelection())").lower() or desk.run(
        "return !getSelection().isCollapsed"
    )
    assert desk.count("section[id^=incident]") == 1


def test_a_hidden_page_asks_nothing(desk, live_url) -> None:
    desk.get(f"{live_url}/admin/")
    desk.wait_true("window.asked > 0")
    before = desk.run(f"window.out = true; {ASK}; return window.asked")
    assert desk.run(f"{ASK}; return window.asked") == before
    desk.run('window.out = false; document.dispatchEvent(new Event("visibilitychange"))')
    desk.wait_true(f"window.asked > {before}")


def test_a_page_says_when_it_is_old_and_why(desk, live_url) -> None:
    desk.get(f"{live_url}/admin/")
    desk.run(f"window.away = true; {ASK}")
    desk.wait_until(".live-word", "No answer from the server: what stands below is of")
    desk.run("window.away = false")
    desk.wait_true('document.querySelector(".live-word").hidden')
    desk.sign_out()
    desk.wait_until(".live-word", "You are signed out")


def test_the_public_page_refreshes_by_the_same_script(desk, live_url) -> None:
    desk.get(f"{live_url}/")
    first = desk.text("[data-as-of]")
    desk.wait_true(f'document.querySelector("[data-as-of]").textContent !== "{first}"')
    assert desk.run('return document.querySelector(".live-word").hidden')
    assert desk.faults() == []


def test_a_review_closes_itself_when_somebody_else_decides(desk, live_url, flow) -> None:
    decision = flow.decided()
    other = staff_make("reviewer")
    desk.get(f"{live_url}/ops/decisions/{decision.id}/")
    first = desk.text("[data-countdown]")
    desk.wait_true(f'document.querySelector("[data-countdown]").textContent !== "{first}"')
    desk.type("#approve-note", "I was about to")
    decision_reject(
        decision_id=decision.id,
        reviewer_id=other.pk,
        reason="news_ahead",
        note="",
        shown_sha256=decision_shown_sha256(decision.id),
    )
    desk.wait_until("#ending", f"by {other.get_username()} (News or event risk ahead)")
    assert desk.count("[data-in-time]") == 0
    assert desk.faults() == []


def test_a_review_closes_itself_when_the_exit_comes_first(
    desk, live_url, flow, run_handlers
) -> None:
    decision = flow.decided()
    desk.get(f"{live_url}/ops/decisions/{decision.id}/")
    desk.wait_true('document.querySelectorAll("[data-in-time]").length === 2')
    flow.alert("exit", trade=decision.trade_ref, side="sell")
    run_handlers()
    desk.wait_until("#ending", "by the exit of the same trade")
    assert desk.count("[data-in-time]") == 0


def test_a_review_closes_itself_at_its_end(desk, live_url, flow, clock) -> None:
    decision = flow.decided()
    clock.advance(seconds=592)
    desk.get(f"{live_url}/ops/decisions/{decision.id}/")
    desk.wait_until("[data-refresh]", "Its time is over")
    assert desk.count("[data-in-time]") == 0
    assert not Review.objects.exists()


def test_what_is_typed_stays_while_the_review_page_refreshes(desk, live_url, flow) -> None:
    decision = flow.decided()
    desk.get(f"{live_url}/ops/decisions/{decision.id}/")
    desk.type("#reject-note", "spread too wide")
    asked = desk.run("return window.asked")
    desk.wait_true(f"window.asked > {asked + 1}")
    assert desk.run('return document.querySelector("#reject-note").value') == "spread too wide"
    assert desk.run("return document.activeElement.id") == "reject-note"
    desk.run('document.querySelector("#reject-reason").value = "price_moved"')
    desk.click("#reject button")
    desk.wait_until("#ending", "Price moved too far")
    assert Decision.objects.get(id=decision.id).state == "rejected"


def test_revoking_a_symbol_asks_first(desk, live_url, flow) -> None:
    desk.get(f"{live_url}/ops/symbols/")
    desk.click("a[href$='/revoke']")
    desk.wait_until(".f-warnings", "Open positions can still be closed.")
    desk.click(".f-question a.f-button")
    desk.wait_for("a[href$='/revoke']")
    desk.click("a[href$='/revoke']")
    desk.wait_for(".f-question")
    desk.click(".f-question button")
    desk.wait_until(".messagelist", "is revoked")
    assert desk.count("a[href$='/revoke']") == 0
    assert desk.faults() == []


def test_no_page_scrolls_aside_and_first_columns_stay_in_sight(
    tmp_path, live_url, committed_db, run_handlers, screen
) -> None:
    flow = flow_make(run_handlers)
    flow.deposit()
    position = flow.closed()
    _incident(1)
    person = staff_make(is_superuser=True)
    context, browser = _open(tmp_path, live_url, person, screen)
    ops = ("decisions/?state=all", "traces/", "incidents/", "handlings/", "symbols/", "ledger/")
    facts = sorted(one._meta.label_lower.replace(".", "/") for one in admin.site._registry)
    pages = [
        "/admin/",
        *(f"/ops/{one}" for one in (*ops, "alert-linter/", "secrets/", "nothing/")),
        f"/ops/secrets/{flow.strategy.slug}/",
        f"/ops/trace/{position.trace_id}/",
        *(f"/admin/{one}/" for one in facts),
    ]
    try:
        for page in pages:
            browser.get(live_url + page)
            size = browser.run(SIZES)
            assert size["over"] <= 0, page
            assert size["lost"] == 0, page
            assert size["unsaid"] == 0, page
            assert size["spilt"] == 0, page
            if screen[0] >= 1280:
                assert size["wide"] == [], page
            faults = [one for one in browser.faults() if "404" not in one]
            assert faults == [], page
    finally:
        context.__exit__(None, None, None)


def test_an_accepted_alert_that_nobody_trades_is_shown_as_not_traded(
    tmp_path, live_url, committed_db, run_handlers
) -> None:
    flow = flow_make(run_handlers)
    message = '{"ticker": "AMD", "action": "buy", "price": 100, "sl": 99, "tp": 102}'
    answer = Client().post(flow.webhook, message, content_type="text/plain")
    run_handlers()
    told = answer.json()
    context, browser = _open(tmp_path, live_url, staff_make(is_superuser=True))
    try:
        assert "no account trades AMD yet" in told["message"]
        browser.get(live_url + told["life_line"])
        browser.wait_until(".f-line", "symbol_not_mapped")
        for place in ("/ops/decisions/?state=all", "/admin/signals/decision/"):
            browser.get(live_url + place)
            browser.wait_until("table", "efused: symbol not mapped")
        browser.get(f"{live_url}/ops/alert-linter/?strategy={flow.strategy.slug}")
        unheard = json.dumps(message.replace("102", "103"))
        browser.run(f"document.querySelector('textarea').value = {unheard}")
        browser.click("form.f-verdict button")
        browser.wait_until("#result", "nothing would be ordered: symbol_not_mapped")
        assert browser.count(".f-notice-fine") == 0
        assert browser.faults() == []
    finally:
        context.__exit__(None, None, None)
