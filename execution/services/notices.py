"""What an executor tells beyond orders: deals that were deleted, and what a person should know."""

from execution.models import BrokerAccount, Deal, Report
from execution.selectors.deals import deal_latest
from execution.services.deals import DealUnderstood, deal_record, deal_understand
from execution.wire import DELETED_KIND, ExecutionReport, ReportedDeal
from execution.wire.fields import Ticket
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open


def notice_take(report: Report, facts: ExecutionReport) -> None:
    """Open the account's incident, or keep it open with the newest words."""
    incident_open(
        kind=kinds.EXECUTOR_NOTICE,
        subject=subject_of(BrokerAccount, report.account_id),
        note=f"{facts.code}: {facts.message}"[:500],
        trace_id=report.trace_id,
    )


def deal_told(
    *, report: Report, account: BrokerAccount, understood: DealUnderstood, actor: str
) -> tuple[bool, str]:
    """Record a deal, whose deletion may have been told before. Call under the account's lock.

    Returns whether it counts as it says, and why not. A deletion is the last word on a ticket:
    brokers do not use one twice, so a deal that comes after it was on its way for longer.
    """
    ticket = understood.facts.ticket
    deletion = Report.objects.filter(account=account, deal_ticket=ticket).first()
    known = None if deletion is None else deal_latest(account_id=account.id, ticket=ticket)
    if known is not None:
        return False, "deal_is_deleted"
    deal_record(report=report, account=account, understood=understood, actor=actor)
    if deletion is not None:
        deal_delete(report=deletion, account=account, actor=actor)
    if understood.held_for:
        return False, f"deal_held_{understood.held_for}"
    if understood.matched.refusal:
        return False, "deal_not_of_order"
    return True, ""


def deal_delete(*, report: Report, account: BrokerAccount, actor: str) -> tuple[bool, str]:
    """Reverse all that followed from a deal that the broker took out of its history.

    It is its last revision, of no volume and no money: whoever folds or posts deals reverses the
    former one by that. Of a deal that is not known yet the report is kept, for when it comes.
    Returns whether anything moved, and why not. Call under the account's lock.
    """
    assert report.deal_ticket is not None
    known = deal_latest(account_id=account.id, ticket=report.deal_ticket)
    incident_open(
        kind=kinds.DEAL_DELETED,
        subject=subject_of(BrokerAccount, account.id),
        note=f"the broker deleted deal {report.deal_ticket}"
        + ("" if known else ", which was not told yet"),
        trace_id=known.trace_id if known else report.trace_id,
    )
    if known is None:
        return False, "deal_not_known"
    if known.kind == DELETED_KIND:
        return False, "deal_is_deleted"
    understood = deal_understand(account=account, facts=_emptied(known), received_at=now())
    deal_record(report=report, account=account, understood=understood, actor=actor)
    return True, ""


def _emptied(deal: Deal) -> ReportedDeal:
    """The revision that leaves nothing of a deal but its ticket, its time and where it counted."""
    return ReportedDeal(
        ticket=Ticket(deal.ticket),
        kind_told=DELETED_KIND,
        time_msc=deal.time_msc,
        broker_offset_seconds=deal.broker_offset_seconds,
        position_ticket=Ticket(deal.position_ticket),
        symbol=deal.symbol,
    )
