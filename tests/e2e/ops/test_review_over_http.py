"""A reviewer at a real server: logs in, opens what waits, approves it, sees it on the life line."""

import re

import httpx2
import pytest

from execution.models import Order
from signals.models import Decision
from tests.builders.pages import flow_make, staff_make

PASSWORD = "a long test password"


@pytest.fixture
def browser(live_url):
    with httpx2.Client(base_url=live_url, follow_redirects=True) as client:
        yield client


def form_value(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', text)
    assert found, f"the page has no field {name}"
    return found.group(1)


def log_in(browser, username: str) -> httpx2.Response:
    page = browser.get("/ops/decisions/")
    assert page.url.path == "/admin/login/"
    data = {
        "username": username,
        "password": PASSWORD,
        "next": "/ops/decisions/",
        "csrfmiddlewaretoken": form_value(page.text, "csrfmiddlewaretoken"),
    }
    return browser.post(str(page.url), data=data, headers={"Referer": str(page.url)})


def test_a_decision_is_approved_from_login_to_life_line(
    committed_db, browser, run_handlers
) -> None:
    decision = flow_make(run_handlers, approval="one", review_seconds=600).decided()
    person = staff_make("reviewer", password=PASSWORD)
    waiting = log_in(browser, person.get_username())
    assert waiting.url.path == "/ops/decisions/"
    address = f"/ops/decisions/{decision.id}/"
    assert address in waiting.text

    page = browser.get(address)
    verdict = {
        "csrfmiddlewaretoken": form_value(page.text, "csrfmiddlewaretoken"),
        "shown_sha256": form_value(page.text, "shown_sha256"),
        "reason": "within_plan",
        "note": "",
    }
    headers = {"Referer": str(page.url)}
    answer = browser.post(f"{address}approve", data=verdict, headers=headers)
    assert answer.status_code == 200
    assert "Approval of decision" in answer.text
    assert Decision.objects.get(id=decision.id).state == "approved"
    # The same form sent again, as by a double click, changes nothing and says so.
    again = browser.post(f"{address}approve", data=verdict, headers=headers)
    assert again.status_code == 409
    assert "The decision is approved since" in again.text

    run_handlers()
    assert Order.objects.filter(decision=decision).count() == 1
    line = browser.get(f"/ops/trace/{decision.trace_id}/").text
    for name in ("review.recorded", "decision.approved", "order.staged"):
        assert name in line


def test_a_form_from_elsewhere_is_refused(committed_db, browser, run_handlers) -> None:
    decision = flow_make(run_handlers, approval="one", review_seconds=600).decided()
    log_in(browser, staff_make("reviewer", password=PASSWORD).get_username())
    page = browser.get(f"/ops/decisions/{decision.id}/")
    forged = {"shown_sha256": form_value(page.text, "shown_sha256"), "reason": "within_plan"}
    answer = browser.post(f"/ops/decisions/{decision.id}/approve", data=forged)
    assert answer.status_code == 403
    assert Decision.objects.get(id=decision.id).state == "pending_review"


def test_the_first_view_is_small_and_finds_its_style(committed_db, browser) -> None:
    page = browser.get("/")
    assert len(page.content) < 40_000
    sizes = [len(page.content)]
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        file = browser.get(address)
        assert file.status_code == 200, address
        sizes.append(len(file.content))
    assert len(sizes) >= 5
    # A phone's first view stays under 150 KB.
    assert sum(sizes) < 150_000
