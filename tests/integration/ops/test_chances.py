"""Staff pages call a prior a prior, and tell times by the side of now that they lie on."""

import html
from datetime import timedelta

import pytest

from fusion_project.events.clock import now
from fusion_project.events.models import PeriodicJob
from tests.builders.pages import client_of, flow_make, staff_make

pytestmark = pytest.mark.django_db


def _text(client, address: str) -> str:
    return html.unescape(client.get(address).content.decode()).replace("\u202f", " ")


@pytest.fixture
def reviewer(db):
    return client_of(staff_make("reviewer"))


def test_a_reviewer_sees_that_the_chance_is_a_prior_and_what_was_observed(
    reviewer, run_handlers
) -> None:
    decision = flow_make(run_handlers, approval="one").decided()
    page = _text(reviewer, f"/ops/decisions/{decision.pk}/")
    assert (
        "62.0 %, the prior that the strategy's policy declares (worth 400 trades); not measured"
        in page
    )
    assert "<dt>Observed</dt><dd>— (no closed trade of the strategy yet)</dd>" in page
    listed = _text(reviewer, "/ops/decisions/")
    assert '62.0 % <span class="f-quiet f-small">prior</span>' in listed


def test_what_has_lapsed_is_told_as_past(reviewer, run_handlers, clock) -> None:
    decision = flow_make(run_handlers, approval="one").decided()
    assert "expires in " in _text(reviewer, f"/ops/decisions/{decision.pk}/")
    clock.advance(days=2)
    for address in (f"/ops/decisions/{decision.pk}/", "/ops/decisions/", "/admin/"):
        page = _text(reviewer, address)
        assert " d ago" in page or " h ago" in page, address
        assert "−" not in page, address
        assert "in −" not in page


def test_what_another_clock_dates_ahead_has_no_age_below_zero(run_handlers, clock) -> None:
    flow = flow_make(run_handlers)
    flow.decided()
    flow.desk.poll()
    PeriodicJob.objects.create(
        name="ahead", every_seconds=60, due_at=now(), last_run_at=now() + timedelta(minutes=5)
    )
    clock.advance(minutes=-2)
    page = _text(client_of(staff_make("ops")), "/admin/")
    assert page.count("0 ms ago") >= 2
    assert "−" not in page
