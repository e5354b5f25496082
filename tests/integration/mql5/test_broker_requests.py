"""The simulated broker judges a request as a broker would."""

from decimal import Decimal

import pytest

from mql5.host.broker import Value
from mql5.host.running import Terminal, run
from tests.integration.mql5.hosting import LIMIT, NEEDS_COMPILER
from tests.integration.mql5.trading import BUY, SELL, Desk, second

pytestmark = NEEDS_COMPILER
DONE, PARTIAL, PLACED = 10009, 10010, 10008


def test_a_market_order_buys_at_the_ask_and_sells_at_the_bid(desk: Desk) -> None:
    found = desk.run(BUY, SELL)
    assert found.sent() == [DONE, DONE]
    assert [one["price"] for one in found.truth.deals] == ["1.1001", "1.1"]
    assert [one["type"] for one in found.truth.positions] == ["buy", "sell"]
    assert found.said[0] == "sent true 10009 error 0 volume 0.10 price 1.10010 deal yes"


def test_under_instant_execution_a_buy_at_bid_does_not_pass(desk: Desk) -> None:
    desk.open({"execution": "instant"})
    found = desk.run(
        f"{BUY} price=bid",
        f"{BUY} price=bid deviation=1000",
        f"{SELL} price=ask deviation=1000",
        BUY,
        f"{BUY} price=ask",
        f"{SELL} price=bid",
    )
    assert found.sent() == [10015, 10015, 10015, 10015, DONE, DONE]
    assert len(found.truth.deals) == 2


@pytest.mark.parametrize(("deviation", "retcode"), [(0, 10004), (9, 10004), (10, DONE), (99, DONE)])
def test_a_price_that_moved_beyond_the_deviation_is_requoted(
    desk: Desk, deviation: int, retcode: int
) -> None:
    desk.open({"execution": "instant"})
    desk.move(10, at=2)
    # The price was asked for before it moved, two seconds ago.
    found = desk.run("do=tick", "do=tick", f"{BUY} price=1.10010 deviation={deviation}")
    assert found.sent() == [retcode]
    assert [one["price"] for one in found.truth.deals] == ["1.1002"] * (retcode == DONE)


def test_an_instant_price_that_is_long_past_is_no_price(desk: Desk) -> None:
    desk.open({"execution": "instant"})
    desk.move(10, at=2)
    waits = ["do=tick"] * 14
    assert desk.run(*waits, f"{BUY} price=1.10010 deviation=99").sent() == [10015]


def test_market_execution_takes_no_notice_of_price_and_deviation(desk: Desk) -> None:
    found = desk.run(f"{BUY} price=1.00000")
    assert found.sent() == [DONE]
    assert found.truth.deals[0]["price"] == "1.1001"


FILLINGS = [
    ("market", 1, "fok", DONE),
    ("market", 1, "ioc", 10030),
    ("market", 2, "fok", 10030),
    ("market", 2, "ioc", DONE),
    ("market", 3, "return", 10030),
    ("market", 0, "fok", 10030),
    ("exchange", 0, "return", DONE),
    ("exchange", 1, "ioc", 10030),
    ("instant", 0, "fok", DONE),
    ("instant", 0, "return", DONE),
    ("instant", 7, "boc", 10030),
]


@pytest.mark.parametrize(("execution", "mask", "filling", "retcode"), FILLINGS)
def test_a_filling_mode_passes_by_mask_and_execution(
    desk: Desk, execution: str, mask: int, filling: str, retcode: int
) -> None:
    desk.open({"execution": execution, "filling": mask})
    assert desk.run(f"{BUY} price=ask filling={filling}").sent() == [retcode]


@pytest.mark.parametrize(
    ("volume", "retcode"),
    [("0.1", DONE), ("0.01", 10014), ("0.15", 10014), ("5.1", 10014), ("5", DONE), ("0", 10014)],
)
def test_a_volume_keeps_its_least_its_most_and_its_step(
    desk: Desk, volume: str, retcode: int
) -> None:
    terms = {"volume_min": Decimal("0.1"), "volume_max": 5, "volume_step": Decimal("0.1")}
    desk.open(dict(terms))
    assert desk.run(f"type=buy volume={volume}").sent() == [retcode]


def test_the_volume_limit_counts_positions_and_orders_of_one_direction(desk: Desk) -> None:
    desk.open({"volume_limit": Decimal("0.25")})
    resting = "action=pending type=buylimit price=ask-500 volume=0.10 filling=return"
    found = desk.run(BUY, resting, BUY, "type=buy volume=0.05", SELL)
    assert found.sent() == [DONE, DONE, 10034, DONE, DONE]


STOPS = [
    ("sl=bid-10", DONE),
    ("sl=bid-9", 10016),
    ("sl=ask-10", 10016),
    ("sl=bid+50", 10016),
    ("tp=bid+10", DONE),
    ("tp=bid+9", 10016),
    ("tp=bid-20", 10016),
    ("sl=bid-20 tp=bid+20", DONE),
    ("sl=1.100005", 10016),
]


@pytest.mark.parametrize(("stops", "retcode"), STOPS)
def test_stops_are_kept_on_their_side_and_at_their_distance(
    desk: Desk, stops: str, retcode: int
) -> None:
    desk.open({"stops_level": 10})
    assert desk.run(f"{BUY} {stops}").sent() == [retcode]


def test_a_symbol_may_refuse_stops_in_the_opening_request(desk: Desk) -> None:
    desk.open({"orders": 127 - 16 - 32})
    found = desk.run(f"{BUY} sl=bid-50", f"{BUY} tp=bid+50", BUY)
    assert found.sent() == [10016, 10016, DONE]


def test_stops_of_a_position_are_set_and_the_same_again_is_no_change(desk: Desk) -> None:
    sltp = "action=sltp position=@0"
    found = desk.run(BUY, f"{sltp} sl=bid-50", f"{sltp} sl=bid-50", f"{sltp} sl=bid+50", sltp)
    assert found.sent() == [DONE, DONE, 10025, 10016, DONE]
    assert found.truth.positions[0]["sl"] == "0"


def test_what_is_near_its_trigger_is_frozen(desk: Desk) -> None:
    desk.open({"freeze_level": 20})
    found = desk.run(
        f"{BUY} sl=bid-15",
        "action=sltp position=@0 sl=bid-100",
        "type=sell volume=0.10 position=@0",
        "action=pending type=buylimit price=ask-15 volume=0.10 filling=return",
        "action=remove order=@0",
        "action=modify order=@0 price=ask-90",
    )
    assert found.sent() == [DONE, 10029, 10029, DONE, 10029, 10029]


MODES = [
    ("disabled", 10017, 10017),
    ("longonly", DONE, 10042),
    ("shortonly", 10043, DONE),
    ("closeonly", 10044, 10044),
    ("full", DONE, DONE),
]


@pytest.mark.parametrize(("mode", "buys", "sells"), MODES)
def test_the_trade_mode_of_a_symbol_is_kept(desk: Desk, mode: str, buys: int, sells: int) -> None:
    desk.open({"trade_mode": mode})
    assert desk.run(BUY, SELL).sent() == [buys, sells]


def test_a_symbol_that_may_only_be_closed_lets_a_position_out(desk: Desk) -> None:
    desk.broker.say("symbol", at=second(1.5), name="EURUSD", trade_mode="closeonly")
    assert desk.run(BUY, BUY, "type=sell volume=0.10 position=@0").sent() == [DONE, 10044, DONE]


PERMISSIONS: list[tuple[dict[str, Value], int]] = [
    ({"autotrading": False}, 10027),
    ({"program_trading": False}, 10027),
    ({"connected": False}, 10031),
    ({"trade_allowed": False}, 10017),
    ({"expert_allowed": False}, 10026),
]


@pytest.mark.parametrize(("setting", "retcode"), PERMISSIONS)
def test_nothing_is_traded_without_permission(
    desk: Desk, setting: dict[str, Value], retcode: int
) -> None:
    desk.broker.say("account", at=second(0.5), **setting)
    found = desk.run(BUY)
    assert found.sent() == [retcode]
    assert found.said[0].split()[4] == ("4752" if retcode == 10027 else "4756")
    assert found.truth.deals == []


def test_outside_its_hours_the_market_is_closed_and_the_tick_stands_still(desk: Desk) -> None:
    desk.broker.hours("EURUSD", "monday", 0, 10 * 3600 + 2)
    found = desk.run(BUY, "do=tick", BUY, "do=tick", "do=clock", seconds=6)
    assert found.sent() == [DONE, 10018]
    ticks = [one.split()[6] for one in found.only("tick")]
    assert [int(one) - second(0) for one in ticks] == [1750, 1750]
    assert found.only("clock")[0].startswith("clock current 2026.01.05 10:00:01 server ")


def test_without_a_price_nothing_is_filled(desk: Desk) -> None:
    desk.broker.say("overlay", at=second(0.5), symbol="EURUSD", kind="none")
    found = desk.run(BUY, "do=tick")
    assert found.sent() == [10021]
    assert found.only("tick")[0].startswith("tick true EURUSD 1.10000")


def test_a_position_needs_its_margin(desk: Desk) -> None:
    desk.open(leverage=10)
    found = desk.run("type=buy volume=0.90", BUY, "type=sell volume=0.90", "do=account")
    # 0.9 lots at 1.1001 with a leverage of ten bind 9900.90; the other side binds nothing more.
    assert found.sent() == [DONE, 10019, DONE]
    assert " margin 9900.90 " in found.only("account")[0]


def test_the_check_of_a_request_says_the_same_as_sending_it(desk: Desk) -> None:
    desk.open(leverage=10)
    found = desk.run(
        "do=check type=buy volume=0.10",
        "do=check type=buy volume=1",
        "do=check type=buy volume=0.001",
    )
    assert [one.split()[1:3] for one in found.only("checked")] == [
        ["true", "0"],
        ["false", "10019"],
        ["false", "10014"],
    ]
    assert found.truth.deals == []


def test_the_server_counts_orders_positions_and_requests(desk: Desk) -> None:
    resting = "action=pending type=buylimit price=ask-500 volume=0.10 filling=return"
    desk.open(limit_orders=1, limit_positions=2)
    found = desk.run(resting, resting, BUY, BUY, BUY)
    assert found.sent() == [DONE, 10033, DONE, DONE, 10040]
    for period_ms, second_one in ((1000, DONE), (250, 10024)):
        desk.open(requests_per_second=1)
        assert desk.run(BUY, BUY, period_ms=period_ms).sent() == [DONE, second_one]


def test_an_unknown_symbol_or_a_wrong_pair_of_action_and_type_is_no_request(desk: Desk) -> None:
    found = desk.run(
        "type=buy volume=0.10 symbol=NOSUCH",
        "type=buylimit volume=0.10 price=ask-50",
        "action=pending type=buy volume=0.10 price=ask",
        "action=sltp position=77 sl=1.05",
        "action=remove order=77",
    )
    assert found.sent() == [10013] * 5


def test_an_order_type_that_a_symbol_does_not_have_is_refused(desk: Desk) -> None:
    desk.open({"orders": 1 + 16 + 32})
    resting = "action=pending type=buylimit price=ask-500 volume=0.10 filling=return"
    assert desk.run(resting, BUY).sent() == [10035, DONE]


def test_the_server_may_say_true_for_what_it_refused(desk: Desk) -> None:
    desk.open(true_when_refused=True)
    assert desk.run("type=buy volume=0.001").said[0].startswith("sent true 10014 error 4756")


def test_a_request_that_was_never_cleared_ends_the_program(desk: Desk) -> None:
    found = desk.run("do=dirty")
    assert found.code == 3
    assert "an enumeration that was never set" in found.err


def test_without_a_broker_nothing_is_answered(desk: Desk) -> None:
    alone = Terminal(desk.home, seconds=2, inputs={"InpScript": "do=account"})
    ended = run(desk.binary, alone, LIMIT)
    assert ended.code == 3
    assert "no broker attached" in ended.err
