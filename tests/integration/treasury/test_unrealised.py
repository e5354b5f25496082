"""What open positions stood at when a period ended is in its statement, and nowhere after it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from fusion_project.events.clock import now
from tests.builders.closing import deals_posted, figures, green, heartbeat_kept
from tests.builders.execution import Desk, desk_make
from tests.builders.treasury import deposit_make, entry_taken_back, ledger_accounts_make
from tests.factories.treasury import draft_of
from treasury import errors
from treasury.models import Entry, PeriodClose
from treasury.rules.drafts import EntryDraft, reversal_of
from treasury.selectors.balances import account_balance
from treasury.selectors.integrity_of_periods import periods_damaged
from treasury.selectors.periods import adjustments_open
from treasury.services.ledger import post
from treasury.services.periods import period_close, period_preview

pytestmark = pytest.mark.django_db

MARCH = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def closed(period: str) -> PeriodClose:
    return period_close(book="paper", period=period, actor="user:1")


@pytest.fixture
def desk(clock) -> Desk:
    """A position of a desk stands open at the end of November, 7.5 below its price."""
    clock.set(dt.datetime(2026, 11, 30, 23, 50, tzinfo=dt.UTC))
    desk = desk_make(currency="USD")
    deposit_make(desk.account)
    desk.opened(trade_ref="t1", sl="1.09000")
    deals_posted()
    heartbeat_kept(desk.account, at=now(), floating="-7.5")
    clock.set(dt.datetime(2026, 12, 1, 0, 10, tzinfo=dt.UTC))
    green(desk.account, floating="-3")
    return desk


def unrealised() -> list[Entry]:
    return list(Entry.objects.filter(kind__startswith="unrealised").order_by("id"))


def test_what_positions_stood_at_is_in_the_statement_and_taken_back_where_the_next_begins(desk):
    close = closed("2026-11")
    stood = [one for one in figures(close).items() if "Unrealised" in one[0]]
    assert dict(stood) == {
        next(code for code, _ in stood if code.endswith(":Unrealised")): (
            0,
            0,
            Decimal("7.5"),
            0,
            Decimal("-7.5"),
        ),
        next(code for code, _ in stood if code.startswith("Income:")): (
            0,
            Decimal("7.5"),
            0,
            0,
            Decimal("7.5"),
        ),
    }
    entry, back = unrealised()
    assert (back.reverses, entry.event_at < close.ends_at, back.event_at) == (
        entry,
        True,
        close.ends_at,
    )
    for code, _ in stood:
        assert account_balance(book="paper", code=code) == 0
    assert closed("2026-11") == close
    assert len(unrealised()) == 2
    assert adjustments_open(book="paper") == []


def test_the_heartbeat_nearest_to_the_end_tells_what_stood_open(desk, clock):
    heartbeat_kept(desk.account, at=dt.datetime(2026, 12, 1, 0, 2, tzinfo=dt.UTC), floating="-4")
    closed("2026-11")
    assert unrealised()[0].lines.get(n=1).amount == -4


def test_where_floating_is_not_told_equity_less_balance_is_taken(desk):
    at = dt.datetime(2026, 12, 1, 0, 1, tzinfo=dt.UTC)
    heartbeat_kept(desk.account, at=at, floating=None, equity="1002.25")
    closed("2026-11")
    assert unrealised()[0].lines.get(n=1).amount == Decimal("2.25")


def test_open_positions_of_which_nobody_told_anything_near_are_refused(desk, clock):
    clock.set(dt.datetime(2026, 12, 3, tzinfo=dt.UTC))
    green(desk.account)
    with pytest.raises(errors.PeriodHindered, match="nobody told what open positions of"):
        closed("2026-12-02")
    assert closed("2026-11").period == "2026-11"


def test_what_was_closed_before_the_end_is_not_unrealised(desk, clock):
    clock.set(dt.datetime(2026, 12, 1, 0, 20, tzinfo=dt.UTC))
    position = desk.account.positions.get()
    desk.close(position, profit=Decimal(7))
    deals_posted()
    clock.set(dt.datetime(2026, 12, 2, 0, 1, tzinfo=dt.UTC))
    green(desk.account)
    closed("2026-11")
    assert len(unrealised()) == 2
    following = closed("2026-12-01")
    assert len(unrealised()) == 2
    code = next(code for code in figures(following) if code.endswith(":Unrealised"))
    assert figures(following)[code] == (Decimal("-7.5"), Decimal("7.5"), 0, 0, 0)
    assert periods_damaged() == []


def _unrealised_draft() -> EntryDraft:
    return draft_of(
        "unrealised:paper:2026-03:1",
        ("Assets:Broker:X:Unrealised", "USD", "5"),
        ("Income:Unrealised:X", "USD", "-5"),
        kind="unrealised",
    )


def _booked(*drafts: EntryDraft, period: str = "") -> None:
    """Posted, perhaps beside a close, with what is checked at commit."""
    with transaction.atomic():
        post(drafts=drafts)
        if period:
            closed(period)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_nobody_but_a_close_books_what_is_not_realised():
    ledger_accounts_make("Assets:Broker:X:Unrealised", "Income:Unrealised:X")
    draft = _unrealised_draft()
    mirror = reversal_of(draft, event_at=MARCH, source="x", note="")
    with pytest.raises(IntegrityError, match="no close of a period"):
        _booked(draft)
    with pytest.raises(IntegrityError, match="no close of a period"):
        _booked(draft, mirror)
    # As part of a close, but never taken back.
    with pytest.raises(IntegrityError, match="no close of a period"):
        _booked(draft, period="2026-03")


def test_what_a_close_has_booked_is_taken_back_once(desk):
    closed("2026-11")
    with pytest.raises(errors.EntryAlreadyReversed):
        entry_taken_back(unrealised()[0].pk)


def test_a_dry_run_shows_what_is_then_stored(desk):
    shown = period_preview(book="paper", period="2026-11")
    assert unrealised() == []
    close = closed("2026-11")
    before = {one.account.code: one.closing for one in shown.figures}
    assert before == {code: figure[-1] for code, figure in figures(close).items()}
