"""An amount passes into another currency at a stored price, once, or waits where all can see it."""

import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from execution.models import BrokerAccount, SymbolMap
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.incidents.models import Incident
from fusion_project.second_person.models import Request
from signals.market.bars import BarFacts
from signals.services.bars import bars_record
from tests.builders.converting import POOL_EUR, POOL_USD, conversion_made, pools_make, price_told
from tests.builders.execution import account_follow, strategy_make
from tests.builders.people import staff_make
from tests.builders.risk import quote_tell
from tests.builders.second_person import confirm
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import draft_of
from treasury import errors
from treasury.models import Conversion, Entry
from treasury.periodic import complete_conversions
from treasury.selectors.balances import account_balance, ledger_is_balanced
from treasury.selectors.integrity_of_periods import conversions_damaged
from treasury.services.conversions import (
    conversion_ask,
    conversion_complete,
    conversion_withdraw,
)
from treasury.services.holds import hold_make
from treasury.services.ledger import post

pytestmark = pytest.mark.django_db

BURN = "Liabilities:Pool:House:Burn"


@pytest.fixture
def pools() -> None:
    pools_make()


def balance(code: str, book: str = "paper") -> Decimal:
    return account_balance(book=book, code=code)


def open_incidents() -> dict[str, str]:
    rows = Incident.objects.filter(closed_at=None, kind="conversion.waits")
    return dict(rows.values_list("subject", "note"))


def test_what_is_converted_leaves_one_pool_and_reaches_the_other_at_the_stored_price(pools):
    price = price_told("1.0825")
    made = conversion_made("100.01")
    assert (made.state, made.received, made.price) == ("done", Decimal("108.26"), price)
    assert balance(POOL_EUR) == Decimal("-899.99")
    assert balance(POOL_USD) == Decimal("-108.26")
    assert balance("Equity:Conversion:EUR") == Decimal("-100.01")
    assert balance("Equity:Conversion:USD") == Decimal("108.26")
    assert ledger_is_balanced()
    assert made.entry.kind == "conversion"
    told = Event.objects.filter(subject=f"treasury.conversion:{made.pk}").order_by("id")
    assert [one.name for one in told] == ["conversion.opened", "conversion.made"]
    assert conversions_damaged() == []


def test_a_price_told_the_other_way_round_serves_too(pools):
    price_told("0.8", base="USD", quote="EUR")
    assert conversion_made("100").received == Decimal("125")


def test_two_people_ask_for_it_and_the_command_lists_it(pools):
    user = staff_make("ops")
    price_told("1.5")
    ask = ("ask", "--book", "paper", "--from", POOL_EUR, "--to", POOL_USD, "--currency", "USD")
    out = StringIO()
    call_command(
        "conversion",
        *ask,
        "--amount=10",
        "--reason=month",
        f"--as={user.username}",
        stdout=out,
    )
    assert "waits for a second person: Convert 10 EUR" in out.getvalue()
    assert not Conversion.objects.exists()
    request = confirm(Request.objects.get(kind="conversion.make"))
    assert request.state == "done"
    assert request.outcome.startswith("converted by entry")
    out = StringIO()
    call_command("conversion", "list", "--book=paper", stdout=out)
    assert "done\t10 EUR" in out.getvalue()
    assert "15 USD at 1 EUR = 1.50 USD, import:test" in out.getvalue()


def test_without_a_price_it_waits_with_an_incident_and_goes_on_once_one_comes(pools):
    made = conversion_made("100")
    assert (made.state, made.entry, made.price) == ("waiting", None, None)
    assert "no price is at most 24 hours old" in made.waits_for
    assert open_incidents() == {
        f"treasury.conversion:{made.pk}": f"100, EUR to USD: {made.waits_for}"
    }
    assert balance(POOL_EUR) == -1000
    complete_conversions()
    assert open_incidents()
    price_told()
    complete_conversions()
    complete_conversions()
    made.refresh_from_db()
    assert (made.state, made.received, made.waits_for) == ("done", 108, "")
    assert open_incidents() == {}
    assert Entry.objects.filter(kind="conversion").count() == 1


def test_a_price_that_is_older_than_a_day_converts_nothing(pools):
    price_told(hours_ago=25)
    made = conversion_made()
    assert made.state == "waiting"
    price_told("1.1", hours_ago=23)
    assert conversion_complete(conversion_id=made.pk)
    made.refresh_from_db()
    assert made.received == 110


def test_the_newest_price_counts_whoever_told_it(pools):
    price_told("1.1", hours_ago=2)
    price_told("1.2", base="EUR", hours_ago=1, source="import:other")
    assert conversion_made().received == 120


def test_prices_of_the_paper_book_convert_nothing_in_the_live_one(pools):
    pools_make(book="live")
    price_told()
    assert conversion_made(book="live").state == "waiting"
    price_told("1.5", book="live")
    complete_conversions()
    assert balance(POOL_USD, "live") == -150


def _quoting(book: str = "paper") -> BrokerAccount:
    account = account_follow(strategy_make(), currency="USD", book=book)
    quote_tell(account, "1.10000", "1.10020")
    return account


def test_an_executors_quote_is_stored_and_used_at_its_middle(pools):
    account = _quoting()
    made = conversion_made("100")
    assert made.received == Decimal("110.01")
    assert made.price.price == Decimal("1.1001")
    assert made.price.source == f"quotes:{account.pk}"


def test_a_quote_of_a_symbol_that_nobody_confirmed_prices_nothing(pools):
    account = _quoting()
    SymbolMap.objects.filter(account=account).update(confirmation=None)
    assert conversion_made().state == "waiting"


def _bar(feed: str, close: str, minutes_ago: int = 1) -> None:
    opened = now() - dt.timedelta(minutes=minutes_ago + 1)
    price = Decimal(close)
    bar = BarFacts(open_at=opened, open=price, high=price, low=price, close=price)
    bars_record(feed=feed, symbol="OANDA:EURUSD", timeframe_seconds=60, bars=[bar])


def test_a_closed_bar_prices_where_there_is_no_quote_but_none_that_an_alert_carried(pools):
    account = BrokerAccount.objects.filter(book="paper").first()
    _bar("alert:ema-cross", "9")
    made = conversion_made("100")
    assert made.state == "waiting"
    _bar(f"executor:{account.pk}", "1.25", minutes_ago=3)
    complete_conversions()
    made.refresh_from_db()
    assert made.received == 125
    assert made.price.source == f"bars:executor:{account.pk}/OANDA:EURUSD"
    _bar("csv:history", "1.5", minutes_ago=2)
    assert conversion_made("100").received == 150


def test_a_bar_of_the_other_books_executor_prices_nothing(pools):
    pools_make(book="live")
    live = BrokerAccount.objects.filter(book="live").first()
    _bar(f"executor:{live.pk}", "1.25")
    assert conversion_made().state == "waiting"


def test_where_the_pool_has_less_it_waits_for_room_and_takes_nothing(pools):
    price_told()
    made = conversion_made("1000.01")
    assert made.state == "waiting"
    assert made.waits_for == f"{POOL_EUR} holds 1000"
    assert open_incidents()
    post(drafts=[draft_of("more", ("Assets:Paid-EUR", "EUR", "1"), (POOL_EUR, "EUR", "-1"))])
    complete_conversions()
    made.refresh_from_db()
    assert made.state == "done"
    assert open_incidents() == {}


def test_what_is_held_of_a_pool_is_not_converted(pools):
    price_told()
    hold_make(
        book="paper",
        account_code=POOL_EUR,
        amount=Decimal(950),
        entry_key="payout",
        expires_at=now() + dt.timedelta(hours=1),
        reason="a payout",
        actor="system",
    )
    assert "950" in conversion_made("100").waits_for


def test_revenue_is_converted_as_far_as_it_came_in(pools):
    ledger_accounts_make("Assets:Revenue:Shop", "Income:Revenue:Shop", currency="EUR")
    post(
        drafts=[
            draft_of("r", ("Assets:Revenue:Shop", "EUR", "7"), ("Income:Revenue:Shop", "EUR", "-7"))
        ]
    )
    price_told("1.1")
    codes = {"from_code": "Assets:Revenue:Shop", "to_code": "Assets:Treasury:USD"}
    assert conversion_made("7", **codes).received == Decimal("7.7")
    assert balance("Assets:Revenue:Shop") == 0
    assert balance("Assets:Treasury:USD") == Decimal("7.7")
    assert balance("Equity:Conversion:EUR") == 7
    assert conversion_made("1", **codes).waits_for == "Assets:Revenue:Shop holds 0"


def test_what_comes_to_less_than_a_coin_waits_until_somebody_calls_it_off(pools):
    price_told("0.000001")
    made = conversion_made("1")
    assert "less than the smallest coin" in made.waits_for
    conversion_withdraw(conversion_id=made.pk, actor="user:1")
    made.refresh_from_db()
    assert (made.state, made.ended_by) == ("withdrawn", "user:1")
    assert open_incidents() == {}
    complete_conversions()
    with pytest.raises(errors.ConversionEnded):
        conversion_withdraw(conversion_id=made.pk, actor="user:1")
    with pytest.raises(errors.ConversionNotFound):
        conversion_withdraw(conversion_id=made.pk + 1, actor="user:1")
    assert balance(POOL_EUR) == -1000


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"from_code": "Liabilities:Pool:House:Nobody:EUR"}, errors.AccountUnknown),
        ({"from_code": "Assets:Paid-EUR"}, errors.ConversionRefused),
        ({"to_code": "Assets:Treasury:USD"}, errors.ConversionRefused),
        ({"to_code": "Equity:Retained:House:X:USD"}, errors.ConversionRefused),
        (
            {"to_code": f"{BURN}:EUR", "to_currency": "EUR"},
            errors.ConversionRefused,
        ),
        (
            {"to_code": f"{BURN}:DCT", "to_currency": "DCT"},
            errors.ConversionRefused,
        ),
        ({"to_code": POOL_EUR}, errors.AccountMismatch),
        ({"amount": Decimal("-1")}, errors.AmountNotExact),
        ({"amount": Decimal("0.000000001")}, errors.AmountNotExact),
        ({"amount": Decimal("NaN")}, errors.AmountNotExact),
        ({"amount": Decimal(0)}, errors.EntryTooShort),
    ],
)
def test_what_may_not_be_converted_is_refused_before_anybody_is_asked(pools, changed, refusal):
    wanted = {
        "book": "paper",
        "from_code": POOL_EUR,
        "to_code": POOL_USD,
        "to_currency": "USD",
        "amount": Decimal(10),
        "reason": "x",
        "actor": f"user:{staff_make('ops').pk}",
    }
    with pytest.raises(refusal):
        conversion_ask(**(wanted | changed))
