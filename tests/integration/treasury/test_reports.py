"""The report of a month: what a book is worth, what was booked, and what trades came to."""

import datetime as dt
import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from fusion_project.events.clock import now
from tests.builders.distributing import earned, moved
from tests.builders.execution import desk_make
from tests.builders.pages import client_of, staff_make
from tests.builders.treasury import broker_account_make, deal_make, ledger_accounts_make
from tests.factories.treasury import draft_of
from treasury.rules.months import Month, month_of
from treasury.selectors.balances import trial_balance
from treasury.selectors.reports import Asset, Report, report_get
from treasury.services.deals import deals_post
from treasury.services.ledger import post

pytestmark = pytest.mark.django_db
MARCH = dt.datetime(2027, 3, 10, 12, tzinfo=dt.UTC)
THIS, LAST = Month(2027, 3), Month(2027, 2)


@pytest.fixture(autouse=True)
def _in_march(clock):
    clock.set(MARCH)


def report(month: Month = THIS, book: str = "paper") -> Report:
    return report_get(book=book, month=month)


def printed(*options: str) -> str:
    out = StringIO()
    call_command("ledger_report", "--book", "paper", *options, stdout=out)
    return out.getvalue()


def test_a_book_is_worth_its_assets_and_what_is_open_less_what_it_owes():
    account = broker_account_make()
    moved(account, "1000")
    earned(account, "100")
    type(account).objects.filter(id=account.pk).update(floating=Decimal("-7.5"))
    ledger_accounts_make("Equity:Retained", "Liabilities:Pool:Reward")
    pool = ("Equity:Retained", "USD", "30"), ("Liabilities:Pool:Reward", "USD", "-30")
    post(drafts=[draft_of("pool", *pool)])
    # The deposit is answered for by nobody yet: it stands in transit, below zero.
    (usd,) = report().assets
    assert usd == Asset("USD", Decimal(100), Decimal(30), Decimal("-7.5"))
    assert usd.nav == Decimal("62.5")


def test_what_a_broker_has_lent_and_units_of_tokens_are_no_assets():
    ledger_accounts_make("Assets:Broker:X:Credit", "Liabilities:Broker:X:Credit")
    lent = ("Assets:Broker:X:Credit", "USD", "7"), ("Liabilities:Broker:X:Credit", "USD", "-7")
    ledger_accounts_make("Equity:Issued:DAI", "Liabilities:Holders:DAI:Pool", currency="DAI")
    units = ("Equity:Issued:DAI", "DAI", "5"), ("Liabilities:Holders:DAI:Pool", "DAI", "-5")
    post(drafts=[draft_of("lent", *lent), draft_of("units", *units)])
    assert report().assets == []


def test_what_was_booked_counts_in_the_month_in_which_it_was_recorded(clock):
    account = broker_account_make()
    clock.set(MARCH - dt.timedelta(days=30))
    deal = deal_make(account, swap=Decimal("-1"), fee=Decimal("-0.3"))
    deals_post(deal_ids=[deal.pk])
    clock.set(MARCH)
    gain = deal_make(account, swap=Decimal("2"), commission=Decimal(0))
    charge = deal_make(account, kind="charge", entry="", profit=Decimal(-4), commission=Decimal(0))
    deals_post(deal_ids=[gain.pk, charge.pk])
    (last,), (this,) = report(LAST).booked, report().booked
    assert (last.name, last.result, last.costs, last.net) == (
        account.name,
        Decimal("12.5"),
        Decimal("-2"),
        Decimal("10.5"),
    )
    assert dict(last.parts) == {
        "Commission": Decimal("-0.7"),
        "Fee": Decimal("-0.3"),
        "Realised": Decimal("12.5"),
        "Swap": Decimal(-1),
    }
    assert (this.result, this.costs) == (Decimal("12.5"), Decimal(-2))
    assert dict(this.parts)["Swap"] == 2
    # The month that is over shows what the book was worth at its end.
    assert [one.assets for one in report(LAST).assets] == [Decimal("10.5")]
    assert report(LAST).is_over
    assert not report().is_over


def test_months_add_up_to_what_the_ledger_holds(clock):
    account = broker_account_make()
    for days, amount in ((70, "5"), (40, "-3"), (30, "11"), (0, "2.25")):
        clock.set(MARCH - dt.timedelta(days=days))
        earned(account, amount)
    total = Decimal(0)
    for month in (Month(2026, 12), Month(2027, 1), LAST, THIS):
        total += sum(one.net for one in report(month).booked)
    held = sum(
        row.balance for row in trial_balance(book="paper") if row.kind in ("income", "expense")
    )
    assert total == -held == Decimal("15.25")


def test_revenue_is_booked_beside_accounts():
    ledger_accounts_make("Assets:Revenue:Subscriptions", "Income:Revenue:Subscriptions")
    lines = (
        ("Assets:Revenue:Subscriptions", "USD", "49"),
        (
            "Income:Revenue:Subscriptions",
            "USD",
            "-49",
        ),
    )
    post(drafts=[draft_of("sub", *lines)])
    (one,) = report().booked
    assert (one.name, one.result, one.net) == ("Subscriptions (revenue)", 49, 49)


def test_trades_are_told_by_strategy_and_account_in_the_month_of_their_closing(clock):
    clock.set(MARCH - dt.timedelta(days=30))
    desk = desk_make()
    first = desk.opened()
    desk.close(first, profit=Decimal(8), commission=Decimal("-0.5"), swap=Decimal("-0.25"))
    open_one = desk.opened()
    clock.set(MARCH)
    desk.close(open_one, profit=Decimal(-3))
    other = desk_make()
    other.close(other.opened(), profit=Decimal(1))
    (last,) = report(LAST).traded
    assert (last.strategy, last.account, last.trades, last.wins) == (
        desk.strategy.slug,
        desk.account.name,
        1,
        1,
    )
    assert (last.result, last.costs, last.net) == (8, Decimal("-0.75"), Decimal("7.25"))
    this = {one.strategy: (one.trades, one.wins, one.net) for one in report().traded}
    assert this == {desk.strategy.slug: (1, 0, -3), other.strategy.slug: (1, 1, 1)}


def test_books_never_share_a_report():
    account = broker_account_make()
    earned(account, "5")
    live = report(book="live")
    assert live.is_empty
    assert "Nothing was booked in the live book" in page("?book=live")


def test_the_command_prints_tables_and_json_of_the_same_figures():
    desk = desk_make()
    desk.close(desk.opened(), profit=Decimal("12.25"))
    deals_post(deal_ids=list(desk.account.deals.values_list("id", flat=True)))
    text = printed()
    for words in (f"paper book, {THIS}", "Net asset value", desk.account.name, desk.strategy.slug):
        assert words in text
    told = json.loads(printed("--format", "json", "--month", str(THIS)))
    assert told["traded"][0]["net"] == "12.25"
    assert told["booked"][0]["parts"] == {"Realised": "12.25"}
    assert told["assets"] == [
        {"unit": "USD", "assets": "12.25", "owed": "0", "open_result": "0", "nav": "12.25"}
    ]


def test_an_empty_book_and_an_empty_month_say_so():
    assert "nothing was booked yet" in printed()
    account = broker_account_make()
    earned(account, "5")
    assert printed("--month", str(LAST)).count("nothing was booked yet") == 1
    assert "Trades closed in the month\n  none" in printed()


def test_what_is_no_month_or_is_to_come_is_refused_in_words():
    with pytest.raises(CommandError, match="is no month, such as 2027-03"):
        printed("--month", "March")
    with pytest.raises(CommandError, match="2027-04 has not begun"):
        printed("--month", "2027-04")
    auditor = client_of(staff_make("auditor"))
    for query in ("?month=March", "?month=2027-04", "?book=both", "?month=%00"):
        assert auditor.get(f"/ops/report/{query}").status_code == 404


def page(query: str = "") -> str:
    return client_of(staff_make("auditor")).get(f"/ops/report/{query}").content.decode()


def test_the_page_shows_the_month_and_leads_to_the_one_before():
    desk = desk_make()
    desk.close(desk.opened(), profit=Decimal("12.25"))
    deals_post(deal_ids=list(desk.account.deals.values_list("id", flat=True)))
    text = page("?book=paper")
    assert desk.strategy.slug in text
    assert text.count("12.25") >= 4
    assert f"month={LAST}" in text
    assert f"month={THIS.next}" not in text
    assert month_of(now()) == THIS
