"""What came with minor 2, over HTTP: sheets, heartbeats, commands, notices and deleted deals."""

import json
from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Deal, Order, Quote, Report, SymbolMap, Terminal
from execution.selectors.terminals import quote_facts, terminal_books
from execution.wire import TELLING_BYTES_MAX
from fusion_project.incidents.models import Incident
from tests.builders.execution import account_set, desk_make
from tests.builders.switches import account_halt
from tests.contract.execution.calls import heartbeat_body, hello_body, post
from tests.contract.execution.test_executor_schema import EXAMPLES

pytestmark = pytest.mark.django_db
SHEET = EXAMPLES["hello"]["symbols"][0]
BEAT = EXAMPLES["heartbeat"]


@pytest.fixture
def desk():
    return desk_make()


def beat(desk, **changes):
    return post(desk, "heartbeat", heartbeat_body(**changes))


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def test_the_contract_sheet_is_kept_whole(desk):
    assert post(desk, "hello", hello_body(desk, symbols=[SHEET])).status_code == 200
    row = SymbolMap.objects.get(broker_symbol="EURUSD")
    assert (row.trade_mode, row.execution_mode, row.profit_currency) == ("full", "market", "USD")
    assert (row.filling_modes, row.sessions) == (SHEET["filling_modes"], SHEET["sessions"])
    assert (row.swap_long, row.lots_limit, row.freeze_level_points) == (Decimal("-7.1"), 0, 0)


def test_a_hello_of_minor_0_takes_nothing_of_the_sheet_back(desk):
    post(desk, "hello", hello_body(desk, symbols=[SHEET]))
    post(desk, "hello", hello_body(desk))
    row = SymbolMap.objects.get(broker_symbol="EURUSD")
    assert (row.trade_mode, row.swap_triple_day) == ("full", 3)


def test_one_odd_symbol_costs_that_symbol_and_is_named(desk):
    odd = {**SHEET, "symbol": "Volatility 75 Index", "tick_value": "0"}
    fine = {**SHEET, "symbol": "Step Index @x."}
    answer = post(desk, "hello", hello_body(desk, symbols=[odd, fine, 5, SHEET]))
    assert answer.status_code == 200
    told = answer.json()["refused_symbols"]
    assert [one["symbol"] for one in told] == ["Volatility 75 Index", ""]
    assert "tick_value" in told[0]["reason"]
    kept = set(SymbolMap.objects.values_list("broker_symbol", flat=True))
    assert kept == {"EURUSD", "Step Index @x."}


@pytest.mark.parametrize(
    ("book", "trade_mode", "status"),
    [
        ("paper", "demo", 200),
        ("paper", "contest", 200),
        ("paper", "real", 409),
        ("live", "real", 200),
        ("live", "demo", 409),
    ],
)
def test_real_money_is_told_from_play_money(desk, book, trade_mode, status):
    account_set(desk.account, book=book)
    answer = post(desk, "hello", hello_body(desk, trade_mode=trade_mode))
    assert answer.status_code == status


def test_other_digits_of_the_currency_are_another_account_and_people_are_told(desk):
    assert post(desk, "hello", hello_body(desk, currency_digits=2)).status_code == 200
    answer = post(desk, "hello", hello_body(desk, currency_digits=0))
    assert refusal(answer) == (409, "account_mismatch")
    assert Incident.objects.get(kind="executor.misplaced").times_seen == 1


def test_a_heartbeat_is_kept_as_it_was_told(desk):
    body = {**BEAT, "instance": "ea-1"}
    assert post(desk, "heartbeat", body).status_code == 200
    account = BrokerAccount.objects.get()
    assert (account.margin_free, account.credit, account.floating) == (
        Decimal("9891.19"),
        0,
        Decimal("1.5"),
    )
    assert account.open_tickets == [99]
    books = terminal_books(account_id=account.id)
    assert books.positions[99].sl == Decimal("1.09500")
    assert books.pendings[120].limit_price == Decimal("1.11900")
    terminal = Terminal.objects.get()
    assert (terminal.number, terminal.latch, terminal.skew_ms) == (7, "daily_loss", -140)
    assert terminal.flags == BEAT["flags"]
    quote = quote_facts(account_id=account.id, instrument="EURUSD")
    assert (quote.bid, quote.ask) == (Decimal("1.10160"), Decimal("1.10170"))
    # 2 h west of the broker's clock.
    assert quote.quoted_at.isoformat() == "2026-03-02T09:59:59.870000+00:00"


def test_quotes_of_symbols_that_nobody_mapped_are_left_out(desk):
    quote = {"symbol": "GBPUSD", "bid": "1", "ask": "2", "time_msc": 1}
    assert beat(desk, quotes=[quote]).status_code == 200
    assert Quote.objects.count() == 0


def test_a_heartbeat_that_does_not_know_positions_says_so(desk):
    beat(desk, number=1, positions=[BEAT["positions"][0]])
    beat(desk, number=2, open_tickets=["99"])
    books = terminal_books(account_id=desk.account.id)
    assert (books.positions, books.pendings) == (None, None)


def test_an_older_heartbeat_is_refused_and_changes_nothing(desk):
    beat(desk, number=5, equity="100")
    assert refusal(beat(desk, number=4, equity="50")) == (409, "heartbeat_old")
    assert refusal(beat(desk, equity="50")) == (409, "heartbeat_old")
    assert BrokerAccount.objects.get().equity == 100


def test_the_same_heartbeat_may_come_again_and_another_under_its_number_not(desk):
    beat(desk, number=5, equity="100")
    before = BrokerAccount.objects.get().heartbeat_at
    assert beat(desk, number=5, equity="100").status_code == 200
    assert refusal(beat(desk, number=5, equity="101")) == (409, "heartbeat_old")
    assert BrokerAccount.objects.get().heartbeat_at == before
    assert beat(desk, number=6, equity="101").status_code == 200


def test_a_new_run_counts_its_heartbeats_anew(desk, clock):
    beat(desk, number=50, boot_nonce="first")
    clock.advance(seconds=16)
    assert beat(desk, number=1, boot_nonce="second").status_code == 200


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("positions", [BEAT["positions"][0]] * 2),
        ("pendings", [BEAT["pendings"][0]] * 2),
        ("quotes", [BEAT["quotes"][0]] * 2),
        ("open_tickets", ["98"]),
    ],
)
def test_a_heartbeat_that_contradicts_itself_is_refused_whole(desk, member, value):
    answer = beat(desk, **{"positions": BEAT["positions"], member: value})
    assert refusal(answer) == (422, "body_unreadable")
    assert not Terminal.objects.exists()


def position(number):
    return {**BEAT["positions"][0], "position_ticket": str(9_000_000_000 + number)}


def test_five_thousand_positions_are_told_in_one_call_and_one_more_is_refused(desk):
    positions = [position(number) for number in range(5_001)]
    pendings = [
        {**BEAT["pendings"][0], "broker_order_ticket": str(8_000_000_000 + number)}
        for number in range(1_000)
    ]
    quotes = [{**BEAT["quotes"][0], "symbol": f"SYMBOL{number}"} for number in range(2_000)]
    whole = {"number": 1, "positions": positions[:5_000], "pendings": pendings, "quotes": quotes}
    size = len(json.dumps(heartbeat_body(**whole)))
    assert 700_000 < size < TELLING_BYTES_MAX
    assert beat(desk, **whole).status_code == 200
    assert len(terminal_books(account_id=desk.account.id).positions) == 5_000
    assert refusal(beat(desk, number=2, positions=positions)) == (422, "body_unreadable")
    assert BrokerAccount.objects.get().open_tickets[-1] == 9_000_004_999


@pytest.mark.parametrize(("minor", "commands"), [(1, []), (2, ["kill"])])
def test_an_executor_that_reads_it_is_told_to_take_back_what_rests(desk, minor, commands):
    nonce = {"boot_nonce": "first"}
    post(desk, "hello", hello_body(desk, api_minor=minor, **nonce))
    account_halt(desk.account.id)
    answer = post(desk, "poll", {"instance": "ea-1", **nonce}).json()
    assert [one["command"] for one in answer["desired"]] == commands
    assert answer["permit"]["entries_allowed"] is False


def reported(desk, *reports):
    numbered = [
        {"report_id": f"r{desk.account.id}-{number}", "seq": number, **one}
        for number, one in enumerate(reports, start=Report.objects.count() + 1)
    ]
    answer = post(desk, "reports", {"instance": "ea-1", "reports": numbered}).json()
    return [(one["verdict"], one["applied"], one["reason"]) for one in answer["reports"]]


def test_a_notice_opens_an_incident_and_keeps_it_open(desk):
    notice = {"kind": "notice", "code": "stop_moved", "message": "the stop of 99 was moved"}
    told = reported(desk, notice, {**notice, "code": "clock_jumped", "message": "3 s"})
    assert told == [("stored", False, "")] * 2
    incident = Incident.objects.get(kind="executor.notice")
    assert (incident.note, incident.times_seen) == ("clock_jumped: 3 s", 2)


def test_the_order_at_the_broker_and_the_levels_of_a_deal_are_kept(desk):
    order = desk.leased()
    state = {"kind": "ack", "order_id": str(order.id), "fence": 1, "broker_order_ticket": "98"}
    deal = {**EXAMPLES["reports"]["reports"][2]["deal"], "magic": str(order.id)}
    reported(desk, state, {"kind": "deal", "deal": deal})
    assert Report.objects.get(kind="ack").broker_order_ticket == 98
    stored = Deal.objects.get()
    assert (stored.sl, stored.tp) == (Decimal("1.09500"), Decimal("1.11000"))


def test_levels_that_come_later_make_no_restated_deal(desk):
    deal = {**EXAMPLES["reports"]["reports"][2]["deal"], "magic": "0"}
    plain = {name: value for name, value in deal.items() if name not in ("sl", "tp")}
    reported(desk, {"kind": "deal", "deal": plain}, {"kind": "deal", "deal": deal})
    assert Deal.objects.count() == 1


def test_every_kind_of_deal_of_mt5_is_known(desk):
    kinds = ["commission_agent_monthly", "buy_canceled", "dividend_franked", "deal_of_tomorrow"]
    deals = [
        {"kind": "deal", "deal": {"ticket": str(number), "kind": kind, "time_msc": 1}}
        for number, kind in enumerate(kinds, start=1)
    ]
    reported(desk, *deals)
    stored = Deal.objects.order_by("ticket").values_list("kind", "kind_raw")
    assert list(stored) == [*((kind, "") for kind in kinds[:3]), ("unknown", kinds[3])]


def test_a_price_below_zero_is_a_price(desk):
    deal = {**EXAMPLES["reports"]["reports"][2]["deal"], "magic": "0", "price": "-37.63"}
    reported(desk, {"kind": "deal", "deal": deal})
    assert Deal.objects.get().price == Decimal("-37.63")
    assert Order.objects.count() == 0
