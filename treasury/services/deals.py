"""Deals → entries: what the handler `treasury.post_deals` and a retry by a person both call."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from execution.models import BrokerAccount, Deal
from execution.selectors.deals import deal_as_reported
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from treasury.errors import LedgerRefused
from treasury.models import DealPosting
from treasury.rules import states
from treasury.rules.drafts import EntryDraft
from treasury.rules.posting import DealRevision, Nothing, Posting, Quarantine, postings_for_ticket
from treasury.services.ledger import accounts_ensure, currency_ensure, post
from treasury.services.shortfalls import TicketDrafts, shortfall_drafts

Ticket = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: str
    entry_id: int | None
    reason: str


@transaction.atomic
def deals_post(*, deal_ids: Sequence[int], actor: str = "system") -> None:
    """Bring the ledger up to date with these deals and all other revisions of their tickets.

    One call of `post` for the whole batch; idempotent, and the same for any order of deals. What
    cannot be posted is quarantined with an incident and posted by a later call, once it can.
    """
    tickets = _tickets(deal_ids)
    try:
        _tickets_post(tickets, actor)
    except LedgerRefused:
        # One deal that the ledger refuses must not hold up the others of its batch.
        for ticket, revisions in tickets.items():
            _ticket_post_or_quarantine(ticket, revisions, actor)


def _tickets(deal_ids: Sequence[int]) -> dict[Ticket, list[DealRevision]]:
    wanted = set(Deal.objects.filter(id__in=deal_ids).values_list("account_id", "ticket"))
    # Each account once, however many of its deals there are.
    accounts = BrokerAccount.objects.in_bulk({account for account, _ in wanted})
    found = Deal.objects.filter(account_id__in=accounts, ticket__in={one for _, one in wanted})
    codes = sorted({one.currency for one in accounts.values()})
    scales = {code: currency_ensure(code=code).scale for code in codes}
    tickets: dict[Ticket, list[DealRevision]] = defaultdict(list)
    for deal in found.order_by("account_id", "ticket", "revision"):
        if (deal.account_id, deal.ticket) in wanted:
            account = accounts[deal.account_id]
            one = _revision(deal, account, scales[account.currency])
            tickets[deal.account_id, deal.ticket].append(one)
    return tickets


def _revision(deal: Deal, account: BrokerAccount, scale: int) -> DealRevision:
    return DealRevision(
        deal=deal_as_reported(deal),
        deal_id=deal.pk,
        source=subject_of(Deal, deal.pk),
        revision=deal.revision,
        server=account.server,
        login=account.login,
        book=account.book,
        currency=account.currency,
        scale=scale,
        trace_id=deal.trace_id,
        held_for=deal.held_for,
    )


@transaction.atomic
def _tickets_post(tickets: Mapping[Ticket, Sequence[DealRevision]], actor: str) -> None:
    postings: dict[int, Posting] = {}
    of_tickets: list[TicketDrafts] = []
    for (account_id, _), revisions in tickets.items():
        outcomes, ticket_drafts = postings_for_ticket(revisions)
        postings |= outcomes
        of_tickets.append(TicketDrafts(account_id, ticket_drafts))
    drafts = [draft for one in of_tickets for draft in one.drafts]
    drafts += shortfall_drafts(tickets=of_tickets)
    accounts_ensure(drafts=drafts)
    entries = {posted.idem_key: posted.id for posted in post(drafts=drafts, actor=actor)}
    _outcomes_store(
        {deal_id: _outcome(posting, entries) for deal_id, posting in postings.items()},
        {one.deal_id: one for revisions in tickets.values() for one in revisions},
    )


def _ticket_post_or_quarantine(
    ticket: Ticket, revisions: Sequence[DealRevision], actor: str
) -> None:
    try:
        _tickets_post({ticket: revisions}, actor)
    except LedgerRefused as refusal:
        held = _Outcome(states.QUARANTINED, None, f"{type(refusal).__name__}: {refusal}"[:300])
        _outcomes_store(
            {one.deal_id: held for one in revisions},
            {one.deal_id: one for one in revisions},
        )


def _outcome(posting: Posting, entries: Mapping[str, int]) -> _Outcome:
    match posting:
        case Quarantine(reason):
            return _Outcome(states.QUARANTINED, None, reason)
        case Nothing(reason):
            return _Outcome(states.NOTHING, None, reason)
        case EntryDraft():
            return _Outcome(states.POSTED, entries[posting.idem_key], "")


def _outcomes_store(
    outcomes: Mapping[int, _Outcome], revisions: Mapping[int, DealRevision]
) -> None:
    at = now()
    known = dict(DealPosting.objects.filter(deal_id__in=outcomes).values_list("deal_id", "state"))
    DealPosting.objects.bulk_create(
        [
            DealPosting(
                deal_id=deal_id, state=one.state, entry_id=one.entry_id, reason=one.reason, at=at
            )
            for deal_id, one in sorted(outcomes.items())
            if deal_id not in known
        ],
        ignore_conflicts=True,
    )
    for deal_id, one in sorted(outcomes.items()):
        if one.state == states.QUARANTINED and deal_id not in known:
            _incident_open(revisions[deal_id], one.reason)
        elif one.state != states.QUARANTINED and known.get(deal_id) == states.QUARANTINED:
            _quarantine_leave(deal_id, one)


def _incident_open(one: DealRevision, reason: str) -> None:
    incident_open(
        kind=kinds.DEAL_QUARANTINED,
        subject=one.source,
        note=f"deal {one.deal.ticket} revision {one.revision} is not posted: {reason}",
        trace_id=one.trace_id,
    )


def _quarantine_leave(deal_id: int, one: _Outcome) -> None:
    held = DealPosting.objects.filter(deal_id=deal_id, state=states.QUARANTINED)
    held.update(state=one.state, entry_id=one.entry_id, reason=one.reason, at=now())
    incident_settle(
        kind=kinds.DEAL_QUARANTINED,
        subject=subject_of(Deal, deal_id),
        note="posted by a later try",
    )


def deals_post_again(*, batch: int = 50, actor: str = "system") -> int:
    """Try every quarantined deal again, after a rule was added. Returns how many are left."""
    held = DealPosting.objects.filter(state=states.QUARANTINED)
    deal_ids = list(held.order_by("deal_id").values_list("deal_id", flat=True))
    for start in range(0, len(deal_ids), batch):
        deals_post(deal_ids=deal_ids[start : start + batch], actor=actor)
    return held.count()
