"""A person's word: what became of an unknown order, and what a held deal is."""

from datetime import datetime

from django.db import transaction
from msgspec.structs import replace

from execution.errors import DealNotHeld, NoteMissing
from execution.models import BrokerAccount, Deal, Order
from execution.selectors.broker_time import account_zone
from execution.selectors.deals import deal_as_reported, deal_latest, deals_held
from execution.services.accounts import account_lock
from execution.services.deals import MOMENT, ORPHAN, deal_record, deal_understand
from execution.services.exits import exit_stage_waiting
from execution.services.orders import order_resolve_unknown
from execution.wire import ReportedDeal
from execution.wire.fields import Ticket
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_settle


@transaction.atomic
def order_resolve(*, order_id: int, outcome: str, note: str, actor: str) -> Order:
    """Take a person's word on an unknown order, and do what follows from it.

    Raises NoteMissing, OrderNotMovable, OrderNotUnknown. A deal that comes later still counts; what
    lowers risk and was not done is asked again.
    """
    order = order_resolve_unknown(order_id=order_id, outcome=outcome, note=note, actor=actor)
    incident_settle(
        kind=kinds.ORDER_UNRESOLVED,
        subject=subject_of(Order, order.id),
        note=f"{actor} says that it is {outcome}: {note.strip()}"[:500],
    )
    if order.verb == "entry":
        exit_stage_waiting(order_id=order.id, actor=actor)
    return order


@transaction.atomic
def deal_release(
    *,
    account_id: int,
    ticket: int,
    actor: str,
    note: str,
    at: datetime | None = None,
    order_id: int | None = None,
) -> Deal:
    """Let a held deal count: as its next revision, with what a person has found out.

    `at`: when it happened, where its time cannot be right. An orphan is `order_id`'s, or without
    one a trade of somebody else's, and so is what bears its number later. Raises NoteMissing,
    DealNotHeld (also where it would be held again, or cannot be the order's).
    """
    if not note.strip():
        raise NoteMissing
    account = account_lock(account_id)
    held = deal_latest(account_id=account_id, ticket=ticket)
    if held is None or not held.held_for:
        raise DealNotHeld(f"deal {ticket} is not held on this account")
    facts = _corrected(account, held, at, order_id)
    understood = deal_understand(
        account=account,
        facts=facts,
        received_at=now(),
        magic_is_foreign=held.held_for == ORPHAN and order_id is None,
    )
    if understood.held_for or understood.matched.refusal:
        why = understood.words or understood.matched.refusal
        raise DealNotHeld(f"deal {ticket} cannot count so: {why}")
    deal = deal_record(report=held.report, account=account, understood=understood, actor=actor)
    assert deal is not None  # what was held and is not any more is news
    _settle(account, held, f"{actor}: {note.strip()}"[:500])
    return deal


def _corrected(
    account: BrokerAccount, held: Deal, at: datetime | None, order_id: int | None
) -> ReportedDeal:
    facts = deal_as_reported(held)
    if held.held_for == MOMENT:
        if at is None:
            raise DealNotHeld(f"deal {held.ticket} has no time that can be: say when it was")
        zone = account_zone(account)
        offset = held.broker_offset_seconds if zone is None else zone.offset_at_utc(at)
        facts = replace(
            facts,
            time_msc=int(at.timestamp() * 1000) + offset * 1000,
            broker_offset_seconds=offset,
        )
    return facts if order_id is None else replace(facts, magic=Ticket(order_id))


def _settle(account: BrokerAccount, held: Deal, note: str) -> None:
    """The orphans' incident is the account's: it stands while one is left."""
    incident_settle(kind=kinds.DEAL_HELD, subject=subject_of(Deal, held.id), note=note)
    orphans = [one for one in deals_held(account_id=account.id) if one.held_for == ORPHAN]
    if not orphans:
        incident_settle(
            kind=kinds.DEAL_ORPHANED, subject=subject_of(BrokerAccount, account.id), note=note
        )
