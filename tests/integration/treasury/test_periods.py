"""A closed period is a statement that stays; what comes later for it is told where it is booked."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from tests.builders.closing import deals_posted, figures, green
from tests.builders.converting import conversion_made, pools_make
from tests.builders.pages import client_of
from tests.builders.people import staff_make
from tests.builders.treasury import (
    broker_account_make,
    deal_make,
    deposit_make,
    ledger_accounts_make,
)
from tests.factories.treasury import draft_of
from treasury import errors
from treasury.models import (
    AccountCheck,
    DealPosting,
    Entry,
    Line,
    PeriodAdjustment,
    PeriodClose,
)
from treasury.selectors.balances import trial_balance
from treasury.selectors.integrity_of_periods import periods_damaged
from treasury.selectors.periods import (
    adjustments_in,
    adjustments_of,
    adjustments_open,
    period_words,
)
from treasury.services.ledger import post
from treasury.services.periods import period_close

pytestmark = pytest.mark.django_db

ALPHA, BETA = "Assets:Alpha", "Income:Beta"
MARCH = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def accounts() -> None:
    ledger_accounts_make(ALPHA, BETA)


def booked(key: str, amount: str, at: dt.datetime) -> Entry:
    lines = (ALPHA, "USD", amount), (BETA, "USD", f"{-Decimal(amount):f}")
    draft = draft_of(key, *lines)
    return Entry.objects.get(id=post(drafts=[replace(draft, event_at=at)])[0].id)


def closed(period: str) -> PeriodClose:
    return period_close(book="paper", period=period, actor="user:1")


def test_a_statement_holds_what_happened_before_its_end_account_by_account(accounts):
    booked("a", "5", MARCH)
    booked("b", "-2", MARCH + DAY)
    booked("later", "100", MARCH + 31 * DAY)
    close = closed("2026-03")
    assert figures(close) == {ALPHA: (0, 5, 2, 0, 3), BETA: (0, 2, 5, 0, -3)}
    assert (close.starts_at, close.ends_at) == (None, MARCH + 31 * DAY)
    event = Event.objects.get(name="period.closed")
    assert f'"sha256":"{close.sha256}"' in event.detail
    following = closed("2026-04")
    assert figures(following) == {ALPHA: (3, 100, 0, 0, 103), BETA: (-3, 0, 100, 0, -103)}
    assert (following.previous, following.starts_at) == (close, close.ends_at)
    assert periods_damaged() == []


def test_what_is_booked_later_for_a_closed_period_adjusts_the_one_that_is_open_and_names_it(
    accounts,
):
    booked("a", "5", MARCH)
    close = closed("2026-03")
    late = booked("late", "7", MARCH + DAY)
    assert figures(close)[ALPHA][-1] == 5
    (open_one,) = adjustments_open(book="paper")
    assert (open_one.entry, open_one.belongs_to, open_one.booked_in) == (late, "2026-03", "")
    assert adjustments_of(close=close) == [open_one]
    assert period_words(late) == "adjusts 2026-03, booked in the open period"
    following = closed("2026-04")
    assert figures(following)[ALPHA] == (5, 7, 0, 7, 12)
    (kept,) = adjustments_in(close=following)
    assert (kept.entry, kept.belongs_to, kept.booked_in) == (late, "2026-03", "2026-04")
    assert adjustments_of(close=close) == [kept]
    assert adjustments_open(book="paper") == []
    assert period_words(late) == "adjusts 2026-03, booked in 2026-04"
    assert period_words(booked("new", "1", MARCH + 70 * DAY)) == ""
    booked("later still", "1", MARCH + 32 * DAY)
    assert [one.belongs_to for one in adjustments_open(book="paper")] == ["2026-04"]
    assert periods_damaged() == []


def test_a_restated_deal_of_a_closed_period_adjusts_the_open_one_with_all_it_takes_back():
    account = broker_account_make()
    deal = deal_make(account)
    deals_posted()
    green(account)
    close = closed("2026-03")
    deal_make(account, ticket=deal.ticket, revision=2, profit=Decimal(1))
    deals_posted()
    late = adjustments_open(book="paper")
    assert {one.belongs_to for one in late} == {"2026-03"}
    assert len(late) == 2
    green(account)
    following = closed("2026-04")
    cash = f"Assets:Broker:Demo-Server-{account.login}:Cash"
    assert figures(close)[cash][-1] == Decimal("11.8")
    assert figures(following)[cash][3:] == (Decimal("-11.5"), Decimal("0.3"))
    assert periods_damaged() == []


def test_a_period_is_closed_once_and_answered_as_it_is(accounts):
    booked("a", "5", MARCH)
    close = closed("2026-03")
    booked("late", "7", MARCH)
    assert closed("2026-03") == close
    assert PeriodClose.objects.count() == 1
    assert Event.objects.filter(name="period.closed").count() == 1


def test_days_and_months_follow_each_other_as_long_as_each_ends_later(accounts):
    booked("a", "5", MARCH)
    closed("2026-03-01")
    closed("2026-03-04")
    closed("2026-03")
    for period in ("2026-03-02", "2026-03-31", "2026-02"):
        with pytest.raises(errors.PeriodHindered, match="2026-03 is closed already"):
            closed(period)
    assert closed("2026-03-04").period == "2026-03-04"
    assert periods_damaged() == []


@pytest.mark.parametrize("period", ["2026", "2026-13", "soon", "2026-3-1"])
def test_what_is_no_month_and_no_day_is_refused(accounts, period):
    with pytest.raises(errors.PeriodInvalid):
        closed(period)


def refused_by_both(period: str, service: str, database: str) -> None:
    """By the service in words, and by the function that it calls."""
    with pytest.raises(errors.PeriodHindered, match=service):
        closed(period)
    with (
        pytest.raises(IntegrityError, match=database) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT treasury_period_close('paper', %s, 'user:1')", [period])
    assert refused.value.__cause__.diag.constraint_name == "treasury_period_hindered"


def test_a_period_that_is_not_over_is_refused(accounts):
    booked("a", "5", MARCH)
    refused_by_both(f"{now():%Y-%m-%d}", "is not over", "it is not over")


def test_an_empty_book_is_refused():
    refused_by_both("2026-03", "nothing was booked", "nothing was booked yet")


def test_a_later_period_that_is_closed_is_refused(accounts):
    booked("a", "5", MARCH)
    closed("2026-03")
    refused_by_both("2026-02", "is closed already", "a later one is closed already")


@pytest.fixture
def account() -> BrokerAccount:
    """10000 paid in and 11.80 won in March, green."""
    made = broker_account_make()
    deposit_make(made)
    deal_make(made)
    deals_posted()
    green(made)
    return made


def test_a_deal_in_quarantine_is_refused(account):
    held = deal_make(account, kind="unknown")
    deals_posted()
    assert DealPosting.objects.get(deal=held).state == "quarantined"
    refused_by_both("2026-03", "is in quarantine", f"deal {held.ticket} is in quarantine")


def test_a_deal_that_is_not_posted_is_refused(account):
    late = deal_make(account)
    refused_by_both("2026-03", "is not posted", f"deal {late.ticket} is not posted")


@pytest.mark.parametrize("kind", ["cash", "credit", "equity", "tickets"])
def test_an_account_that_differs_from_its_broker_is_refused(account, kind):
    AccountCheck.objects.filter(account=account, kind=kind).update(
        state="differs", difference=1, mismatches_in_row=1
    )
    refused_by_both("2026-03", f"{kind} differs", f"{account.name}: {kind} is differs")


def test_an_account_that_was_never_compared_is_refused():
    made = broker_account_make()
    deposit_make(made)
    deals_posted()
    refused_by_both("2026-03", "was never compared", "was not compared with its broker")


def test_an_account_that_is_silent_is_refused(account, clock):
    clock.advance(minutes=3)
    refused_by_both("2026-03", "has told nothing since", "was not compared with its broker")


def test_an_account_that_was_not_compared_since_the_end_is_refused(account, clock):
    clock.set(dt.datetime(2026, 5, 31, 23, 59, 30, tzinfo=dt.UTC))
    green(account)
    clock.set(dt.datetime(2026, 6, 1, 0, 0, 30, tzinfo=dt.UTC))
    refused_by_both("2026-05", "was not compared since", "was not compared with its broker")
    green(account)
    assert closed("2026-05").period == "2026-05"


def test_books_are_closed_apart(account):
    ledger_accounts_make("Assets:Live", "Income:Live", book="live")
    post(
        drafts=[
            draft_of("l", ("Assets:Live", "USD", "1"), ("Income:Live", "USD", "-1"), book="live")
        ]
    )
    deal_make(account)
    live = period_close(book="live", period="2026-03", actor="user:1")
    assert set(figures(live)) == {"Assets:Live", "Income:Live"}
    with pytest.raises(errors.PeriodHindered):
        closed("2026-03")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("book"), st.integers(0, 5 * 24 - 1), st.integers(-9, 9).filter(bool)),
        st.tuples(st.just("close"), st.just(0), st.just(0)),
    ),
    min_size=1,
    max_size=14,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_is_booked_when_each_statement_is_the_trial_balance_at_its_cut_off(
    accounts, steps
):
    with transaction.atomic():
        booked("first", "1", MARCH)
        days = iter(range(1, 100))
        closes = []
        for n, (what, hours, amount) in enumerate(steps):
            if what == "book":
                booked(str(n), str(amount), MARCH + dt.timedelta(hours=hours))
            else:
                closes.append(closed(f"2026-03-{next(days):02}"))
                _statement_is_whole(closes)
        assert periods_damaged() == []
        rows = {row.code: row.balance for row in trial_balance(book="paper")}
        assert sum(rows.values()) == 0
        if closes and not Entry.objects.filter(id__gt=closes[-1].cutoff_id).exists():
            after = Line.objects.filter(entry__event_at__gte=closes[-1].ends_at)
            for code, figure in figures(closes[-1]).items():
                beyond = after.filter(account__code=code).values_list("amount", flat=True)
                assert figure[-1] + sum(beyond, Decimal(0)) == rows[code]
        transaction.set_rollback(True)


def _statement_is_whole(closes: list[PeriodClose]) -> None:
    close = closes[-1]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    within = Line.objects.filter(
        entry_id__lte=close.cutoff_id, entry__event_at__lt=close.ends_at
    ).select_related("account")
    for line in within:
        sums[line.account.code] += line.amount
    stated = {code: figure[-1] for code, figure in figures(close).items()}
    assert stated == sums
    assert sum(stated.values()) == 0
    former = figures(closes[-2]) if len(closes) > 1 else {}
    for code, (opening, *_) in figures(close).items():
        assert opening == (former[code][-1] if code in former else 0)
    late = Entry.objects.none()
    if len(closes) > 1:
        since = closes[-2].cutoff_id
        late = Entry.objects.filter(event_at__lt=close.starts_at, id__gt=since)
    told = PeriodAdjustment.objects.filter(close=close).values_list("entry_id", flat=True)
    assert set(told) == {one.pk for one in late}


def run(*args: str) -> str:
    out = StringIO()
    call_command("period_close", "--book=paper", *args, stdout=out)
    return out.getvalue()


def test_the_command_shows_before_it_closes_and_lists_what_is_closed(accounts):
    booked("a", "5", MARCH)
    user = staff_make("ops").username
    shown = run("--period=2026-03", "--dry-run")
    assert "2026-03 of the paper book would be closed: the first entry to 2026-04-01" in shown
    assert f"{ALPHA}\t0\t5\t0\t0\t5 USD" in shown
    assert not PeriodClose.objects.exists()
    assert not Event.objects.filter(name="period.closed").exists()
    assert run() == ""
    with pytest.raises(CommandError, match="--as USER"):
        run("--period=2026-03")
    assert "is closed" in run("--period=2026-03", f"--as={user}")
    late = booked("late", "7", MARCH)
    again = run("--period=2026-03")
    assert f"entry {late.pk} (late) adjusts 2026-03, booked in the open period" in again
    assert f"{ALPHA}\t0\t5\t0\t0\t5 USD" in again
    assert PeriodClose.objects.get().sha256 in run()
    with pytest.raises(CommandError, match="is not over"):
        run(f"--period={now():%Y-%m}", "--dry-run")
    with pytest.raises(CommandError, match="expected a month"):
        run("--period=March", f"--as={user}")


def test_the_admin_shows_statements_and_says_of_an_entry_what_it_adjusts(accounts):
    booked("a", "5", MARCH)
    close = closed("2026-03")
    late = booked("late", "7", MARCH)
    closed("2026-04")
    client = client_of(staff_make("ops", is_superuser=True))
    assert "2026-03" in client.get("/admin/treasury/periodclose/").content.decode()
    page = client.get(f"/admin/treasury/periodclose/{close.pk}/change/").content.decode()
    assert ALPHA in page
    page = client.get(f"/admin/treasury/entry/{late.pk}/change/").content.decode()
    assert "adjusts 2026-03, booked in 2026-04" in page


def test_the_ledger_page_shows_closed_periods_late_entries_and_what_waits(accounts):
    booked("a", "5", MARCH)
    close = closed("2026-03")
    late = booked("late", "7", MARCH)
    pools_make()
    waits = conversion_made("100")
    client = client_of(staff_make("ops", is_superuser=True))
    page = client.get("/ops/ledger/?book=paper").content.decode()
    assert close.sha256[:12] in page
    assert f">{late.pk}</a> (test) adjusts 2026-03, booked in the open period" in page
    assert waits.waits_for in page
    page = client.get("/ops/ledger/?book=live").content.decode()
    assert "Closed periods" not in page
    assert "Waits to be converted" not in page
