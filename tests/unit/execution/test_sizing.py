"""Lots from risk."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution.rules.sizing import (
    SIZE_CUTS,
    ContractSheet,
    OpenPart,
    Room,
    RoomBound,
    Sized,
    SizeWanted,
    floor_to_step,
    loss_per_lot,
    lots_for_entry,
    lots_of_parts,
    parts_shortfall,
)

SHEET = ContractSheet(
    tick_size=Decimal("0.00001"),
    tick_value=Decimal(1),
    contract_size=Decimal(100_000),
    lot_min=Decimal("0.01"),
    lot_step=Decimal("0.01"),
    lot_max=Decimal(100),
)
ROOM = Room(equity=Decimal(10_000), order_lots_max=Decimal(10), open_lots_left=Decimal(50))


def wanted(**fields):
    values = {
        "risk_bps": 50,
        "size_factor": Decimal(1),
        "price": Decimal("1.10000"),
        "stop": Decimal("1.09500"),
    }
    return SizeWanted(**{**values, **fields})


def size(sheet=SHEET, room=ROOM, **fields):
    return lots_for_entry(wanted=wanted(**fields), sheet=sheet, room=room)


def test_fifty_basis_points_of_ten_thousand_over_fifty_pips_are_a_tenth_of_a_lot():
    sized = size()
    assert sized.lots == Decimal("0.10")
    assert sized.risk_money == Decimal(50)


def test_a_size_factor_of_a_third_rounds_down():
    assert size(size_factor=Decimal("0.333333333333")).lots == Decimal("0.03")


def test_below_the_minimum_is_refused_and_never_bumped_up():
    sized = size(risk_bps=1, stop=Decimal("1.00000"))
    assert (sized.lots, sized.reason) == (0, "below_lot_min")


def test_what_the_alert_asks_for_is_a_ceiling_too():
    sized = size(size_mode="lots", size_value=Decimal("0.04"))
    assert sized.lots == Decimal("0.04")
    assert size(size_mode="lots", size_value=Decimal(9)).lots == Decimal("0.10")


@pytest.mark.parametrize(
    ("mode", "value", "lots"),
    [
        ("risk_pct", "0.2", "0.04"),
        ("qty", "3000", "0.03"),
        ("notional", "5500", "0.05"),
        ("equity_pct", "22", "0.02"),
    ],
)
def test_every_size_mode_becomes_lots(mode, value, lots):
    assert size(size_mode=mode, size_value=Decimal(value)).lots == Decimal(lots)


def test_without_stop_and_size_the_subscription_says_how_much():
    sized = size(stop=None, lots_default=Decimal("0.20"), size_factor=Decimal("0.5"))
    assert (sized.lots, sized.risk_money) == (Decimal("0.10"), None)


def test_risk_without_a_stop_cannot_be_sized():
    assert size(stop=None, size_mode="risk_pct", size_value=Decimal(1)).reason == (
        "risk_size_without_stop"
    )


def test_unknown_equity_refuses_what_is_sized_by_risk():
    room = Room(equity=None, order_lots_max=Decimal(10), open_lots_left=Decimal(50))
    assert size(room=room).reason == "equity_unknown"


def test_the_account_limit_shrinks_and_then_refuses():
    def left(lots):
        return Room(Decimal(10_000), Decimal(10), Decimal(lots))

    assert size(room=left("0.055")).lots == Decimal("0.05")
    assert size(room=left("0.009")).reason == "exposure_limit"
    assert size(room=left("-3")).reason == "exposure_limit"


def refused(reason):
    return Sized(Decimal(0), reason=reason)


def test_a_refusal_orders_nothing_and_names_its_reason():
    def room(equity, left="50"):
        return Room(equity, Decimal(10), Decimal(left))

    assert size(stop=Decimal("1.10000")) == refused("stop_at_price")
    assert size(room=room(None)) == refused("equity_unknown")
    assert size(room=room(Decimal(0))) == refused("equity_unknown")
    assert size(stop=None, size_mode="equity_pct", room=room(None)) == refused("equity_unknown")
    assert size(price=None, size_mode="notional") == refused("no_reference_price")
    assert size(size_mode="odd") == refused("size_mode_unknown")
    assert size(risk_bps=1, stop=Decimal("1.00000")) == refused("below_lot_min")
    assert size(room=room(Decimal(10_000), "0")) == refused("exposure_limit")
    assert partial("0.01", "0.02", "50") == 0


def test_the_minimum_itself_is_enough():
    least = Decimal("0.01")
    assert size(size_mode="lots", size_value=least).lots == least
    assert size(room=Room(Decimal(10_000), Decimal(10), least)).lots == least
    assert partial("1.00", "0.50", "1") == least


def test_a_cent_of_loss_and_an_equity_of_one_can_be_sized():
    """Lots grow as the loss a lot shrinks; only no loss at all is no stop."""
    micro = replace(SHEET, lot_min=Decimal("0.001"), lot_step=Decimal("0.001"))
    near = Decimal("1.09999")
    assert size(stop=near).lots == Decimal(10)
    poor = Room(Decimal(1), Decimal(10), Decimal(50))
    assert size(sheet=micro, room=poor, stop=near).lots == Decimal("0.005")


positive = st.decimals(min_value="0.01", max_value="100000", places=2)


@given(
    equity=st.decimals(min_value="1", max_value="10000000", places=2),
    risk_bps=st.integers(1, 1000),
    factor=st.decimals(min_value="0.000000000001", max_value="1", places=12),
    points=st.integers(1, 100_000),
    asked=st.none() | positive,
    left=st.decimals(min_value="-10", max_value="200", places=3),
)
def test_an_order_never_risks_more_than_was_allowed(equity, risk_bps, factor, points, asked, left):
    price = Decimal("1.50000")
    stop = price - points * Decimal("0.00001")
    sized = lots_for_entry(
        wanted=SizeWanted(
            risk_bps=risk_bps,
            size_factor=factor,
            price=price,
            stop=stop,
            size_mode="lots" if asked else "",
            size_value=asked or Decimal(0),
        ),
        sheet=SHEET,
        room=Room(equity, Decimal(10), left),
    )
    allowed = equity * risk_bps / 10_000 * factor
    assert sized.lots * loss_per_lot(price, stop, SHEET) <= allowed
    assert sized.lots <= max(left, Decimal(0))
    assert sized.lots <= 10
    assert sized.lots % SHEET.lot_step == 0
    assert bool(sized.reason) == (sized.lots == 0)
    assert sized.lots == 0 or sized.lots >= SHEET.lot_min


@given(
    lots=st.decimals(min_value="-1", max_value="1000", places=6),
    step=st.sampled_from([Decimal("0.01"), Decimal("0.1"), Decimal(1), Decimal("0.001")]),
)
def test_flooring_stays_at_or_below_and_within_one_step(lots, step):
    floored = floor_to_step(lots, step)
    assert floored <= max(lots, 0)
    assert max(lots, 0) - floored < step


def partial(start, open_, pct):
    return parts_taken([(start, open_)], pct=pct)[0]


def parts_taken(parts, *, pct=None, lots=None, lot_min="0.01"):
    return lots_of_parts(
        [OpenPart(Decimal(start), Decimal(left)) for start, left in parts],
        close_pct=None if pct is None else Decimal(pct),
        close_lots=None if lots is None else Decimal(lots),
        step=Decimal("0.01"),
        lot_min=Decimal(lot_min),
    )


def test_a_partial_exit_is_a_share_of_the_start_not_of_the_rest():
    assert partial("1.00", "0.50", "25") == Decimal("0.25")


def test_a_partial_exit_never_closes_more_than_is_open():
    assert partial("1.00", "0.10", "50") == Decimal("0.10")


def test_a_partial_exit_below_the_minimum_is_refused():
    assert partial("0.01", "0.01", "50") == 0


def test_every_cut_in_size_is_told_in_its_order():
    sheet = replace(SHEET, lot_max=Decimal("0.5"), lot_step=Decimal("0.03"))
    room = replace(ROOM, order_lots_max=Decimal("0.4"), open_lots_left=Decimal("0.2"))
    sized = size(
        sheet,
        room,
        size_mode="lots",
        size_value=Decimal(2),
        size_factor=Decimal("0.5"),
        risk_bps=4_000,
    )
    told = [(cut.reason, cut.before, cut.after) for cut in sized.cuts]
    assert told == [
        ("size_factor", Decimal(2), Decimal(1)),
        ("broker_lot_max", Decimal(1), Decimal("0.5")),
        ("order_lots_max", Decimal("0.5"), Decimal("0.4")),
        ("lot_step", Decimal("0.4"), Decimal("0.39")),
        ("open_lots_left", Decimal("0.39"), Decimal("0.18")),
    ]
    assert sized.lots == Decimal("0.18")
    of_limits = {"order_notional_limit", "leverage_limit", "open_risk_limit"}
    others = {"risk", "account_size", "shown", "no_money", "broker_volume_limit", *of_limits}
    assert {cut.reason for cut in sized.cuts} | others == set(SIZE_CUTS)


def test_risk_cuts_what_the_alert_asks_for_and_a_fitting_size_is_not_cut():
    asked = size(size_mode="lots", size_value=Decimal(1))
    assert [(cut.reason, cut.after) for cut in asked.cuts] == [("risk", Decimal("0.1"))]
    assert size().cuts == ()


def test_a_size_below_the_minimum_says_what_made_it_so():
    sized = size(risk_bps=1)
    assert (sized.lots, sized.reason) == (0, "below_lot_min")
    assert [(cut.reason, cut.after) for cut in sized.cuts] == [("lot_step", Decimal(0))]


def test_the_smallest_of_decision_alert_and_account_wins():
    asked = {"size_mode": "lots", "size_value": Decimal("0.08")}
    own = {"account_mode": "lots", "account_value": Decimal("0.03")}
    assert size(**asked).lots == Decimal("0.08")
    assert size(**asked, **own).lots == Decimal("0.03")
    assert size(**own).lots == Decimal("0.03")
    assert size(**own, risk_bps=10).lots == Decimal("0.02")


@pytest.mark.parametrize(
    ("mode", "value", "lots"),
    [
        ("lots", "0.04", "0.04"),
        ("risk_money", "20", "0.04"),
        ("risk_pct", "0.2", "0.04"),
        ("qty", "3000", "0.03"),
        ("notional", "5500", "0.05"),
        ("equity_pct", "22", "0.02"),
    ],
)
def test_an_account_follows_in_every_mode(mode, value, lots):
    sized = size(account_mode=mode, account_value=Decimal(value))
    assert sized.lots == Decimal(lots)


def test_an_account_that_follows_by_risk_takes_no_entry_without_a_stop():
    sized = size(stop=None, account_mode="risk_money", account_value=Decimal(50))
    assert sized.reason == "risk_size_without_stop"


def room_with(*bounds, shown=None):
    return Room(Decimal(10_000), Decimal(10), Decimal(50), bounds, shown)


def test_what_limits_leave_in_money_cuts_the_lots_and_then_refuses():
    value = RoomBound("leverage_limit", "notional", Decimal(5_500), "leverage_max: words")
    risk = RoomBound("open_risk_limit", "risk", Decimal(20), "open_risk_pct_max: words")
    assert size(room=room_with(value)).lots == Decimal("0.05")
    assert size(room=room_with(value, risk)).lots == Decimal("0.04")
    cut = size(room=room_with(replace(value, left=Decimal(1_099))))
    assert (cut.reason, cut.words) == ("leverage_limit", "leverage_max: words")
    # Without a stop nothing is known of a loss, so a limit of losses bounds nothing.
    assert size(stop=None, lots_default=Decimal("0.2"), room=room_with(risk)).lots == Decimal("0.2")


def test_what_was_shown_is_never_exceeded():
    assert size(room=room_with(shown=Decimal("0.07"))).lots == Decimal("0.07")
    assert size(room=room_with(shown=Decimal(9))).lots == Decimal("0.10")
    assert size(room=room_with(shown=Decimal("0.001"))).reason == "below_lot_min"


def test_a_size_below_the_least_names_what_cut_it():
    words = size(risk_bps=1, stop=Decimal("1.00000")).words
    assert words == "risk: 0.0001 lots, bound 0.01"


@given(
    left=st.decimals(min_value="-10", max_value="20000", places=2),
    per=st.sampled_from(["lots", "notional", "risk"]),
    shown=st.none() | st.decimals(min_value="0", max_value="1", places=2),
)
def test_no_bound_is_ever_passed(left, per, shown):
    sized = size(room=room_with(RoomBound("leverage_limit", per, left), shown=shown))
    unit = {"lots": 1, "notional": 110_000, "risk": 500}[per]
    assert sized.lots == 0 or sized.lots * unit <= left
    assert shown is None or sized.lots <= shown


@pytest.mark.parametrize(
    ("parts", "told", "taken"),
    [
        ([("1.00", "1.00"), ("1.00", "1.00")], {"pct": "50"}, ["0.50", "0.50"]),
        ([("0.03", "0.03"), ("0.03", "0.03")], {"pct": "50"}, ["0.02", "0.01"]),
        ([("0.01", "0.01")] * 3, {"pct": "50"}, ["0.01", "0.00", "0.00"]),
        ([("1.00", "0.20"), ("1.00", "1.00")], {"pct": "50"}, ["0.20", "0.80"]),
        ([("0.50", "0.50"), ("1.00", "1.00")], {"lots": "0.70"}, ["0.50", "0.20"]),
        ([("0.50", "0.50"), ("1.00", "1.00")], {"lots": "9"}, ["0.50", "1.00"]),
        ([("0.50", "0.50")], {"lots": "0.004"}, ["0.00"]),
    ],
)
def test_a_share_or_an_amount_is_taken_of_the_whole(parts, told, taken):
    assert parts_taken(parts, **told) == [Decimal(lots) for lots in taken]


@given(
    parts=st.lists(
        st.tuples(st.integers(1, 300), st.integers(0, 300)).map(
            lambda two: OpenPart(Decimal(max(two)) / 100, Decimal(min(two)) / 100)
        ),
        min_size=1,
        max_size=5,
    ),
    pct=st.one_of(st.none(), st.decimals("0.01", "100", places=2)),
    lots=st.decimals("0.001", "9", places=3),
    lot_min=st.sampled_from([Decimal("0.01"), Decimal("0.1")]),
)
def test_no_part_gives_more_than_is_open_and_all_no_more_than_was_said(parts, pct, lots, lot_min):
    told = {"close_pct": pct, "close_lots": None if pct is not None else lots}
    step = Decimal("0.01")
    taken = lots_of_parts(parts, **told, step=step, lot_min=lot_min)
    said = lots if pct is None else sum(one.start_lots for one in parts) * pct / 100
    assert all(0 <= lots_of <= one.open_lots for lots_of, one in zip(taken, parts, strict=True))
    assert all(not one or one >= lot_min or one in {p.open_lots for p in parts} for one in taken)
    assert sum(taken) <= said
    short = parts_shortfall(parts, taken, **told, step=step)
    open_lots = sum(one.open_lots for one in parts)
    assert bool(short) == (
        min(said, open_lots) - sum(taken) >= step or (open_lots > 0 and not any(taken))
    )
