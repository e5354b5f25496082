"""Lists of the staff side: newest first, what a row is about first, numbers in one format."""

import re
from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import transaction

from fusion_project.admin.read_only import ReadOnlyAdmin
from fusion_project.events.log import record
from fusion_project.incidents.services import incident_open
from signals.models import Decision
from signals.services.secrets import secret_issue_once
from signals.services.strategies import strategy_secret_revoke
from tests.builders.events import handling_parked
from tests.builders.pages import client_of, flow_make, staff_make

pytestmark = pytest.mark.django_db
# What is looked up by its name, and no fact that came at a moment.
CATALOGUES = {
    "auth.group",
    "auth.user",
    "events.lifesign",
    "events.periodicjob",
    "execution.brokeraccount",
    "execution.subscription",
    "execution.symbolmap",
    "execution.terminal",
    "signals.expectation",
    "signals.strategy",
    "tokens.chainbinding",
    "tokens.supplyplanitem",
    "tokens.token",
    "treasury.accountcheck",
    "treasury.currency",
    "treasury.ledgeraccount",
    "treasury.policyversion",
    "treasury.revenuestream",
    "treasury.unitseries",
}
# Lists whose rows are wide start with what a row is about, and its number.
WIDE = {
    "events.event",
    "events.handling",
    "execution.deal",
    "execution.order",
    "execution.position",
    "execution.report",
    "incidents.incident",
    "signals.alert",
    "signals.decision",
    "signals.delivery",
    "tokens.positionaward",
    "treasury.entry",
}


def _lists() -> list[tuple[str, str]]:
    return [
        (one._meta.label_lower, f"/admin/{one._meta.label_lower.replace('.', '/')}/")
        for one in admin.site._registry
    ]


@pytest.fixture
def two_trades(run_handlers):
    flow = flow_make(run_handlers)
    flow.deposit("1234567.5")
    for profit in ("12.50", "-3.25"):
        flow.closed(profit=profit)
    return flow


def _parked() -> None:
    with transaction.atomic():
        subject = "signals.strategy:1"
        event_id = record(
            "policy.changed", subject=subject, trace_id="c" * 32, actor="system", detail={}
        )
    handling_parked(event_id, "signals.fuse_alert", "ValueError: odd")


@pytest.fixture
def superuser(db):
    return client_of(staff_make(is_superuser=True))


def test_every_list_of_the_admin_is_newest_first_but_for_the_catalogues() -> None:
    by_name = {
        one._meta.label_lower
        for one, made in admin.site._registry.items()
        if not str(made.ordering[0] if made.ordering else "").startswith("-")
    }
    assert by_name == CATALOGUES
    facts = [made for made in admin.site._registry.values() if isinstance(made, ReadOnlyAdmin)]
    assert len(facts) > 25


def test_the_lists_are_shown_newest_first(two_trades, superuser) -> None:
    walked = 0
    for label, address in _lists():
        rows = list(superuser.get(address).context["cl"].result_list)
        if label in CATALOGUES or len(rows) < 2 or not isinstance(rows[0].pk, int):
            continue
        keys = [
            getattr(row, "entry_id", row.pk) if label == "treasury.line" else row.pk for row in rows
        ]
        assert keys == sorted(keys, reverse=True), label
        walked += 1
    assert walked >= 10


def test_a_wide_list_starts_with_what_a_row_is_about_and_its_number(two_trades, superuser) -> None:
    incident_open(kind="cash.differs", subject="execution.account:1", note="x")
    for label, address in _lists():
        if label not in WIDE:
            continue
        page = superuser.get(address)
        first = re.search(
            r'<tr>\s*<th class="field-\w+[^"]*"><a href="[^"]+">(.+?)</a>', page.content.decode()
        )
        assert first, label
        about = re.fullmatch(
            r'<span class="f-about">(.+)</span> <span class="f-below">(\d+)</span>', first.group(1)
        )
        assert about, (label, first.group(1))


def test_numbers_of_the_admin_are_written_as_on_every_page(two_trades, superuser) -> None:
    account = superuser.get("/admin/treasury/line/").content.decode()
    assert "1\u202f234\u202f567.50" in account
    assert "−1\u202f234\u202f567.50" in account
    orders = superuser.get("/admin/execution/order/").content.decode()
    assert re.search(r"entry buy \d+\.\d+ EURUSD", orders)
    decision = Decision.objects.filter(verb="entry").latest("id").pk
    page = superuser.get(f"/admin/signals/decision/{decision}/change/").content.decode()
    assert "62.0\u202f%" in page
    for _, address in _lists():
        page = superuser.get(address)
        text = page.content.decode()
        for one in re.findall(r'class="field-\w+ f-num">([^<]+)<', text):
            assert re.fullmatch(r"—|−?\d{1,3}(\u202f\d{3})*(\.\d+)?(\u202f%)?", one), (address, one)
        for row in page.context["cl"].result_list[:1]:
            text += superuser.get(f"{address}{row.pk}/change/").content.decode()
        # No column prints its idle zeros, in a title neither.
        assert not re.search(r"[0-9]\.[0-9]*0{6}", text), address


def test_the_lists_of_the_desk_are_newest_first(two_trades, superuser, run_handlers) -> None:
    flow = two_trades
    for number in (1, 2):
        incident_open(kind="cash.differs", subject=f"execution.account:{number}", note="x")
    for _ in range(2):
        newest = flow.strategy.secrets.order_by("-id").first().id
        issued = secret_issue_once(
            strategy_id=flow.strategy.id, newest_id=newest, actor="user:1", label="x"
        )
        strategy_secret_revoke(strategy_id=flow.strategy.id, secret_id=issued.id, actor="user:1")
    for _ in range(2):
        _parked()
    get = superuser.get
    decisions = [row.decision.id for row in get("/ops/decisions/?state=all").context["rows"]]
    traces = [row.first_at for row in get("/ops/traces/").context["rows"]]
    incidents = [one.id for one, _ in get("/ops/incidents/").context["open_ones"]]
    parked = [one.id for one, _ in get("/ops/handlings/").context["parked"]]
    entries = [one.id for one in get("/ops/ledger/").context["entries"]]
    ended = get(f"/ops/secrets/{flow.strategy.slug}/").context["secrets"].ended
    for rows in (decisions, traces, incidents, parked, entries, [one.id for one in ended]):
        assert len(rows) >= 2
        assert rows == sorted(rows, reverse=True)


def test_the_lists_refresh_and_the_page_that_shows_a_secret_does_not(two_trades, superuser) -> None:
    slug = two_trades.strategy.slug
    lists = ("decisions", "traces", "incidents", "handlings", "symbols", "ledger")
    for address in ("/admin/", "/admin/execution/order/", *(f"/ops/{one}/" for one in lists)):
        text = superuser.get(address).content.decode()
        assert text.count("data-refresh") == 1, address
        assert "fusion/refresh.js" in text
        assert re.search(r"As of \d\d:\d\d:\d\d UTC", text), address
    assert "data-refresh" not in superuser.get(f"/ops/secrets/{slug}/").content.decode()


def test_a_share_of_a_decision_is_a_chance(two_trades, superuser) -> None:
    decision = two_trades.strategy.decisions.filter(verb="entry").first()
    assert decision.p_final == Decimal("0.62")
    page = superuser.get(f"/admin/signals/decision/{decision.pk}/change/").content.decode()
    assert "62.0\u202f%" in page
