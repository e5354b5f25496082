"""At the end of a run journal, server, broker and ledger agree; what differs is told in words."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from execution.models import Deal, Order, Position, Report
from execution.rules.states import (
    DONE,
    FILLED,
    ORDER_ENDS,
    PARTIALLY_FILLED,
    REJECTED,
    STAGED,
    UNKNOWN,
    WORKING,
)
from mql5.host.broker import Row, Truth
from tests.e2e.ea.fuzz.desk import WatchedBench, handling_errors
from tests.e2e.ea.fuzz.journal import CLOSED, LOOKUP, journal_read
from treasury.rules.accounts import broker_cash
from treasury.selectors.balances import account_balance

_RESTS: Final = (WORKING, PARTIALLY_FILLED)
_OPENS: Final = ("in", "inout")


def disagreements(bench: WatchedBench) -> list[str]:
    """All of them; none where a run ended well."""
    truth = bench.broker.truth()
    found = [
        *_deals(bench, truth),
        *_positions(bench, truth),
        *_money(bench, truth),
        *_orders(bench, truth),
        *_journal(bench, truth),
        *_reports(bench),
        *handling_errors(),
    ]
    return found + [f"incident {one} is open" for one in bench.incidents_wrong()]


def _deals(bench: WatchedBench, truth: Truth) -> Iterator[str]:
    """Every deal of the account is told as it is, once."""
    rows = Deal.objects.filter(account=bench.desk.account).order_by("ticket", "revision")
    ours = {str(one.ticket): one for one in rows}
    for row in truth.deals:
        deal = ours.pop(row["ticket"], None)
        if deal is None:
            yield f"deal {row['ticket']} is untold"
            continue
        names = ("volume", "price", "profit", "swap", "commission")
        told = (deal.volume_lots, deal.price, deal.profit, deal.swap, deal.commission)
        if told != tuple(Decimal(row[name]) for name in names):
            yield f"deal {row['ticket']} is {told} here"
    for ticket in ours:
        yield f"deal {ticket} is not the broker's"


def _positions(bench: WatchedBench, truth: Truth) -> Iterator[str]:
    rows = Position.objects.filter(account=bench.desk.account, closed_at=None)
    ours = {str(one.position_ticket): one for one in rows}
    for row in truth.positions:
        position = ours.pop(row["id"], None)
        if position is None:
            yield f"position {row['id']} is not known"
        elif position.volume_open_lots != Decimal(row["volume"]):
            yield f"position {row['id']} has {row['volume']}, here {position.volume_open_lots}"
        elif position.order_id is not None and not position.sl == Decimal(row["sl"]) > 0:
            yield f"position {row['id']} has its stop at {row['sl']}, here {position.sl}"
    for ticket in ours:
        yield f"position {ticket} is not the broker's"


def _money(bench: WatchedBench, truth: Truth) -> Iterator[str]:
    account = bench.account()
    cash = account_balance(book=account.book, code=broker_cash(account.server, account.login))
    if cash != truth.balance:
        yield f"the ledger's cash is {cash}, the broker's balance {truth.balance}"


def _orders(bench: WatchedBench, truth: Truth) -> Iterator[str]:
    resting = {one["magic"] for one in truth.orders}
    for order in bench.orders():
        deals = [one for one in truth.deals if one["magic"] == str(order.id) and _is_asked(one)]
        judge = _entry if order.verb == "entry" else _closing
        for words in judge(order, deals, str(order.id) in resting, truth):
            yield f"{order.verb} {order.id} is {order.state}: {words}"


def _is_asked(deal: Row) -> bool:
    """A position that the broker opens anew has deals without an order."""
    return deal["order"] != "0"


def _entry(order: Order, deals: list[Row], rests: bool, truth: Truth) -> Iterator[str]:
    # On a netting account it may close what is against it; what closes it later is of that side.
    filled = sum(Decimal(one["volume"]) for one in deals if one["type"] == order.side)
    if filled > order.volume_lots:
        yield f"{filled} of {order.volume_lots} lots were filled"
    if rests != (order.state in _RESTS) and order.state != UNKNOWN:
        yield "it rests" if rests else "it does not rest"
    if rests and order.state == UNKNOWN:
        yield "it rests"
    if filled and order.state in (REJECTED, STAGED, UNKNOWN):
        yield f"{filled} lots were filled"
    if not filled and order.state in (FILLED, DONE):
        yield "nothing was filled"


def _closing(order: Order, deals: list[Row], rests: bool, truth: Truth) -> Iterator[str]:
    if wrong := [one["ticket"] for one in deals if one["entry"] in _OPENS]:
        yield f"it opened by {', '.join(wrong)}"
    if order.state not in ORDER_ENDS | {UNKNOWN}:
        yield "it is not over"
    is_open = any(one["id"] == str(order.position_ticket) for one in truth.positions)
    if order.verb == "exit" and order.state in (FILLED, DONE) and is_open:
        yield "its position is open"


def _journal(bench: WatchedBench, truth: Truth) -> Iterator[str]:
    journal = journal_read(bench.home / "terminal")
    if journal.untold:
        yield f"reports {sorted(journal.untold)} of the journal are untold"
    states = {str(one.id): one for one in bench.orders()}
    for magic, stage in journal.stages.items():
        order = states.get(magic)
        if order is None:
            yield f"the journal has order {magic}, which is nobody's"
        elif order.state in ORDER_ENDS and stage not in (CLOSED, LOOKUP):
            yield f"order {magic} is {order.state}, at stage {stage} in the journal"
        elif order.state in _RESTS and stage == CLOSED:
            yield f"order {magic} is {order.state}, and over in the journal"


def _reports(bench: WatchedBench) -> Iterator[str]:
    rows = Report.objects.filter(account=bench.desk.account)
    for instance in rows.order_by("instance").values_list("instance", flat=True).distinct():
        seqs = sorted(rows.filter(instance=instance).values_list("seq", flat=True))
        if seqs != list(range(seqs[0], seqs[0] + len(seqs))):
            yield f"numbers are missing among the {len(seqs)} reports of {instance}"
