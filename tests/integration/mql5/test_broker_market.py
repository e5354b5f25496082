"""The simulated market moves: resting orders, expiry, stops, gaps, nights, stop-out."""

from decimal import Decimal

import pytest

from tests.integration.mql5.hosting import NEEDS_COMPILER
from tests.integration.mql5.trading import BUY, Desk, second

pytestmark = NEEDS_COMPILER
DONE = 10009
RESTING = "action=pending volume=0.10 filling=return"
WAITS = ["do=tick"] * 3

PRICES = [
    ("type=buylimit price=ask-50", DONE),
    ("type=buylimit price=ask-19", 10015),
    ("type=buylimit price=ask+50", 10015),
    ("type=selllimit price=bid+50", DONE),
    ("type=selllimit price=bid-50", 10015),
    ("type=buystop price=ask+50", DONE),
    ("type=buystop price=ask-50", 10015),
    ("type=sellstop price=bid-50", DONE),
    ("type=sellstop price=bid+50", 10015),
    ("type=buystoplimit price=ask+50 stoplimit=ask+30", DONE),
    ("type=buystoplimit price=ask+50 stoplimit=ask+70", 10015),
    ("type=buystoplimit price=ask+50", 10015),
    ("type=sellstoplimit price=bid-50 stoplimit=bid-30", DONE),
    ("type=sellstoplimit price=bid-50 stoplimit=bid-70", 10015),
    ("type=buylimit price=1.000005", 10015),
    ("type=buylimit price=ask-50 sl=ask-100 tp=ask-20", DONE),
    ("type=buylimit price=ask-50 sl=ask-45", 10016),
    ("type=buylimit price=ask-50 sl=ask-60", 10016),
]


@pytest.mark.parametrize(("words", "retcode"), PRICES)
def test_a_resting_order_keeps_its_side_and_distance(desk: Desk, words: str, retcode: int) -> None:
    desk.open({"stops_level": 20})
    found = desk.run(f"{RESTING} {words}")
    assert found.sent() == [retcode]
    assert len(found.truth.orders) == (retcode == DONE)


# What is reached, the move in points, and the price of the deal: a limit gives what the market
# gives, a stop what is left after a gap.
REACHED = [
    ("type=buylimit price=ask-50", -50, "1.0996"),
    ("type=buylimit price=ask-50", -80, "1.0993"),
    ("type=buylimit price=ask-50", -49, ""),
    ("type=selllimit price=bid+50", 60, "1.1006"),
    ("type=selllimit price=bid+50", 49, ""),
    ("type=buystop price=ask+50", 80, "1.1009"),
    ("type=buystop price=ask+50", 49, ""),
    ("type=sellstop price=bid-50", -70, "1.0993"),
    ("type=sellstop price=bid-50", -49, ""),
]


@pytest.mark.parametrize(("words", "move", "price"), REACHED)
def test_a_resting_order_is_filled_when_the_market_reaches_it(
    desk: Desk, words: str, move: int, price: str
) -> None:
    desk.move(move, at=1.5)
    found = desk.run(f"{RESTING} {words} magic=9", *WAITS)
    assert [one["price"] for one in found.truth.deals] == [price] * bool(price)
    assert [one["magic"] for one in found.truth.positions] == ["9"] * bool(price)
    assert [one["state"] for one in found.truth.past] == ["filled"] * bool(price)


def test_a_stop_limit_becomes_a_limit_and_waits_for_its_price(desk: Desk) -> None:
    desk.move(60, at=1.5)
    desk.move(20, at=3.5)
    words = "type=buystoplimit price=ask+50 stoplimit=ask+30"
    found = desk.run(f"{RESTING} {words}", "do=orders", "do=orders", "do=orders")
    assert "BUY_LIMIT" in found.only("order ")[0]
    assert [one["price"] for one in found.truth.deals] == ["1.1003"]


EXPIRIES = [
    ("time=gtc", 4, True),
    ("time=specified lives=2", 4, False),
    ("time=specified lives=9", 4, True),
    ("time=day", 3600 * 14 - 2, True),
    ("time=day", 3600 * 14 + 2, False),
    ("time=specifiedday lives=2", 3600 * 14 - 2, True),
    ("time=specifiedday lives=2", 3600 * 14 + 2, False),
]


@pytest.mark.parametrize(("time", "seconds", "alive"), EXPIRIES)
def test_a_resting_order_lives_as_long_as_it_says(
    desk: Desk, time: str, seconds: float, alive: bool
) -> None:
    found = desk.run(f"{RESTING} type=buylimit price=ask-500 {time}", seconds=seconds)
    assert found.sent() == [DONE]
    assert len(found.truth.orders) == alive
    assert [one["state"] for one in found.truth.past] == ["expired"] * (not alive)


@pytest.mark.parametrize(
    ("mask", "words", "retcode"),
    [
        (1, "time=day", 10022),
        (1, "time=gtc", DONE),
        (4, "time=gtc", 10022),
        (15, "time=specified lives=-5", 10022),
        (15, "time=specified", 10022),
        (15, "time=gtc lives=50", 10022),
    ],
)
def test_a_lifetime_that_the_symbol_does_not_have_is_refused(
    desk: Desk, mask: int, words: str, retcode: int
) -> None:
    desk.open({"expiration": mask})
    assert desk.run(f"{RESTING} type=buylimit price=ask-500 {words}").sent() == [retcode]


def test_a_resting_order_is_changed_and_removed(desk: Desk) -> None:
    found = desk.run(
        f"{RESTING} type=buylimit price=ask-500",
        "action=modify order=@0 price=ask-400 sl=ask-900",
        "action=modify order=@0 price=ask-400 sl=ask-900",
        "do=orders",
        "action=remove order=@0",
    )
    assert found.sent() == [DONE, DONE, 10025, DONE]
    assert "at 1.09610" in found.only("order ")[0]
    assert found.truth.past[0]["state"] == "canceled"


STOPS = [
    ("sl=bid-50", -50, "1.0995", "sl", "[sl 1.09950]"),
    ("sl=bid-50", -300, "1.097", "sl", "[sl 1.09950]"),
    ("tp=bid+50", 80, "1.1008", "tp", "[tp 1.10050]"),
    ("sl=bid-50 tp=bid+50", 49, "", "", ""),
]


@pytest.mark.parametrize(("words", "move", "price", "reason", "comment"), STOPS)
def test_a_stop_or_target_is_hit_at_the_first_price_beyond_it(
    desk: Desk, words: str, move: int, price: str, reason: str, comment: str
) -> None:
    desk.move(move, at=1.5)
    found = desk.run(f"{BUY} magic=4 {words}", *WAITS)
    exits = [one for one in found.truth.deals if one["entry"] == "out"]
    assert [(one["price"], one["reason"], one["comment"], one["magic"]) for one in exits] == [
        (price, reason, comment, "4")
    ] * bool(price)
    assert len(found.truth.positions) == (not price)


def test_a_sold_position_is_stopped_at_the_ask(desk: Desk) -> None:
    desk.move(45, at=1.5)
    found = desk.run("type=sell volume=0.10 sl=ask+45", *WAITS)
    assert found.truth.deals[-1]["price"] == "1.10055"


def test_a_gap_over_the_night_hits_the_stop_at_the_opening(desk: Desk) -> None:
    for day, start, end in (("monday", 0, 10 * 3600 + 2), ("monday", 10 * 3600 + 5, 86400)):
        desk.broker.hours("EURUSD", day, start, end)
    desk.move(-200, at=3)
    found = desk.run(f"{BUY} sl=bid-50", "do=tick", "do=tick", "do=positions", *WAITS)
    assert found.only("positions") == ["positions 1"]
    assert found.truth.deals[-1]["price"] == "1.098"
    assert int(found.truth.deals[-1]["time_msc"]) == second(5)


NIGHT = 3600 * 14  # seconds from the start to midnight


@pytest.mark.parametrize(
    ("offset", "days", "nights"), [(0, 1, 1), (7200, 1, 1), (0, 3, 5), (0, 7, 7)]
)
def test_swap_is_added_on_five_nights_of_the_week_and_thrice_on_wednesday(
    desk: Desk, offset: int, days: int, nights: int
) -> None:
    desk.open({"swap_long": Decimal("-2.5")}, offset_s=offset)
    # Two and a half points of a tenth of a lot are 0.25 USD.
    before = desk.run(BUY, seconds=NIGHT - offset - 2)
    assert before.truth.positions[0]["swap"] == "0"
    desk.open({"swap_long": Decimal("-2.5")}, offset_s=offset)
    last = NIGHT - offset + 86400 * (days - 1) + 2
    after = desk.run(BUY, seconds=last, period_ms=60_000)
    assert after.truth.positions[0]["swap"] == str(Decimal("-0.25") * nights)


def test_the_swap_goes_with_the_part_that_is_closed(desk: Desk) -> None:
    desk.open({"swap_long": Decimal("-2.5")}, offset_s=NIGHT - 2)
    found = desk.run(BUY, "do=positions", "type=sell volume=0.04 position=@0")
    assert " swap -0.25 " in found.only("position ")[0]
    assert found.truth.deals[-1]["swap"] == "-0.1"
    assert found.truth.positions[0]["swap"] == "-0.15"


def test_a_swap_by_opening_again_changes_the_ticket_and_keeps_the_identifier(desk: Desk) -> None:
    desk.open({"swap_long": Decimal(-3), "swap_mode": "reopen_current"}, offset_s=NIGHT - 2)
    found = desk.run(f"{BUY} sl=bid-500", "do=positions", "do=positions", "do=history")
    first, out, again = found.truth.deals
    (one,) = found.truth.positions
    assert [out["entry"], again["entry"], out["reason"], again["reason"]] == [
        *("out", "in"),
        *("rollover", "rollover"),
    ]
    assert {first["position"], out["position"], again["position"]} == {one["id"]}
    assert one["ticket"] != one["id"]
    assert (out["price"], again["price"], one["price"]) == ("1.1", "1.10003", "1.10003")
    assert one["sl"] == "1.095"


def test_the_worst_position_goes_when_the_margin_is_gone(desk: Desk) -> None:
    desk.open(leverage=100, stop_out_level=50)
    desk.move(-4900, at=2.5)
    found = desk.run("type=buy volume=1", "type=buy volume=0.90", "do=account", "do=account")
    assert found.sent() == [DONE, DONE]
    gone = [one for one in found.truth.deals if one["reason"] == "so"]
    assert [one["volume"] for one in gone] == ["1"]
    assert gone[0]["comment"].startswith("[so ")
    assert len(found.truth.positions) == 1


def test_a_resting_order_without_money_is_rejected_when_it_is_reached(desk: Desk) -> None:
    desk.open(leverage=10)
    desk.move(-60, at=2.5)
    words = f"{RESTING} type=buylimit price=ask-50".replace("0.10", "0.50")
    found = desk.run(words, "type=buy volume=0.80", *WAITS)
    assert found.truth.past[-1]["state"] == "rejected"
    assert found.truth.past[-1]["comment"] == "no money"


def test_what_happens_while_no_terminal_runs_has_happened_at_the_next_start(desk: Desk) -> None:
    desk.move(-60, at=5)
    first = desk.run(f"{RESTING} type=buylimit price=ask-50 magic=3")
    assert len(first.truth.orders) == 1
    later = desk.run("do=positions", hear=True, start_s=9)
    assert later.only("positions") == ["positions 1"]
    assert int(later.truth.deals[0]["time_msc"]) == second(5)
    assert later.only("heard") == []  # the terminal was not there to hear it
