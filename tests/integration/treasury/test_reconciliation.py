"""Everything that brokers tell is compared with the ledger, stored, and told to people."""

import datetime as dt
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from execution.models import BrokerAccount, Deal
from fusion_project.events.clock import now
from fusion_project.incidents.models import Incident
from tests.builders.pages import client_of, staff_make
from tests.builders.second_person import request_confirmed
from tests.builders.treasury import broker_account_make, deal_make, deposit_make
from tests.factories.treasury import draft_of
from treasury.errors import TransitRefused
from treasury.models import AccountCheck, Statement
from treasury.periodic import check_accounts
from treasury.rules.accounts import broker_transit, capital_paid_in
from treasury.rules.drafts import EntryDraft
from treasury.rules.statements import COLUMNS
from treasury.selectors.green import book_not_green
from treasury.selectors.transit import transit_balance, transit_items
from treasury.services.deals import deals_post
from treasury.services.ledger import accounts_ensure, post
from treasury.services.statements import StatementRefused, statement_import
from treasury.services.transit import clearing_ask, clearing_carry_out, clearing_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> BrokerAccount:
    """10000 paid in and 11.80 won; the next heartbeat knows of it."""
    made = broker_account_make()
    deposit_make(made)
    deal_make(made)
    post_all()
    return made


def post_all() -> None:
    deals_post(deal_ids=list(Deal.objects.values_list("id", flat=True)))


def heard(account: BrokerAccount, **told: Any) -> dict[str, AccountCheck]:
    """One more heartbeat, now, and what it was compared to."""
    newest = Deal.objects.filter(account=account).order_by("-time_msc", "-ticket").first()
    facts = {
        "balance": Decimal("10011.80"),
        "equity": Decimal("10011.80"),
        "credit": Decimal(0),
        "floating": Decimal(0),
        "open_tickets": [],
        "heartbeat_at": now(),
        "watermark_time_msc": newest.time_msc if newest else 0,
        "watermark_ticket": newest.ticket if newest else 0,
    }
    BrokerAccount.objects.filter(id=account.pk).update(**{**facts, **told})
    check_accounts()
    return {one.kind: one for one in AccountCheck.objects.filter(account=account)}


def incidents() -> dict[str, str]:
    open_ones = Incident.objects.filter(closed_at=None)
    return dict(open_ones.values_list("subject", "kind"))


def test_an_account_that_agrees_in_everything_is_green(account) -> None:
    checks = heard(account)
    assert {kind: one.state for kind, one in checks.items()} == {
        "cash": "agrees",
        "credit": "agrees",
        "equity": "agrees",
        "tickets": "agrees",
        "transit": "agrees",
    }
    assert book_not_green(book="paper") == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("credit", {"credit": Decimal(50), "equity": Decimal("10061.80")}),
        ("equity", {"floating": Decimal(3)}),
        ("tickets", {"open_tickets": [77]}),
    ],
)
def test_what_differs_twice_in_a_row_is_an_incident_until_it_agrees(account, clock, kind, told):
    check = heard(account, **told)[kind]
    assert (check.state, check.mismatches_in_row) == ("differs", 1)
    assert incidents() == {}
    clock.advance(seconds=10)
    heard(account, **told)
    assert incidents() == {f"execution.account:{account.pk}/{kind}": "books.differ"}
    assert kind in " ".join(book_not_green(book="paper"))
    clock.advance(seconds=10)
    assert heard(account)[kind].agrees
    assert incidents() == {}
    assert book_not_green(book="paper") == []


def test_what_is_not_told_is_said_and_holds_nothing_up(account) -> None:
    checks = heard(account, credit=None, floating=None)
    assert (checks["credit"].state, checks["equity"].state) == ("not_told", "not_told")
    assert "floating" in checks["equity"].note
    assert book_not_green(book="paper") == []


def test_credit_that_the_ledger_holds_and_nobody_tells_is_not_green(account, clock) -> None:
    deal_make(account, kind="credit", entry="", profit=Decimal(50), commission=Decimal(0))
    post_all()
    heard(account, credit=None)
    assert "credit" in " ".join(book_not_green(book="paper"))


def test_a_book_is_not_green_once_an_account_has_said_nothing_for_two_minutes(
    account, clock
) -> None:
    heard(account)
    clock.advance(seconds=121)
    assert "has told nothing since" in book_not_green(book="paper")[0]


def test_a_book_whose_account_was_never_compared_is_not_green(account) -> None:
    assert "never compared" in book_not_green(book="paper")[0]
    assert book_not_green(book="live") == []


def test_a_deal_in_quarantine_or_on_its_way_makes_a_book_not_green(account, clock) -> None:
    heard(account)
    deal_make(account, kind="unknown", entry="")
    clock.advance(seconds=1)
    assert "is not posted yet" in book_not_green(book="paper")[0]
    post_all()
    assert "is in quarantine" in book_not_green(book="paper")[0]


def test_the_table_takes_no_agreement_with_a_difference(account) -> None:
    heard(account)
    with pytest.raises(IntegrityError, match="agrees_without"), transaction.atomic():
        AccountCheck.objects.filter(kind="cash").update(difference=1)


def test_the_page_shows_each_check_and_what_stands_against_the_book(account) -> None:
    heard(account, open_tickets=[77])
    page = client_of(staff_make("ops")).get("/ops/ledger/?book=paper").content.decode()
    assert "there alone: 77" in page
    assert f"{account.name}: tickets differs by 1" in page


# Money on its way


@pytest.fixture
def live(clock) -> BrokerAccount:
    made = broker_account_make(book="live")
    deposit_make(made, "10000")
    deposit_make(made, "500")
    post_all()
    return made


def test_a_deposit_that_nobody_answers_for_is_an_incident_after_three_days(live, clock) -> None:
    clock.set(now())
    told = {"balance": Decimal(10500), "equity": Decimal(10500)}
    items = transit_items(account=live)
    assert [one.amount for one in items] == [-10000, -500]
    clock.set(items[1].at + dt.timedelta(days=2))
    assert heard(live, **told)["transit"].agrees
    clock.advance(days=2)
    check = heard(live, **told)["transit"]
    assert check.state == "differs"
    assert str(items[0].entry_id) in check.note
    assert incidents() == {f"execution.account:{live.pk}/transit": "books.differ"}


def test_what_two_people_answer_for_is_capital_and_the_oldest_first(live) -> None:
    request = request_confirmed("transit.clear", account_id=live.pk, amount="10200")
    clearing_carry_out({"account_id": live.pk, "amount": "10200"}, request)
    assert transit_balance(account=live) == -300
    assert [one.amount for one in transit_items(account=live)] == [-300]


@pytest.mark.parametrize("amount", ["0", "-1", "10500.01"])
def test_more_than_is_on_its_way_is_refused(live, amount) -> None:
    with pytest.raises(TransitRefused, match="on their way in"):
        clearing_check({"account_id": live.pk, "amount": amount})


def posted_and_checked(draft: EntryDraft) -> None:
    """Posted, with what is checked at commit."""
    post(drafts=[draft])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("fault", ["not confirmed", "another amount", "another account"])
def test_the_database_takes_no_clearing_that_two_people_did_not_want(live, fault) -> None:
    other = broker_account_make(book="live")
    deposit_make(other, "10500")
    post_all()
    number = request_confirmed("transit.clear", account_id=live.pk, amount="500").pk
    if fault == "not confirmed":
        asked = {"account": live, "amount": Decimal(500), "reason": "bank"}
        number = clearing_ask(**asked, actor=f"user:{staff_make('ops').pk}").pk
    amount = "501" if fault == "another amount" else "500"
    booked = other if fault == "another account" else live
    draft = draft_of(
        f"transit:{number}",
        (broker_transit(booked.server, booked.login), "USD", amount),
        (capital_paid_in(booked.server, booked.login), "USD", f"-{amount}"),
        book="live",
        kind="transit.cleared",
        source=f"second_person.request:{number}",
    )
    accounts_ensure(drafts=[draft])
    with pytest.raises((TransitRefused, IntegrityError)), transaction.atomic():
        posted_and_checked(draft)


# Statements


def row(deal: Deal, **changed: str) -> str:
    values = {
        "login": deal.account.login,
        "ticket": deal.ticket,
        "time": f"{dt.datetime.fromtimestamp(deal.time_msc // 1000, dt.UTC):%Y-%m-%d %H:%M:%S}",
        "kind": deal.kind,
        "symbol": deal.symbol,
        "volume": f"{deal.volume_lots:.2f}",
        "price": f"{deal.price:.5f}",
        "profit": f"{deal.profit:.2f}",
        "swap": f"{deal.swap:.2f}",
        "commission": f"{deal.commission:.2f}",
        "fee": f"{deal.fee:.2f}",
    }
    return ",".join(str(one) for one in {**values, **changed}.values())


def statement(account: BrokerAccount, *rows: str) -> Statement:
    raw = "\n".join([",".join(COLUMNS), *rows]).encode()
    return statement_import(account=account, name="march.csv", raw=raw, actor="user:1")


def test_a_statement_with_all_deals_as_they_are_agrees(account) -> None:
    kept = statement(account, *(row(deal) for deal in Deal.objects.filter(account=account)))
    assert (kept.deals, kept.differing) == (2, 0)
    assert AccountCheck.objects.get(kind="statement").agrees


def test_a_statement_that_differs_is_kept_by_ticket_and_told_at_once(account) -> None:
    deposit, closing = Deal.objects.filter(account=account).order_by("id")
    kept = statement(account, row(deposit), row(closing, profit="12.51"))
    (found,) = kept.differences.all()
    assert (found.ticket, found.column, found.theirs) == (closing.ticket, "profit", "12.51")
    assert incidents() == {f"execution.account:{account.pk}/statement": "books.differ"}
    heard(account)
    assert "statement" in book_not_green(book="paper")[0]
    statement(account, row(deposit), row(closing))
    assert incidents() == {}
    assert book_not_green(book="paper") == []


def test_a_deal_that_the_statement_lacks_in_its_time_differs(account) -> None:
    deposit, closing = Deal.objects.filter(account=account).order_by("id")
    later = deal_make(account)
    (missing,) = statement(account, row(deposit), row(later)).differences.all()
    assert (missing.ticket, missing.column) == (closing.ticket, "missing")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ticket": "123456"}, "line 3: no deal of this account has ticket 123456"),
        ({"login": "999"}, "line 3: it is of account '999'"),
        ({"profit": "1e1"}, "line 3: profit '1e1' is no decimal"),
    ],
)
def test_a_statement_with_a_fault_changes_nothing(account, changed, words) -> None:
    deposit, closing = Deal.objects.filter(account=account).order_by("id")
    with pytest.raises(StatementRefused, match=words):
        statement(account, row(deposit), row(closing, **changed))
    assert not Statement.objects.exists()
    assert not AccountCheck.objects.exists()


def test_a_deal_of_another_account_is_unknown_here(account) -> None:
    foreign = deal_make(broker_account_make())
    with pytest.raises(StatementRefused, match="no deal of this account"):
        statement(account, row(foreign, login=account.login))


def test_the_command_compares_a_file_and_lists_what_differs(account, tmp_path: Path) -> None:
    clerk = staff_make("ops").username
    deposit, closing = Deal.objects.filter(account=account).order_by("id")
    file = tmp_path / "march.csv"

    def imported(*rows: str) -> str:
        file.write_text("\n".join([",".join(COLUMNS), *rows]))
        out = StringIO()
        options = {"account": account.name, "as_user": clerk, "stdout": out}
        call_command("import_statement", str(file), **options)
        return out.getvalue()

    assert imported(row(deposit), row(closing)) == "2 deals, all the same\n"
    with pytest.raises(CommandError, match="1 deals differ"):
        imported(row(deposit), row(closing, swap="-0.01"))
    with pytest.raises(CommandError, match=r"Nothing was imported.\n  line 2: swap 'x'"):
        imported(row(deposit, swap="x"))
    file.write_bytes(b"\xff")
    with pytest.raises(CommandError, match="line 1: this is no UTF-8"):
        call_command("import_statement", str(file), account=account.name, as_user=clerk)
