"""Deals: stored once per revision, linked to their order, then folded into their position."""

from django.db import transaction

from execution.models import BrokerAccount, Deal, Order, Position, Report, SymbolMap
from execution.rules import states
from execution.selectors.deals import FilledLots, deal_latest
from execution.services.accounts import account_halt_by_rule
from execution.services.exits import exit_stage_waiting
from execution.services.orders import order_move
from execution.services.positions import position_fold
from execution.wire import DEAL_COLUMNS, ReportedDeal
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from fusion_project.text.canonical import canonical_sha256

TRADING_KINDS = ("buy", "sell")
OPENING = ("in", "inout")


@transaction.atomic
def deal_record(
    *, report: Report, account: BrokerAccount, facts: ReportedDeal, actor: str
) -> Deal | None:
    """Store a deal under the account's lock; None if the latest revision says the same.

    A known ticket with other content is a restated deal: next revision and an incident.
    """
    sha256 = canonical_sha256(facts.content())
    known = deal_latest(account_id=account.id, ticket=facts.ticket)
    if known is not None and known.content_sha256 == sha256:
        return None
    order = _order_of(account, facts)
    deal = _deal_store(report, account, facts, order, sha256, known, actor)
    if known is not None:
        _restated(deal, known)
    if facts.magic and order is None and not _is_own_position(account, facts):
        _orphan(deal)
    if order is not None:
        _order_fill(order, deal, actor)
    for ticket in _tickets(deal, known):
        position_fold(account=account, position_ticket=ticket, actor=actor)
    _close_what_was_closed(account, deal, order, actor)
    return deal


def _order_of(account: BrokerAccount, facts: ReportedDeal) -> Order | None:
    """Return the order that this deal fills; the broker's own stop bears the entry's magic too."""
    if not facts.magic or facts.kind not in TRADING_KINDS:
        return None
    opens = facts.entry in OPENING
    rows = Order.objects.filter(id=facts.magic, account=account)
    rows = rows.filter(verb="entry") if opens else rows.filter(verb__in=["exit", "partial_exit"])
    return rows.first()


def _deal_store(
    report: Report,
    account: BrokerAccount,
    facts: ReportedDeal,
    order: Order | None,
    sha256: str,
    known: Deal | None,
    actor: str,
) -> Deal:
    symbol = SymbolMap.objects.filter(account=account, broker_symbol=facts.symbol).first()
    deal = Deal.objects.create(
        account=account,
        revision=known.revision + 1 if known else 1,
        kind=facts.kind,
        kind_raw=facts.kind_raw,
        instrument=symbol.instrument if symbol else facts.symbol,
        at=facts.at,
        order=order,
        report=report,
        content_sha256=sha256,
        trace_id=report.trace_id,
        recorded_at=now(),
        **{name: getattr(facts, name) for name in DEAL_COLUMNS},
    )
    record(
        names.DEAL_RECORDED,
        subject=subject_of(Deal, deal.id),
        trace_id=deal.trace_id,
        actor=actor,
        detail={
            "account_id": account.id,
            "ticket": str(deal.ticket),
            "revision": deal.revision,
            "position_ticket": str(deal.position_ticket),
            "kind": deal.kind,
            "entry": deal.entry,
        },
    )
    return deal


def _order_fill(order: Order, deal: Deal, actor: str) -> None:
    """The deal is the truth: it fills its order whatever the fence, also an unknown one."""
    was = order.state
    _order_add_up(order.id)
    order.refresh_from_db()
    filled = order.filled_lots
    is_full = filled >= order.volume_lots
    new = states.FILLED if is_full else states.PARTIALLY_FILLED
    if new != was:
        order_move(order=order, new=new, actor=actor)
    odd = was in (states.STAGED, states.REJECTED, states.EXPIRED)
    if odd or (order.verb == "entry" and filled > order.volume_lots):
        account_halt_by_rule(
            account_id=order.account_id,
            kind=kinds.DEAL_UNEXPECTED if odd else kinds.ORDER_OVERFILLED,
            note=f"deal {deal.ticket} for order {order.id}, which was {was}, "
            f"{filled} of {order.volume_lots} lots",
            trace_id=order.trace_id,
        )


def _order_add_up(order_id: int) -> None:
    Order.objects.filter(id=order_id).update(filled_lots=FilledLots("id"))


def _close_what_was_closed(
    account: BrokerAccount, deal: Deal, order: Order | None, actor: str
) -> None:
    entry = order if order is not None and order.verb == "entry" else None
    if entry is None:
        position = (
            Position.objects.filter(
                account=account, position_ticket=deal.position_ticket, order__isnull=False
            )
            .select_related("order")
            .first()
        )
        entry = position.order if position else None
    if entry is not None and entry.is_closed_down:
        exit_stage_waiting(order_id=entry.id, actor=actor)


def _tickets(deal: Deal, known: Deal | None) -> list[int]:
    """A restated deal may also have left the position it was counted in."""
    before = known.position_ticket if known else 0
    return sorted({ticket for ticket in (deal.position_ticket, before) if ticket})


def _is_own_position(account: BrokerAccount, facts: ReportedDeal) -> bool:
    """The broker's stop or target on a position of ours bears its entry order's magic."""
    return Order.objects.filter(id=facts.magic, account=account).exists()


def _restated(deal: Deal, known: Deal) -> None:
    """What the deal no longer fills is less filled; where an order has got to, it stays."""
    if known.order_id is not None and known.order_id != deal.order_id:
        _order_add_up(known.order_id)
    incident_open(
        kind=kinds.DEAL_RESTATED,
        subject=subject_of(BrokerAccount, deal.account_id),
        note=f"the broker changed deal {deal.ticket}; revision {deal.revision} is stored",
        trace_id=deal.trace_id,
    )


def _orphan(deal: Deal) -> None:
    account_halt_by_rule(
        account_id=deal.account_id,
        kind=kinds.DEAL_ORPHANED,
        note=f"deal {deal.ticket} names order {deal.magic}, which this database never staged",
        trace_id=deal.trace_id,
    )
