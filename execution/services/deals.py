"""Deals: stored once per revision, linked to their order, then folded into their position."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from msgspec.structs import replace

from execution.models import BrokerAccount, Deal, Order, Report, SymbolMap
from execution.rules.broker_time import why_it_cannot_be
from execution.selectors.broker_time import moment_of
from execution.selectors.deals import deal_as_reported, deal_revisions
from execution.selectors.matching import DealMatch, deal_match
from execution.selectors.resting import is_amended
from execution.services.accounts import account_halt_by_rule
from execution.services.amends_followed import amends_follow
from execution.services.exits import exit_stage_waiting
from execution.services.fills import order_add_up, order_fill
from execution.services.numbering import order_numbers_pass
from execution.services.positions import position_fold
from execution.wire import DEAL_COLUMNS, DELETED_KIND, ReportedDeal
from fusion_project.events import names
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.text.canonical import canonical_sha256

MOMENT, ORPHAN = "moment", "orphan"


@dataclass(frozen=True, slots=True)
class DealUnderstood:
    """A told deal put into UTC, and whose it is. `held_for`: why it counts nowhere, or ''."""

    facts: ReportedDeal
    received_at: datetime
    at_is_sure: bool
    matched: DealMatch
    held_for: str = ""
    words: str = ""


def deal_understand(
    *,
    account: BrokerAccount,
    facts: ReportedDeal,
    received_at: datetime,
    claimed_id: int = 0,
    magic_is_foreign: bool = False,
) -> DealUnderstood:
    """Return what a deal that is told now means here. Call under the account's lock.

    `claimed_id`: the order that its report names. `magic_is_foreign`: a person has said that its
    number is none of ours.
    """
    moment = moment_of(account=account, deal=facts, received_at=received_at)
    facts = replace(facts, broker_offset_seconds=moment.offset_seconds)
    words = why_it_cannot_be(facts.at, received_at=received_at)
    if words:
        return DealUnderstood(facts, received_at, moment.is_sure, DealMatch(), MOMENT, words)
    if magic_is_foreign:
        return DealUnderstood(facts, received_at, moment.is_sure, DealMatch())
    matched = deal_match(
        account=account, deal=facts, claimed_id=claimed_id, time_is_sure=moment.is_sure
    )
    if matched.is_orphan and not _is_known_as_foreign(account, facts.magic):
        words = f"it names order {facts.magic}, which this database never staged"
        return DealUnderstood(facts, received_at, moment.is_sure, matched, ORPHAN, words)
    return DealUnderstood(facts, received_at, moment.is_sure, matched)


def _is_known_as_foreign(account: BrokerAccount, magic: int) -> bool:
    """A person has released a deal of this number as somebody else's."""
    return Deal.objects.filter(account=account, magic=magic, held_for="", revision__gt=1).exists()


@transaction.atomic(savepoint=False)
def deal_record(
    *, report: Report, account: BrokerAccount, understood: DealUnderstood, actor: str
) -> Deal | None:
    """Store a deal under the account's lock; None if the latest revision says the same.

    A known ticket with other content is a restated deal: next revision and an incident. One that
    bears an order's number and cannot be its is a fact of the account. What is held counts nowhere
    until a later revision does: one that is told right, or that a person has released.
    """
    facts, matched = understood.facts, understood.matched
    revisions = deal_revisions(account_id=account.id, ticket=facts.ticket)
    known = revisions[0] if revisions else None
    if known is not None and _is_no_news(report, known, understood):
        return None
    counted = next((one for one in revisions if not one.held_for), None)
    deal = _deal_store(report, account, understood, known, actor)
    if matched.order is None:
        order_numbers_pass(magic=facts.magic)
    if deal.held_for:
        _hold(deal, understood.words)
        return deal
    if known is not None:
        _restated(deal, known, counted)
    if matched.refusal:
        _halt(
            deal,
            kinds.DEAL_MISMATCHED,
            f"deal {deal.ticket} names order {deal.magic} and cannot be its: {matched.refusal}",
        )
    if matched.filled is not None and matched.match is not None:
        order_fill(order=matched.filled, deal=deal, match=matched.match, actor=actor)
    for ticket in _tickets(deal, counted):
        position_fold(account=account, position_ticket=ticket, actor=actor)
    if matched.filled is not None and is_amended(matched.filled):
        amends_follow(entry_id=matched.filled.id)
    _close_what_was_closed(account, deal, actor)
    return deal


def _is_no_news(report: Report, known: Deal, understood: DealUnderstood) -> bool:
    """The latest revision says the same, or was told later than this."""
    if known.held_for and not understood.held_for:
        return False
    if understood.facts.kind == DELETED_KIND:
        return known.kind == DELETED_KIND
    # By what is stored: what is compared has grown since some deals were hashed.
    told, stored = understood.facts.content(), deal_as_reported(known).content()
    says_the_same = canonical_sha256(told) == canonical_sha256(stored)
    return says_the_same or _was_told_before(report, known)


def _was_told_before(report: Report, known: Deal) -> bool:
    """Its report was made before the one that told the latest revision, and came in after it.

    An instance that has begun to count anew tells numbers that it has told before.
    """
    if report.instance != known.report.instance or report.seq >= known.report.seq:
        return False
    same = Report.objects.filter(
        account_id=report.account_id, instance=report.instance, seq=report.seq
    )
    return not same.exclude(id=report.id).exists()


def _hold(deal: Deal, words: str) -> None:
    """Stop entries until a person has looked: the broker's books have what ours leave out."""
    note = f"deal {deal.ticket} is held and counts nowhere: {words}"
    if deal.held_for == ORPHAN:
        _halt(deal, kinds.DEAL_ORPHANED, note)
        return
    incident_open(
        kind=kinds.DEAL_HELD,
        subject=subject_of(Deal, deal.id),
        note=note[:500],
        trace_id=deal.trace_id,
    )


def _halt(deal: Deal, kind: str, note: str) -> None:
    account_halt_by_rule(
        account_id=deal.account_id, kind=kind, note=note[:500], trace_id=deal.trace_id
    )


def _deal_store(
    report: Report,
    account: BrokerAccount,
    understood: DealUnderstood,
    known: Deal | None,
    actor: str,
) -> Deal:
    facts = understood.facts
    symbol = SymbolMap.objects.filter(account=account, broker_symbol=facts.symbol).first()
    deal = Deal.objects.create(
        account=account,
        revision=known.revision + 1 if known else 1,
        kind=facts.kind,
        kind_raw=facts.kind_raw,
        instrument=symbol.instrument if symbol else facts.symbol,
        at=facts.at,
        at_is_sure=understood.at_is_sure,
        held_for=understood.held_for,
        order=None if understood.held_for else understood.matched.filled,
        report=report,
        content_sha256=canonical_sha256(facts.content()),
        trace_id=report.trace_id,
        recorded_at=understood.received_at,
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


def _close_what_was_closed(account: BrokerAccount, deal: Deal, actor: str) -> None:
    """Stage the exits of entries whose trade is over, and which have opened of this position."""
    if not deal.position_ticket:
        return
    entries = Order.objects.filter(
        Q(closing_decision__isnull=False) | Q(closing_request__isnull=False),
        account=account,
        verb="entry",
        deals__account=account,
        deals__position_ticket=deal.position_ticket,
    )
    for order_id in sorted(set(entries.values_list("id", flat=True))):
        exit_stage_waiting(order_id=order_id, actor=actor)


def _tickets(deal: Deal, counted: Deal | None) -> list[int]:
    """A restated deal may also have left the position it was counted in."""
    before = counted.position_ticket if counted else 0
    return sorted({ticket for ticket in (deal.position_ticket, before) if ticket})


def _restated(deal: Deal, known: Deal, counted: Deal | None) -> None:
    """What the deal no longer fills is less filled; where an order has got to, it stays."""
    if known.held_for:
        settled = Deal.objects.filter(account_id=deal.account_id, ticket=deal.ticket)
        for held in settled.exclude(held_for=""):
            incident_settle(
                kind=kinds.DEAL_HELD,
                subject=subject_of(Deal, held.id),
                note=f"revision {deal.revision} of deal {deal.ticket} counts.",
            )
    if counted is None:
        return
    if counted.order_id is not None and counted.order_id != deal.order_id:
        order_add_up(counted.order_id)
    incident_open(
        kind=kinds.DEAL_RESTATED,
        subject=subject_of(BrokerAccount, deal.account_id),
        note=f"the broker changed deal {deal.ticket}; revision {deal.revision} is stored",
        trace_id=deal.trace_id,
    )
