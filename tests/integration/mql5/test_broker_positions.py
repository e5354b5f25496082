"""What a deal makes of a position: hedging and netting, partial fills, tickets and identifiers."""

from decimal import Decimal

import pytest

from tests.integration.mql5.hosting import NEEDS_COMPILER
from tests.integration.mql5.trading import BUY, SELL, Desk, second

pytestmark = NEEDS_COMPILER
DONE, PARTIAL = 10009, 10010
CLOSE = "type=sell volume=0.10 position=@0"
NETTING = "retail_netting"


def test_a_hedging_account_keeps_each_order_as_a_position(desk: Desk) -> None:
    found = desk.run(f"{BUY} magic=7 comment=first", f"{SELL} magic=8", "do=positions")
    first, second_ = found.truth.positions
    assert (first["magic"], second_["magic"]) == ("7", "8")
    assert first["ticket"] == first["id"] == found.truth.deals[0]["order"]
    assert found.only("position ")[0].endswith("magic 7 swap 0.00 profit -1.00 'first'")


def test_a_position_is_closed_by_its_ticket_in_parts(desk: Desk) -> None:
    part = "type=sell volume=0.04 position=@0"
    found = desk.run(
        BUY, part, "type=sell volume=0.07 position=@0", "type=sell volume=0.06 position=@0"
    )
    assert found.sent() == [DONE, DONE, 10038, DONE]
    assert found.truth.positions == []
    assert [one["entry"] for one in found.truth.deals] == ["in", "out", "out"]
    assert [one["profit"] for one in found.truth.deals] == ["0", "-0.4", "-0.6"]
    assert {one["position"] for one in found.truth.deals} == {found.truth.deals[0]["position"]}


def test_a_position_that_is_gone_is_told_as_closed_and_a_strange_one_as_invalid(desk: Desk) -> None:
    gone = "type=sell volume=0.10 position=1000001"
    found = desk.run(
        BUY, CLOSE, gone, "type=sell volume=0.10 position=5", f"{BUY} position=1000001"
    )
    assert found.sent() == [DONE, DONE, 10036, 10013, 10036]


def test_a_position_is_not_closed_by_its_own_side(desk: Desk) -> None:
    assert desk.run(BUY, f"{BUY} position=@0").sent() == [DONE, 10013]


def test_a_netting_account_merges_at_the_mean_price_and_keeps_the_ticket(desk: Desk) -> None:
    desk.open(margin_mode=NETTING)
    desk.move(30, at=2)
    found = desk.run(
        f"{BUY} magic=1 sl=bid-100", "do=tick", "type=buy volume=0.05 magic=2", "do=positions"
    )
    (one,) = found.truth.positions
    assert (one["volume"], one["price"], one["magic"]) == ("0.15", "1.1002", "1")
    assert one["sl"] == "1.099"
    assert one["ticket"] == one["id"] == found.truth.deals[0]["order"]
    assert [deal["entry"] for deal in found.truth.deals] == ["in", "in"]


def test_a_netting_account_reduces_and_then_closes(desk: Desk) -> None:
    desk.open(margin_mode=NETTING)
    found = desk.run(BUY, "type=sell volume=0.04", "type=sell volume=0.06")
    assert found.truth.positions == []
    assert [one["entry"] for one in found.truth.deals] == ["in", "out", "out"]


def test_a_reversal_is_one_deal_and_changes_the_ticket_but_not_the_identifier(desk: Desk) -> None:
    desk.open(margin_mode=NETTING)
    found = desk.run(f"{BUY} magic=1 sl=bid-100", "type=sell volume=0.25 magic=2", "do=positions")
    (one,) = found.truth.positions
    last = found.truth.deals[-1]
    assert (last["entry"], last["volume"], last["profit"]) == ("inout", "0.25", "-1")
    assert (one["type"], one["volume"], one["price"], one["sl"]) == ("sell", "0.15", "1.1", "0")
    assert one["id"] == found.truth.deals[0]["position"] == last["position"]
    assert one["ticket"] == last["order"] != one["id"]
    assert one["magic"] == "2"
    assert f"position {one['ticket']} id {one['id']} EURUSD" in found.only("position ")[0]


def test_after_a_reversal_the_identifier_is_no_ticket(desk: Desk) -> None:
    desk.open(margin_mode=NETTING)
    by_id = "action=sltp position=1000001 sl=bid+500"
    found = desk.run(BUY, "type=sell volume=0.25", by_id, "action=sltp position=@0 sl=bid+500")
    assert found.sent() == [DONE, DONE, 10013, DONE]


def test_two_positions_close_each_other(desk: Desk) -> None:
    desk.move(50, at=1.5)
    found = desk.run(
        "type=buy volume=0.10 magic=1",
        "type=sell volume=0.04 magic=2",
        "action=closeby position=@0 by=@1",
        "do=history",
    )
    assert found.sent() == [DONE, DONE, DONE]
    one, other = found.truth.deals[2:]
    assert (one["entry"], other["entry"]) == ("out_by", "out_by")
    assert (one["type"], other["type"]) == ("sell", "buy")
    assert (one["magic"], other["magic"]) == ("1", "2")
    # Bought at 1.10010, sold at 1.10050: forty points of 0.04 lots.
    assert (one["profit"], other["profit"]) == ("1.6", "0")
    assert [left["volume"] for left in found.truth.positions] == ["0.06"]
    assert found.truth.past[-1]["position_by"] == other["position"]


def test_close_by_is_refused_for_one_side_twice_and_on_netting(desk: Desk) -> None:
    pair = "action=closeby position=@0 by=@1"
    assert desk.run(BUY, BUY, pair).sent() == [DONE, DONE, 10013]
    desk.open(margin_mode=NETTING)
    assert desk.run(BUY, pair).sent() == [DONE, 10013]


def test_first_in_is_first_out_where_the_account_says_so(desk: Desk) -> None:
    desk.open(fifo=True)
    late = "type=sell volume=0.10 position=@1"
    assert desk.run(BUY, BUY, late, CLOSE, CLOSE).sent() == [DONE, DONE, 10045, DONE, DONE]


def test_hedging_may_be_prohibited(desk: Desk) -> None:
    desk.open(hedge_allowed=False)
    assert desk.run(BUY, SELL, BUY, CLOSE).sent() == [DONE, 10046, DONE, DONE]


@pytest.mark.parametrize(
    ("filling", "retcode", "filled", "state"),
    [("ioc", PARTIAL, "0.03", "canceled"), ("fok", 10006, "", "rejected")],
)
def test_a_thin_market_fills_in_part_or_not_at_all(
    desk: Desk, filling: str, retcode: int, filled: str, state: str
) -> None:
    desk.open({"depth": Decimal("0.03")})
    found = desk.run(f"{BUY} filling={filling}")
    assert found.sent() == [retcode]
    assert [one["volume"] for one in found.truth.deals] == [filled] * bool(filled)
    assert found.truth.past[0]["state"] == state
    assert found.truth.past[0]["left"] == ("0.07" if filled else "0.1")


def test_the_rest_of_a_returning_order_is_filled_tick_by_tick(desk: Desk) -> None:
    desk.open({"depth": Decimal("0.04"), "execution": "exchange"})
    found = desk.run(f"{BUY} filling=return", "do=orders", "do=positions")
    assert found.sent() == [PARTIAL]
    assert [one["volume"] for one in found.truth.deals] == ["0.04", "0.04", "0.02"]
    assert len({one["order"] for one in found.truth.deals}) == 1
    (one,) = found.truth.positions
    assert (one["volume"], found.truth.past[0]["state"]) == ("0.1", "filled")


def test_commission_and_fee_come_with_the_deal_and_leave_the_balance(desk: Desk) -> None:
    desk.open({"fee": Decimal("1.5")}, commission=Decimal("7"))
    found = desk.run(BUY, CLOSE, "do=history", "do=account")
    assert [(one["commission"], one["fee"]) for one in found.truth.deals] == [("-0.7", "-0.15")] * 2
    assert found.truth.balance == Decimal("9997.30")  # and a point of spread on a tenth of a lot
    assert " commission -0.70 fee -0.15 " in found.only("deal ")[0]


def test_deposits_and_charges_are_deals_without_an_order(desk: Desk) -> None:
    desk.broker.balance(Decimal("250.50"), at=second(0.5), comment="deposit")
    desk.broker.balance(Decimal("-3.25"), "charge", at=second(0.6))
    desk.broker.balance(Decimal(100), "credit", at=second(0.7))
    found = desk.run("do=history", "do=account")
    lines = found.only("deal ")
    assert "order 0 position 0 DEAL_TYPE_BALANCE" in lines[0]
    assert "profit 250.50" in lines[0]
    assert "DEAL_TYPE_CHARGE" in lines[1]
    assert found.truth.balance == Decimal("10247.25")
    assert " 10247.25 equity 10347.25 " in found.only("account")[0]


def test_what_is_said_for_an_earlier_moment_has_its_time(desk: Desk) -> None:
    desk.open()
    desk.broker.balance(Decimal(10), at=second(-3600))
    found = desk.run("do=history")
    assert int(found.truth.deals[0]["time_msc"]) == second(-3600)


def test_a_trade_by_hand_stands_beside_the_programs(desk: Desk) -> None:
    desk.broker.trade(at=second(1.5), symbol="EURUSD", type="buy", volume=Decimal("0.30"))
    resting = {"type": "sell_limit", "price": Decimal("1.2"), "volume": Decimal("0.2")}
    desk.broker.trade(second(1.6), action="pending", symbol="EURUSD", reason="mobile", **resting)
    found = desk.run(f"{BUY} magic=5", "do=positions", "do=orders", hear=True)
    assert found.only("positions") == ["positions 2"]
    assert found.only("orders") == ["orders 1"]
    assert [one["reason"] for one in found.truth.deals] == ["expert", "client"]
    assert found.truth.orders[0]["reason"] == "mobile"
    assert sum("DEAL_ADD" in one for one in found.said) == 2


def test_a_restated_deal_changes_the_balance_and_is_told(desk: Desk) -> None:
    desk.broker.say("restate", at=second(1.5), ticket=5000001, price=Decimal("1.1002"), profit=-2)
    desk.broker.say("strike_out", at=second(2.5), ticket=5000001)
    found = desk.run(BUY, "do=history", "do=history", hear=True)
    heard = [one.split()[1] for one in found.only("heard")]
    assert "TRADE_TRANSACTION_DEAL_UPDATE" in heard
    assert "TRADE_TRANSACTION_DEAL_DELETE" in heard
    assert "at 1.10020 profit -2.00" in found.only("deal ")[0]
    assert found.only("history")[-1] == "history true orders 1 deals 0"
    assert found.truth.balance == Decimal(10_000)


def test_a_comment_is_cut_at_its_length_and_a_broker_may_change_it(desk: Desk) -> None:
    long = "x" * 40
    found = desk.run(f"{BUY} comment={long}")
    assert found.truth.deals[0]["comment"] == "x" * 31
    desk.open(comments="drop")
    assert desk.run(f"{BUY} comment=abc").truth.deals[0]["comment"] == ""
    desk.open(comments="ref 99")
    assert desk.run(f"{BUY} comment=abc").truth.positions[0]["comment"] == "ref 99"
