"""Incidents, handlings, the home page and the ledger view: what staff do besides reviewing."""

import pytest
from django.db import connection, transaction

from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.models import Event, Handling
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open
from fusion_project.text.formats import exact_text
from tests.builders.events import handling_parked
from tests.builders.pages import flow_make
from tests.builders.signals import alert_received, strategy_built
from tests.factories.signals import EntryFactory

pytestmark = pytest.mark.django_db
TRACE = "c" * 32


def _parked(error: str = "ValueError: no such symbol") -> Handling:
    with transaction.atomic():
        event_id = record(
            "policy.changed",
            subject="signals.strategy:1",
            trace_id=TRACE,
            actor="system",
            detail={},
        )
    return handling_parked(event_id, "signals.fuse_alert", error)


def test_an_incident_is_closed_with_a_note_in_the_closers_name(ops) -> None:
    incident_id = incident_open(kind="cash.differs", subject="execution.account:1", note="by 2 USD")
    page = ops.get("/ops/incidents/").content.decode()
    assert "cash.differs" in page
    assert "by 2 USD" in page
    answer = ops.post(
        f"/ops/incidents/{incident_id}/close", {"note": "swap came late"}, follow=True
    )
    closed = Incident.objects.get(id=incident_id)
    assert closed.closing_note == "swap came late"
    assert closed.closed_by == f"user:{answer.wsgi_request.user.pk}"
    assert Event.objects.filter(name="incident.closed", actor=closed.closed_by).exists()
    assert answer.wsgi_request.user.get_username() in answer.content.decode()


@pytest.mark.parametrize(
    ("subject", "place"),
    [
        ("signals.strategy:{strategy}/BTCUSDT.P", "/admin/signals/strategy/{strategy}/change/"),
        ("signals.strategy:{strategy}", "/admin/signals/strategy/{strategy}/change/"),
        ("execution.account:{account}", "/admin/execution/brokeraccount/{account}/change/"),
    ],
)
def test_an_incident_leads_to_what_it_is_about(ops, run_handlers, subject, place) -> None:
    flow = flow_make(run_handlers)
    ids = {"strategy": flow.strategy.pk, "account": flow.desk.account.pk}
    incident_open(kind="alert.silent", subject=subject.format(**ids), note="nothing came")
    page = ops.get("/ops/incidents/").content.decode()
    address = place.format(**ids)
    assert f'<a href="{address}">{subject.format(**ids)}</a>' in page
    assert ops.get(address).status_code == 200


def test_a_strategy_leads_to_its_deliveries_alerts_and_decisions(viewer, run_handlers) -> None:
    strategy = flow_make(run_handlers).strategy
    page = viewer.get(f"/admin/signals/strategy/{strategy.pk}/change/").content.decode()
    assert f"manage.py strategy_policy {strategy.slug} --help" in page
    for name in ("delivery", "alert", "decision", "expectation"):
        address = f"/admin/signals/{name}/?strategy__id__exact={strategy.pk}"
        assert f'href="{address}"' in page
        assert viewer.get(address).status_code == 200


def test_the_page_of_a_fact_leads_back_to_its_list_and_offers_nothing_to_close(ops) -> None:
    incident_id = incident_open(kind="cash.differs", subject="execution.account:1", note="by 2 USD")
    page = ops.get(f"/admin/incidents/incident/{incident_id}/change/").content.decode()
    assert '<a href="/admin/incidents/incident/">Back to the list</a>' in page
    assert ">Close<" not in page


def test_the_record_of_an_open_incident_leads_to_the_form_that_closes_it(ops) -> None:
    incident_id = incident_open(kind="cash.differs", subject="execution.account:1", note="by 2 USD")
    address = f"/admin/incidents/incident/{incident_id}/change/"
    form = f'href="/ops/incidents/#incident-{incident_id}"'
    assert form in ops.get(address).content.decode()
    assert f'id="incident-{incident_id}"' in ops.get("/ops/incidents/").content.decode()
    ops.post(f"/ops/incidents/{incident_id}/close", {"note": "seen"})
    assert form not in ops.get(address).content.decode()
    assert address in ops.get("/ops/incidents/").content.decode()


def test_a_list_of_incidents_that_is_cut_says_so(ops) -> None:
    for number in range(101):
        incident_open(kind="alert.silent", subject=f"signals.strategy:1/S{number}", note="x")
    page = ops.get("/ops/incidents/").content.decode()
    assert "Open: 101, the latest 100 below" in page
    every = "/admin/incidents/incident/?closed_at__isempty=1"
    assert every in page
    assert ops.get(every).context["cl"].result_count == 101


def test_home_counts_what_was_refused_in_a_day_and_leads_to_exactly_that(viewer, clock) -> None:
    clock.set(now())
    built = strategy_built()
    alert_received(built, b"{old")
    clock.advance(seconds=86_401)
    assert _refused(viewer).tone == "fine"
    for body in (b"{", b"[", b'{"symbol": "EURUSD", "side": "up"}'):
        alert_received(built, body)
    alert_received(built, EntryFactory(at=now()))
    figure = _refused(viewer)
    assert (figure.value, figure.note, figure.tone) == ("3", "most often not_json", "warn")
    assert viewer.get(figure.href).context["cl"].result_count == 3


def _refused(client):
    figures = client.get("/admin/").context["figures"]
    return next(one for one in figures if one.label == "Refused in a day")


def test_an_incident_without_a_note_stays_open(ops) -> None:
    incident_id = incident_open(kind="cash.differs", subject="execution.account:1", note="by 2 USD")
    page = ops.post(f"/ops/incidents/{incident_id}/close", {"note": "  "}, follow=True)
    assert b"Write what you found" in page.content
    assert Incident.objects.get(id=incident_id).closed_at is None


def test_closing_twice_says_that_it_is_closed_already(ops) -> None:
    incident_id = incident_open(kind="cash.differs", subject="execution.account:1", note="by 2 USD")
    for _ in range(2):
        page = ops.post(f"/ops/incidents/{incident_id}/close", {"note": "seen"}, follow=True)
    assert b"was closed by someone else already" in page.content


def test_a_parked_handling_is_shown_with_its_error_and_due_again_by_its_button(ops) -> None:
    handling = _parked()
    page = ops.get("/ops/handlings/").content.decode()
    assert "ValueError: no such symbol" in page
    ops.post(f"/ops/handlings/{handling.pk}/retry")
    handling.refresh_from_db()
    assert handling.due_at is not None
    again = ops.post(f"/ops/handlings/{handling.pk}/retry", follow=True)
    assert b"is not parked any more" in again.content


def test_those_who_may_not_act_get_no_buttons(auditor) -> None:
    _parked()
    incident_open(kind="cash.differs", subject="execution.account:1", note="by 2 USD")
    assert b"<form" not in _content(auditor, "/ops/handlings/")
    assert b"<form" not in _content(auditor, "/ops/incidents/")


def _content(client, address: str) -> bytes:
    """The page without its header, where the log-out form stands."""
    return client.get(address).content.partition(b'<div id="content"')[2]


def test_home_tells_what_needs_a_person_and_links_to_it(ops) -> None:
    _parked()
    incident_open(kind="cash.differs", subject="execution.account:1", note="by 2 USD")
    figures = {one.label: one for one in ops.get("/admin/").context["figures"]}
    assert figures["Open incidents"].tone == "bad"
    assert figures["Open incidents"].href == "/ops/incidents/"
    assert figures["Handlings undone"].tone == "bad"
    assert "1 parked" in figures["Handlings undone"].note
    assert figures["Drain"].tone == "bad"
    assert figures["Ledger"].value == "balanced"


def test_home_shows_each_role_only_what_its_lists_may_show(viewer, cast) -> None:
    labels = {one.label for one in viewer.get("/admin/").context["figures"]}
    assert "Reviews waiting" in labels
    assert "Ledger" not in labels
    nobody = cast["no_role"].get("/admin/")
    assert nobody.context["figures"] == []
    assert b"Your account has no role yet" in nobody.content


def test_home_counts_a_pending_review_with_its_nearest_expiry(viewer, run_handlers) -> None:
    flow_make(run_handlers, approval="one", review_seconds=120).decided()
    figures = {one.label: one for one in viewer.get("/admin/").context["figures"]}
    assert figures["Reviews waiting"].value == "1"
    assert figures["Reviews waiting"].note.startswith("nearest expires in 1")


def test_home_says_when_the_executor_fell_silent(viewer, run_handlers, clock) -> None:
    flow = flow_make(run_handlers)
    flow.desk.poll()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE execution_brokeraccount SET last_seen_at = events_now()")
    assert _executor(viewer).tone == "fine"
    clock.advance(seconds=120)
    silent = _executor(viewer)
    assert silent.tone == "bad"
    assert silent.value.startswith("2")


def _executor(client):
    figures = client.get("/admin/").context["figures"]
    return next(one for one in figures if one.label == "Executor heartbeat")


def test_the_ledger_shows_each_book_alone_and_each_entry_with_its_lines(
    auditor, run_handlers
) -> None:
    flow = flow_make(run_handlers)
    flow.deposit("10000")
    flow.closed()
    page = auditor.get("/ops/ledger/?book=paper")
    view = page.context["view"]
    assert view.is_balanced
    assert {currency for currency, _ in view.totals} >= {"USD", "DAI", "DA"}
    assert b"Sums to zero in DA, DAI, USD." in page.content
    for entry in page.context["entries"]:
        assert f"/admin/treasury/entry/{entry.pk}/change/" in page.content.decode()
    live = auditor.get("/ops/ledger/?book=live")
    assert live.context["view"].rows == []
    assert live.context["entries"] == []
    assert b"No accounts in the live book yet" in live.content
    assert auditor.get("/ops/ledger/?book=both").status_code == 404


def test_the_ledger_page_costs_the_same_for_few_and_many_entries(
    auditor, run_handlers, django_assert_num_queries
) -> None:
    flow = flow_make(run_handlers)
    for trades in (1, 2):
        for _ in range(trades):
            flow.closed()
        with django_assert_num_queries(28):
            page = auditor.get("/ops/ledger/")
    assert len(page.context["entries"]) >= 15


def test_an_account_of_the_trial_balance_opens_its_own_entries(auditor, run_handlers) -> None:
    flow_make(run_handlers).closed()
    view = auditor.get("/ops/ledger/").context["view"]
    code = next(row.code for row in view.rows if row.code.endswith(":Cash"))
    entries = auditor.get("/ops/ledger/", {"account": code}).context["entries"]
    assert len(entries) == 2
    assert all(code in {line.account.code for line in one.lines.all()} for one in entries)


def test_the_admin_shows_an_entry_with_its_lines_and_offers_no_change(
    auditor, run_handlers
) -> None:
    flow_make(run_handlers).closed()
    entry = auditor.get("/ops/ledger/").context["entries"][0]
    address = f"/admin/treasury/entry/{entry.pk}/change/"
    page = auditor.get(address).content.decode()
    for line in entry.lines.all():
        assert line.account.code in page
    assert 'name="_save"' not in page
    # Exact times and plain numbers: no a.m., no idle zeros.
    assert exact_text(entry.event_at) in page
    assert "000000000</" not in page
    assert auditor.post(address, {"note": "changed"}).status_code == 403


ADMIN_LISTS = [
    "events/event",
    "events/handling",
    "signals/alert",
    "signals/decision",
    "signals/delivery",
    "signals/opinion",
    "execution/order",
    "execution/report",
    "execution/deal",
    "execution/position",
    "treasury/entry",
    "treasury/line",
    "treasury/dealposting",
    "tokens/positionaward",
]


def test_admin_lists_ask_a_fixed_number_of_queries_and_each_row_opens(
    cast, run_handlers, django_assert_max_num_queries
) -> None:
    flow = flow_make(run_handlers)
    for _ in range(3):
        flow.closed()
    client = cast["superuser"]
    for path in ADMIN_LISTS:
        with django_assert_max_num_queries(12):
            page = client.get(f"/admin/{path}/")
        found = page.context["cl"]
        assert found.result_count >= 3, path
        row = found.result_list[0]
        assert client.get(f"/admin/{path}/{row.pk}/change/").status_code == 200, path
        assert client.get(f"/admin/{path}/", {"q": "7", "o": "-2"}).status_code == 200, path
