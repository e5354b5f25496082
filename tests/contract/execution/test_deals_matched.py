"""A deal moves the order whose number it bears only where it can be that order's."""

from datetime import timedelta
from decimal import Decimal

import pytest

from execution.models import Deal, Position
from fusion_project.events.clock import now
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import (
    OPPOSITE,
    Scripted,
    is_halted,
    kinds_open,
    msc,
    state,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["hedging", "netting"])
def desk(request):
    return desk_make(margin_mode=request.param)


@pytest.fixture
def ea(desk):
    return Scripted(desk)


def cannot_be(ea, order, **changes):
    """The deal counts as a fact of the account, moves nothing, and stops entries."""
    before = state(order)
    filled = order.filled_lots
    verdict = ea.deals(order, **changes)
    assert verdict["verdict"] == "stored"
    assert (verdict["applied"], verdict["reason"]) == (False, "deal_not_of_order")
    assert (state(order), order.filled_lots) == (before, filled)
    deal = Deal.objects.latest("id")
    assert (deal.order_id, deal.held_for) == (None, "")
    assert "deal.mismatched" in kinds_open()
    assert is_halted(ea.desk)
    return deal


def entry_of(ea, **fields):
    return ea.takes(ea.desk.stage(**fields))


def exit_of(ea, position):
    return ea.takes(ea.desk.stage("exit", side=OPPOSITE[position.side]))


def test_a_deal_that_fits_fills_its_order_and_opens_nothing(ea):
    order = entry_of(ea)
    assert ea.deals(order)["applied"]
    assert state(order) == "filled"
    assert not is_halted(ea.desk)
    assert not Incident.objects.exists()


def test_an_exits_number_on_an_opening_deal_is_no_exit(ea):
    position = ea.opens()
    order = exit_of(ea, position)
    deal = cannot_be(ea, order, entry="in", position_ticket="777")
    foreign = Position.objects.get(position_ticket=777)
    assert (foreign.order_id, foreign.strategy_id, foreign.trace_id) == (None, None, deal.trace_id)
    position.refresh_from_db()
    assert position.is_open


def test_an_exits_number_on_the_wrong_side_is_no_exit(ea):
    position = ea.opens()
    cannot_be(ea, exit_of(ea, position), kind=position.side)


def test_an_exits_number_on_another_position_is_no_exit(ea):
    position = ea.opens()
    cannot_be(ea, exit_of(ea, position), position_ticket=str(position.position_ticket + 1))


def test_an_exits_number_on_another_symbol_is_no_exit(ea):
    cannot_be(ea, exit_of(ea, ea.opens()), symbol="GBPUSD")


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "GBPUSD"},
        {"symbol": ""},
        {"symbol": "EURUSD."},
        {"kind": "sell"},
        {"entry": ""},
        {"position_ticket": "0"},
    ],
)
def test_what_cannot_be_an_entrys_does_not_fill_it(ea, changes):
    cannot_be(ea, entry_of(ea), **changes)


def test_a_deal_from_before_the_order_is_not_its(ea):
    order = entry_of(ea)
    cannot_be(ea, order, time_msc=msc(now() - timedelta(minutes=5)))


def test_brokers_whose_clock_is_seconds_behind_fill_orders(ea):
    order = entry_of(ea)
    assert ea.deals(order, time_msc=msc(now() - timedelta(seconds=5)))["applied"]


def test_an_amends_number_is_on_no_deal(ea):
    position = ea.opens(sl="1.09000", tp="1.20000")
    order = ea.takes(ea.desk.stage("amend", sl="1.09500"))
    cannot_be(
        ea,
        order,
        kind="sell",
        entry="out",
        position_ticket=str(position.position_ticket),
        volume_lots="0.01",
    )


def test_a_deal_of_an_order_that_was_refused_here_is_not_its(ea):
    order = ea.desk.stage("exit", side="sell")
    assert order.state == "rejected"
    cannot_be(ea, order, kind="sell", entry="out", position_ticket="5", volume_lots="0.10")


def test_the_reports_word_makes_no_foreign_deal_ours(ea):
    order = entry_of(ea)
    cannot_be(ea, order, magic="0", report_order_id=str(order.id), position_ticket="900")
    position = Position.objects.get(position_ticket=900)
    assert (position.order_id, position.strategy_id) == (None, None)
    assert position.trace_id != order.trace_id


def test_the_reports_word_moves_no_deal_from_one_order_to_another(ea):
    first, second = entry_of(ea), entry_of(ea)
    cannot_be(ea, first, report_order_id=str(second.id))
    assert state(second) == "acknowledged"


def test_the_same_ticket_with_a_repaired_number_is_a_revision_and_ours(ea):
    order = entry_of(ea)
    deal = ea.deal_of(order)
    ea.says("deal", deal={**deal, "magic": "0"})
    position = Position.objects.get()
    assert (position.order_id, state(order)) == (None, "acknowledged")
    verdict = ea.says("deal", deal=deal)
    assert verdict["applied"]
    assert list(Deal.objects.values_list("revision", "order_id")) == [(1, None), (2, order.id)]
    position.refresh_from_db()
    assert (position.order_id, position.trace_id) == (order.id, order.trace_id)
    assert (position.strategy_id, position.sl) == (order.strategy_id, order.sl)
    assert state(order) == "filled"
    assert not is_halted(ea.desk)


def test_a_number_that_was_wrong_and_is_taken_back_is_a_revision_too(ea):
    order = entry_of(ea)
    deal = ea.deal_of(order)
    ea.says("deal", deal=deal)
    ea.says("deal", deal={**deal, "magic": "0"})
    order.refresh_from_db()
    position = Position.objects.get()
    assert (order.filled_lots, position.order_id) == (0, None)


@pytest.mark.parametrize("reason", ["sl", "tp", "so", "expert", "client", "mobile", ""])
def test_closes_that_bear_the_entrys_number_are_legitimate_whoever_closed(ea, reason):
    position = ea.opens(sl="1.09000")
    assert ea.stops(position, reason=reason)["applied"]
    position.refresh_from_db()
    assert not position.is_open
    assert state(position.order) == "filled"
    assert position.order.filled_lots == position.order.volume_lots
    assert not is_halted(ea.desk)


def test_a_partial_protective_close_is_legitimate(ea):
    position = ea.opens(lots="0.10")
    ea.stops(position, reason="expert", volume_lots="0.04")
    position.refresh_from_db()
    assert position.volume_open_lots == Decimal("0.06")
    assert not is_halted(ea.desk)


def test_what_is_above_the_remaining_volume_fills_and_stops_entries(ea):
    order = entry_of(ea, lots="0.10")
    ea.deals(order, position_ticket="700", volume_lots="0.10")
    ea.deals(order, position_ticket="700", volume_lots="0.05")
    position = Position.objects.get()
    assert (state(order), order.filled_lots) == ("filled", Decimal("0.15"))
    assert (position.order_id, position.volume_open_lots) == (order.id, Decimal("0.15"))
    assert is_halted(ea.desk)
    assert kinds_open() == {"order.overfilled"}


def test_a_share_that_closes_more_than_was_ordered_stops_entries(ea):
    position = ea.opens(lots="0.10")
    order = ea.takes(ea.desk.stage("partial_exit", side="sell", close_pct="50"))
    ea.deals(order, volume_lots="0.08", position_ticket=str(position.position_ticket))
    assert (state(order), order.filled_lots) == ("filled", Decimal("0.08"))
    assert kinds_open() == {"order.overfilled"}


def test_a_limit_order_that_filled_beyond_its_limit_fills_and_stops_entries(ea):
    order = entry_of(ea, order_type="limit", limit_price="1.09000")
    ea.deals(order, price="1.09100")
    position = Position.objects.get()
    assert (state(order), position.order_id) == ("filled", order.id)
    assert kinds_open() == {"deal.mismatched"}
    assert is_halted(ea.desk)


def test_a_limit_order_that_filled_better_is_fine(ea):
    ea.deals(entry_of(ea, order_type="limit", limit_price="1.09000"), price="1.08000")
    assert not is_halted(ea.desk)


def knows_terms(desk):
    """An executor that has told in hello that it reads an entry's terms."""
    ea = Scripted(desk, boot_nonce="run-1")
    assert ea.hello().status_code == 200
    return ea


def test_a_fill_beyond_the_deviation_fills_and_stops_entries(desk):
    ea = knows_terms(desk)
    ea.desk.strategy.subscriptions.update(deviation_points=20)
    order = entry_of(ea)
    assert order.deviation_points == 20
    ea.deals(order, price="1.10021")
    assert (state(order), Position.objects.get().order_id) == ("filled", order.id)
    assert kinds_open() == {"deal.mismatched"}
    assert is_halted(ea.desk)


def test_a_fill_within_the_deviation_is_fine(desk):
    ea = knows_terms(desk)
    ea.desk.strategy.subscriptions.update(deviation_points=20)
    ea.deals(entry_of(ea), price="1.10020")
    assert not is_halted(ea.desk)


def test_on_a_hedging_account_no_entry_closes_or_turns_round():
    ea = Scripted(desk_make(margin_mode="hedging"))
    position = ea.opens()
    order = entry_of(ea, side="sell")
    at = {"position_ticket": str(position.position_ticket)}
    cannot_be(ea, order, entry="inout", **at)
    cannot_be(ea, order, entry="out", **at)
    cannot_be(ea, exit_of(ea, position), entry="inout")


def test_on_a_hedging_account_a_stop_of_another_position_is_not_the_entrys():
    ea = Scripted(desk_make(margin_mode="hedging"))
    order = ea.opens().order
    ea.deals(position_ticket="800")
    foreign = Position.objects.get(position_ticket=800)
    cannot_be(ea, order, kind="sell", entry="out", position_ticket="800", reason="sl")
    foreign.refresh_from_db()
    assert not foreign.is_open


@pytest.mark.parametrize(
    ("entry", "lots", "left"), [("out", "0.04", "0.06"), ("inout", "0.1", "0")]
)
def test_on_a_netting_account_an_entry_takes_off_or_turns_round(entry, lots, left):
    ea = Scripted(desk_make(margin_mode="netting"))
    position = ea.opens(lots="0.10")
    order = entry_of(ea, side="sell", lots=lots)
    at = {"position_ticket": str(position.position_ticket), "volume_lots": lots}
    assert ea.deals(order, entry=entry, **at)["applied"]
    position.refresh_from_db()
    assert (state(order), position.volume_open_lots) == ("filled", Decimal(left))
    assert not is_halted(ea.desk)


def test_on_a_netting_account_an_exit_that_turns_the_position_round_is_its_and_stops_entries():
    ea = Scripted(desk_make(margin_mode="netting"))
    position = ea.opens(lots="0.10")
    order = exit_of(ea, position)
    ea.deals(
        kind="sell", entry="out", position_ticket=str(position.position_ticket), volume_lots="0.06"
    )
    ea.deals(order, entry="inout", volume_lots="0.10")
    position.refresh_from_db()
    assert (position.side, position.volume_open_lots) == ("sell", Decimal("0.06"))
    assert Deal.objects.latest("id").order_id == order.id
    assert is_halted(ea.desk)


def test_an_orphan_is_held_and_stops_entries(ea):
    verdict = ea.deals(magic="999")
    assert (verdict["applied"], verdict["reason"]) == (False, "deal_held_orphan")
    assert not Position.objects.exists()
    assert kinds_open() == {"deal.orphaned"}
    assert is_halted(ea.desk)


def test_a_position_by_hand_stops_nothing(ea):
    ea.deals()
    assert Position.objects.get().strategy_id is None
    assert not is_halted(ea.desk)
