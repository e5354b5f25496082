"""Which entry an exit or cancel ends."""

import pytest

from execution.rules.trades import LegFacts, ends_trade_of, position_side


def leg(event, place, side="buy", ref="", instrument="EURUSD"):
    return LegFacts(event, side, instrument, ref, place)


ENTRY = leg("entry", (5, 0))
ENTRY_T1 = leg("entry", (5, 0), ref="t1")


@pytest.mark.parametrize(
    ("closing", "entry", "ends"),
    [
        (leg("exit", (6, 0), "sell"), ENTRY, True),
        (leg("exit", (4, 0), "sell"), ENTRY, False),
        (leg("exit", (6, 0), "buy"), ENTRY, False),
        (leg("exit", (6, 0), "any"), ENTRY, True),
        (leg("cancel", (6, 0), "any"), ENTRY, True),
        (leg("partial_exit", (6, 0), "sell"), ENTRY, False),
        (leg("amend", (6, 0)), ENTRY, False),
        (leg("exit", (6, 0), "sell", instrument="GBPUSD"), ENTRY, False),
        (leg("exit", (6, 0), "sell", ref="t1"), ENTRY_T1, True),
        (leg("exit", (4, 0), "sell", ref="t1"), ENTRY_T1, True),
        (leg("exit", (6, 0), "sell", ref="t2"), ENTRY_T1, False),
        (leg("exit", (5, 0), "sell", ref="t1"), leg("entry", (5, 1), ref="t1"), False),
        (leg("close_all", (6, 0), "any", instrument=""), ENTRY, True),
        (leg("close_all", (6, 0), "any", ref="t2"), ENTRY_T1, True),
        (leg("close_all", (5, 0), "any", instrument=""), leg("entry", (5, 1)), False),
        (leg("cancel_all", (4, 0), "any", instrument=""), ENTRY, False),
    ],
)
def test_a_closing_leg_ends_the_trade_it_means(closing, entry, ends):
    assert ends_trade_of(closing, entry) is ends


def test_an_exit_says_the_side_of_its_order_and_an_amend_that_of_its_position():
    assert position_side(leg("exit", (1, 0), "sell")) == "buy"
    assert position_side(leg("amend", (1, 0), "buy")) == "buy"
    assert position_side(leg("exit", (1, 0), "any")) == ""
