"""Amends of entries, until the broker shows what was asked for or the entry is over.

An amend is done by the values that the heartbeat tells, never by a report alone. What the entry has
become a position without is asked of the position.
"""

from datetime import timedelta
from itertools import takewhile

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from execution.models import BrokerAccount, Order, Position, SymbolMap
from execution.rules import states
from execution.rules.asking_again import DEAL_COMES_WITHIN, ask_again_at
from execution.selectors.resting import amends_of, levels_of, levels_told
from execution.selectors.shares import fill_last
from execution.selectors.terminals import terminal_books
from execution.selectors.trades import held_by_entry
from execution.services.accounts import account_lock
from execution.services.amends import (
    ACTOR,
    amend_joined,
    amend_position,
    position_is_amended,
    says_stops,
)
from execution.services.asking_again import attempt_of, risk_settle, risk_stands
from execution.services.orders import order_move, order_on_entry
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of

# An amend that was handed to nobody for so long is told to people.
HANDED_OUT_WITHIN = timedelta(seconds=60)


def amends_follow_all() -> int:
    """Look at every entry that amends are about; return how many orders that made.

    Only what is not over is read: a deal that ends an entry is followed when it comes.
    """
    live = Order.objects.exclude(state__in=states.ORDER_ENDS)
    amends = Order.objects.filter(target_order=OuterRef("id"), verb="amend")
    amended = live.filter(target_order__isnull=False).values_list("target_order_id", flat=True)
    entries = {*amended, *live.filter(Exists(amends), verb="entry").values_list("id", flat=True)}
    return sum(amends_follow(entry_id=entry_id) for entry_id in sorted(filter(None, entries)))


@transaction.atomic
def amends_follow(*, entry_id: int) -> int:
    """Order anew what is due of the amends of one entry; return how many orders that made."""
    account = account_lock(Order.objects.values_list("account_id", flat=True).get(id=entry_id))
    if not (amends := amends_of(entry_id)):
        return 0
    entry = Order.objects.get(id=entry_id)
    entry.account = account
    positions = [held.position for held in held_by_entry(entry)]
    made = sum(_carry_over(account, entry, amends, one) for one in positions)
    if entry.has_ended:
        if positions or _is_over(entry):
            _withdraw(entry)
        return made
    return made + _ask_again(account, entry, _newest(amends))


def _newest(amends: list[Order]) -> list[Order]:
    """Return the attempts of the newest decision: it asks for all that those before it did."""
    return [one for one in amends if one.decision_id == amends[-1].decision_id]


def _is_over(entry: Order) -> bool:
    """Whether no deal of it is to be waited for."""
    return now() >= (entry.state_at or entry.staged_at) + DEAL_COMES_WITHIN


def _carry_over(
    account: BrokerAccount, entry: Order, amends: list[Order], position: Position
) -> int:
    """What the entry was filled without is asked of its position, once for each decision."""
    if position.order_id != entry.id:
        return _carry_over_joined(account, entry, amends, position)
    made = 0
    for amend in amends:
        decision = amend.decision
        if decision is None or not says_stops(decision) or _is_asked(decision.id, position):
            continue
        if position_is_amended(decision=decision, account=account, position=position):
            continue
        amend_position(decision=decision, account=account, position=position, actor=ACTOR)
        made += 1
    return made


def _carry_over_joined(
    account: BrokerAccount, entry: Order, amends: list[Order], position: Position
) -> int:
    """Its fill brought the stop and target that the broker knew to a netting position.

    The newest amend says all that they should be. What the same decision has set before the fill
    is gone, so it is set again.
    """
    amend, fill = amends[-1], fill_last(entry, position)
    missing = takewhile(lambda one: one.state != states.DONE, reversed(amends))
    if fill is None or not any(one.decision and says_stops(one.decision) for one in missing):
        return 0
    asked = _asked(amend.decision_id, position).order_by("attempt").last()
    if asked is not None and not (
        asked.state == states.DONE and asked.ended_at and asked.ended_at <= fill.recorded_at
    ):
        return 0
    attempt = asked.attempt + 1 if asked else 1
    amend_joined(amend=amend, account=account, fill=fill, position=position, attempt=attempt)
    return 1


def _is_asked(decision_id: int, position: Position) -> bool:
    return _asked(decision_id, position).exists()


def _asked(decision_id: int | None, position: Position) -> QuerySet[Order]:
    rows = Order.objects.filter(decision=decision_id, account=position.account_id)
    return rows.filter(position_ticket=position.position_ticket)


def _withdraw(entry: Order) -> None:
    """What waits for an entry that is over is handed to nobody any more."""
    for amend in Order.objects.filter(target_order=entry, state=states.STAGED):
        order_move(order=amend, new=states.CANCELLED, actor=ACTOR, reason="entry_is_over")


def _ask_again(account: BrokerAccount, entry: Order, chain: list[Order]) -> int:
    first, last = chain[0], chain[-1]
    if _is_shown(account, entry, last):
        # One that shall be cancelled stands there for that.
        if entry.state != states.CANCEL_REQUESTED:
            risk_settle(subject_of(Order, entry.id), "The broker shows what was asked for.")
        return 0
    if last.state == states.STAGED and now() > last.staged_at + HANDED_OUT_WITHIN:
        risk_stands(order=last, note=_why_it_waits(account, entry, last))
    due = ask_again_at([attempt_of(one) for one in chain], opens_at=None, closes_at_once=True)
    if due is None or due > now() or first.decision is None:
        return 0
    order_on_entry(
        decision=first.decision,
        entry=entry,
        actor=ACTOR,
        levels=levels_of(first),
        attempt=last.attempt + 1,
    )
    risk_stands(order=last, note=f"attempt {last.attempt} is {last.state}; asked again")
    return 1


def _is_shown(account: BrokerAccount, entry: Order, amend: Order) -> bool:
    """Whether the last heartbeat shows the entry resting where the amend wants it."""
    books = terminal_books(account_id=account.id)
    pendings = books.pendings if books else None
    told = [one for one in (pendings or {}).values() if one.magic == entry.id]
    symbol = SymbolMap.objects.filter(account=account, broker_symbol=entry.broker_symbol).first()
    if len(told) != 1 or symbol is None or not symbol.tick_size:
        return False
    return levels_of(amend).is_at(levels_told(told[0]), tick=symbol.tick_size)


def _why_it_waits(account: BrokerAccount, entry: Order, amend: Order) -> str:
    reads = account.instance_minor
    if amend.needs_minor > reads:
        return f"it needs an executor of minor {amend.needs_minor}; the account's reads {reads}"
    return f"it waits for order {entry.id}, which is {entry.state}"
