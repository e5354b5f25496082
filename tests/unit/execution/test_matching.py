"""The one table of legitimate directions, by margin mode and by who closed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from execution.rules.matching import OrderTerms, Role, collar, match_deal
from execution.wire import DEAL_ENTRIES, ReportedDeal

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILLS, KEEPS, CANNOT = Role
STOPS = ("sl", "tp", "so")
REBUILT = ("rollover", "vmargin", "split", "corporate_action")
BY_ORDERS = ("expert", "client", "mobile", "web", "")


def role(verb, entry, *, same_side, mode, reason="expert"):
    order = OrderTerms(verb, "buy", "EURUSD", 0 if verb == "entry" else 9, AT, was_refused=False)
    deal = ReportedDeal(
        ticket=1,
        kind_told="buy" if same_side else "sell",
        time_msc=int(AT.timestamp() * 1000),
        entry=entry,
        position_ticket=9,
        symbol="EURUSD",
        reason=reason,
        volume_lots=Decimal("0.1"),
        price=Decimal(1),
    )
    return match_deal(order=order, deal=deal, margin_mode=mode).role


# (verb, entry, on the order's side, margin mode) → the role; whatever is not here cannot be.
LEGITIMATE = {
    ("entry", "in", True, "hedging"): FILLS,
    ("entry", "in", True, "netting"): FILLS,
    ("entry", "inout", True, "netting"): FILLS,
    ("entry", "out", True, "netting"): FILLS,
    ("entry", "out", False, "hedging"): KEEPS,
    ("entry", "out", False, "netting"): KEEPS,
    ("entry", "out_by", False, "hedging"): KEEPS,
    **{
        (verb, entry, True, mode): FILLS
        for verb in ("exit", "partial_exit")
        for entry, mode in (
            ("out", "hedging"),
            ("out", "netting"),
            ("out_by", "hedging"),
            ("inout", "netting"),
        )
    },
}


@pytest.mark.parametrize("reason", BY_ORDERS)
def test_every_direction_is_told_apart(reason):
    verbs, modes = ("entry", "exit", "partial_exit", "amend"), ("hedging", "netting")
    for verb, entry, same, mode in product(verbs, DEAL_ENTRIES, (True, False), modes):
        wanted = LEGITIMATE.get((verb, entry, same, mode), CANNOT)
        found = role(verb, entry, same_side=same, mode=mode, reason=reason)
        assert found is wanted, (verb, entry, same, mode)


@pytest.mark.parametrize("reason", [*STOPS, *REBUILT])
def test_what_no_order_asked_for_fills_no_entry(reason):
    for entry, same, mode in product(DEAL_ENTRIES, (True, False), ("hedging", "netting")):
        found = role("entry", entry, same_side=same, mode=mode, reason=reason)
        assert found is not FILLS, (entry, same, mode)
    assert role("entry", "out", same_side=False, mode="hedging", reason=reason) is KEEPS


def test_clocks_may_be_a_minute_apart_and_an_hour_where_the_offset_is_a_guess():
    order = OrderTerms("entry", "buy", "EURUSD", 0, AT, was_refused=False)

    def found(before, *, is_sure):
        moment = AT - before
        deal = ReportedDeal(
            ticket=1,
            kind_told="buy",
            time_msc=int(moment.timestamp() * 1000),
            entry="in",
            position_ticket=9,
            symbol="EURUSD",
        )
        return match_deal(order=order, deal=deal, margin_mode="hedging", time_is_sure=is_sure).role

    assert found(timedelta(seconds=60), is_sure=True) is FILLS
    assert found(timedelta(seconds=61), is_sure=True) is CANNOT
    assert found(timedelta(hours=1), is_sure=False) is FILLS
    assert found(timedelta(hours=2), is_sure=False) is CANNOT


@pytest.mark.parametrize(
    ("side", "order_type", "limit", "points", "bounds"),
    [
        ("buy", "market", None, 20, (None, "1.10020")),
        ("sell", "market", None, 20, ("1.09980", None)),
        ("buy", "market", None, None, (None, None)),
        ("buy", "limit", "1.09", 20, (None, "1.09")),
        ("sell", "stop_limit", "1.09", None, ("1.09", None)),
        ("buy", "stop", None, 20, (None, None)),
    ],
)
def test_the_collar_bounds_what_is_worse_than_asked(side, order_type, limit, points, bounds):
    low, high = collar(
        side=side,
        order_type=order_type,
        ref_price=Decimal("1.10000"),
        limit_price=None if limit is None else Decimal(limit),
        points=points,
        point=Decimal("0.00001"),
    )
    assert (low, high) == tuple(None if one is None else Decimal(one) for one in bounds)


def test_without_a_reference_or_a_point_a_market_order_has_no_collar():
    told = {"side": "buy", "order_type": "market", "limit_price": None, "points": 20}
    assert collar(ref_price=None, point=Decimal(1), **told) == (None, None)
    assert collar(ref_price=Decimal(1), point=None, **told) == (None, None)
