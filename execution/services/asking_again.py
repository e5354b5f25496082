"""What lowers risk ends only when the risk is gone: refused exits and amends are ordered anew.

Each attempt is an order of its own; the incident stands until the position is closed or as wanted.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, Model, OuterRef

from execution.models import BrokerAccount, Order, Position, SymbolMap
from execution.rules import states
from execution.rules.asking_again import Attempt, ask_again_at, lots_left
from execution.rules.prices import widens_stop
from execution.rules.sessions import session_opening
from execution.selectors.broker_time import account_offset
from execution.selectors.shares import lots_closable, trade_of
from execution.services.accounts import account_lock
from execution.services.exits import LOT_FALLBACK, exit_order_stage
from execution.services.orders import order_on_position
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of, subject_parse, subject_prefix
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.text.formats import plain_number

ACTOR = "system"
_NOT_DONE = (states.REJECTED, states.CANCELLED, states.EXPIRED, states.UNKNOWN)

Chain = list[Order]


def ask_again_all() -> int:
    """Order anew what is due; return how many orders that made."""
    asked = Order.objects.filter(
        account_id=OuterRef("account_id"), position_ticket=OuterRef("position_ticket")
    )
    rows = Position.objects.filter(Exists(asked), closed_at=None).order_by("id")
    rows = rows.select_related("account")
    # Most are as they were asked to be: nobody waits for a lock because of them.
    made = sum(_ask_again(position.id) for position in rows if not _is_as_wanted(position))
    for position in Position.objects.filter(id__in=_under_watch(Position)):
        if position.closed_at is not None or _is_as_wanted(position):
            _settle(subject_of(Position, position.id), "It is closed, or as it was asked to be.")
    for order in Order.objects.filter(id__in=_under_watch(Order)):
        if order.has_ended:
            _settle(subject_of(Order, order.id), f"It is {order.state}.")
    return made


def risk_stands(*, order: Order, note: str) -> None:
    """Tell people that a position, or an entry that waits, still risks what it should not."""
    position = Position.objects.filter(
        account_id=order.account_id, position_ticket=order.position_ticket, closed_at=None
    ).first()
    if order.position_ticket and position is None:
        return
    subject = subject_of(Order, order.id) if position is None else subject_of(Position, position.id)
    incident_open(
        kind=kinds.RISK_STANDS,
        subject=subject,
        note=f"order {order.id}, {order.verb} of {order.instrument}: {note}"[:500],
        trace_id=order.trace_id,
    )


def risk_check(order: Order) -> None:
    """Call after a report moved an order on a position: one that did not do all of it is told."""
    if order.verb == "entry" or order.is_refusal:
        return
    words = f"attempt {order.attempt} is {order.state} {order.reason}".rstrip()
    if order.state in _NOT_DONE:
        risk_stands(order=order, note=words)
    elif order.state == states.DONE and 0 < order.filled_lots < order.volume_lots:
        lots = f"{plain_number(order.filled_lots)} of {plain_number(order.volume_lots)} lots"
        risk_stands(order=order, note=f"{words}, {lots}")


@transaction.atomic
def _ask_again(position_id: int) -> int:
    account_id = Position.objects.values_list("account_id", flat=True).get(id=position_id)
    account = account_lock(account_id)
    position = Position.objects.get(id=position_id)
    if position.closed_at is not None:
        return 0
    moment = now()
    opens_at = _opens_at(account, position, moment)
    # A position is closed by its own number on a hedging account alone.
    by_number = account.margin_mode == "hedging"
    made = 0
    for chain in _chains_wanted(position):
        if _is_satisfied(chain, position):
            continue
        attempts = [_attempt(order) for order in chain]
        due = ask_again_at(attempts, opens_at=opens_at, closes_at_once=by_number)
        if due is not None and due <= moment:
            _order_anew(chain, attempts, position)
            made += 1
    return made


def _order_anew(chain: Chain, attempts: list[Attempt], position: Position) -> None:
    first, last = chain[0], chain[-1]
    cause = first.decision or first.request
    assert cause is not None
    if first.verb == "amend":
        order = order_on_position(
            cause=cause,
            position=position,
            actor=ACTOR,
            verb="amend",
            side=position.side,
            volume_lots=Decimal(0),
            attempt=last.attempt + 1,
            sl=first.sl,
            tp=first.tp,
        )
    else:
        order = exit_order_stage(
            cause=cause,
            position=position,
            lots=_lots_left(chain, position),
            actor=ACTOR,
            attempt=last.attempt + 1,
            trade=trade_of(first, position),
        )
    risk_stands(order=order, note=f"attempt {last.attempt} is {last.state}; asked again")


def _chains_wanted(position: Position) -> list[Chain]:
    """Return what is still wanted of the position: its newest exit, else each share and the newest
    amend, each with its attempts in their order.
    """
    rows = Order.objects.filter(
        account_id=position.account_id, position_ticket=position.position_ticket
    ).select_related("decision", "request")
    chains: dict[tuple[int | None, int | None], Chain] = {}
    for order in rows.exclude(verb="entry").order_by("id"):
        chains.setdefault((order.decision_id, order.request_id), []).append(order)
    found = [chain for chain in chains.values() if not chain[0].is_refusal]
    exits = [chain for chain in found if chain[0].verb == "exit"]
    if exits:
        return exits[-1:]
    amends = [chain for chain in found if chain[0].verb == "amend"]
    return [chain for chain in found if chain[0].verb == "partial_exit"] + amends[-1:]


def _is_satisfied(chain: Chain, position: Position) -> bool:
    """Whether the position is as the chain asks, or it is of another trade by now."""
    first = chain[0]
    if first.verb == "amend":
        return first.side != position.side or _is_amended(first, position)
    if first.side == position.side:
        return True
    left = _lots_left(chain, position)
    is_all = first.verb == "exit" and position.account.margin_mode == "hedging"
    return left < (Decimal(0) if is_all else _lot_min(position))


def _lots_left(chain: Chain, position: Position) -> Decimal:
    """What is still to be closed, of the trades alone that the exit was ordered for."""
    first = chain[0]
    asks_share = first.decision is not None and first.decision.verb == "partial_exit"
    is_share = asks_share and first.verb == "partial_exit"
    return lots_left(
        [_attempt(order) for order in chain], lots_closable(first, position), is_share=is_share
    )


def _is_amended(amend: Order, position: Position) -> bool:
    """The stop is where it was asked to be or tighter, the target where it was asked to be."""
    if amend.sl is not None and (
        position.sl is None or widens_stop(side=position.side, current=amend.sl, wanted=position.sl)
    ):
        return False
    return bool(amend.tp == position.tp)


def _is_as_wanted(position: Position) -> bool:
    return all(_is_satisfied(chain, position) for chain in _chains_wanted(position))


def _attempt(order: Order) -> Attempt:
    return Attempt(
        verb=order.verb,
        state=order.state,
        reason=order.reason,
        retcode=order.retcode,
        volume_lots=order.volume_lots,
        filled_lots=order.filled_lots,
        was_handed_out=order.fence > 0,
        moved_at=order.state_at or order.staged_at,
    )


def _lot_min(position: Position) -> Decimal:
    symbol = _symbol(position)
    lots = (symbol.lot_min or symbol.lot_step) if symbol else None
    return lots or LOT_FALLBACK


def _symbol(position: Position) -> SymbolMap | None:
    return SymbolMap.objects.filter(
        account_id=position.account_id, broker_symbol=position.broker_symbol
    ).first()


def _opens_at(account: BrokerAccount, position: Position, moment: datetime) -> datetime | None:
    """Return when the symbol is traded next, where its sheet and the broker's clock are known."""
    symbol, offset = _symbol(position), account_offset(account=account, at=moment)
    sessions = getattr(symbol, "sessions", None)
    if not sessions or offset is None:
        return None
    return session_opening(sessions, at=moment, offset_seconds=offset)


def _settle(subject: str, note: str) -> None:
    incident_settle(kind=kinds.RISK_STANDS, subject=subject, note=note)


def _under_watch(model: type[Model]) -> list[int]:
    """Return the rows that an open incident is about."""
    found = Incident.objects.filter(
        kind=kinds.RISK_STANDS, subject__startswith=subject_prefix(model), closed_at=None
    )
    return [subject_parse(subject).id for subject in found.values_list("subject", flat=True)]
