"""Execution reports: stored as facts whatever their fence; the fence decides if an order moves."""

import hashlib
from typing import Any

from django.db import transaction

from execution.errors import ReportConflict
from execution.models import BrokerAccount, Order, Position, Report
from execution.rules import states
from execution.rules.messages import ExecutorCaller, ReportVerdict
from execution.rules.retcodes import retcode_name
from execution.selectors.deals import deal_latest
from execution.services.accounts import account_halt_by_rule, account_lock
from execution.services.exits import exit_stage_waiting
from execution.services.notices import deal_delete, deal_told, notice_take
from execution.services.orders import order_move
from execution.traces import trace_mint
from execution.wire import DEAL_DELETED_KIND, NOTICE_KIND, STATE_KINDS, ExecutionReport
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open


def report_record(
    *, caller: ExecutorCaller, facts: ExecutionReport, raw: str, instance: str
) -> ReportVerdict:
    """Take one report in its own transaction; the same id again is a duplicate.

    `raw` is its text as it came. An id that comes again with other content is refused and opens
    an incident.
    """
    try:
        return _report_record(caller, facts, raw, instance)
    except ReportConflict as conflict:
        incident_open(
            kind=kinds.REPORT_CONFLICT,
            subject=subject_of(BrokerAccount, caller.account_id),
            note=f"report {facts.report_id} came again with other content",
            trace_id=trace_mint(),
        )
        return ReportVerdict(facts.report_id, "refused", reason=conflict.code)


@transaction.atomic
def _report_record(
    caller: ExecutorCaller, facts: ExecutionReport, raw: str, instance: str
) -> ReportVerdict:
    account = account_lock(caller.account_id)
    sha256 = hashlib.sha256(raw.encode()).hexdigest()
    known = Report.objects.filter(account=account, report_id=facts.report_id).first()
    if known is not None:
        if known.raw_sha256 != sha256:
            raise ReportConflict(report_id=facts.report_id)
        return ReportVerdict(facts.report_id, "duplicate")
    order = _order_of(account, facts)
    columns = {"raw": raw, "raw_sha256": sha256, "instance": instance}
    report = _report_store(caller, account, facts, order, columns)
    if facts.deal is not None:
        applied, reason = deal_told(
            report=report, account=account, facts=facts.deal, actor=caller.actor
        )
        return ReportVerdict(facts.report_id, "stored", applied=applied, reason=reason)
    if facts.kind == DEAL_DELETED_KIND:
        applied, reason = deal_delete(report=report, account=account, actor=caller.actor)
        return ReportVerdict(facts.report_id, "stored", applied=applied, reason=reason)
    if facts.kind not in STATE_KINDS:
        _note_fact(report, order, facts)
        return ReportVerdict(facts.report_id, "stored")
    if order is None:
        return ReportVerdict(facts.report_id, "stored", reason="order_not_known")
    return _order_apply(caller, report, order, facts)


def _order_of(account: BrokerAccount, facts: ExecutionReport) -> Order | None:
    order_id = facts.order_id or (facts.deal.magic if facts.deal else 0)
    return Order.objects.filter(id=order_id, account=account).first() if order_id else None


def _report_store(
    caller: ExecutorCaller,
    account: BrokerAccount,
    facts: ExecutionReport,
    order: Order | None,
    columns: dict[str, str],
) -> Report:
    is_current = None if order is None or facts.fence is None else order.fence == facts.fence
    report = Report.objects.create(
        account=account,
        report_id=facts.report_id,
        seq=facts.seq,
        kind=facts.kind,
        order=order,
        fence=facts.fence,
        fence_was_current=is_current,
        retcode=facts.retcode,
        broker_order_ticket=facts.broker_order_ticket or 0,
        deal_ticket=facts.deal_ticket,
        message=facts.message,
        trace_id=_trace_of(account, facts, order),
        received_at=now(),
        **columns,
    )
    record(
        names.REPORT_RECEIVED,
        subject=subject_of(Report, report.id),
        trace_id=report.trace_id,
        actor=caller.actor,
        detail={
            "account_id": account.id,
            "report_id": report.report_id,
            "kind": report.kind,
            "order_id": str(order.id) if order else "",
            "fence": report.fence,
            "fence_is_current": is_current,
            "retcode": report.retcode,
            "retcode_name": retcode_name(report.retcode),
            "message": report.message,
        },
    )
    return report


def _trace_of(account: BrokerAccount, facts: ExecutionReport, order: Order | None) -> str:
    if order is not None:
        return order.trace_id
    if facts.deal_ticket is not None:
        known = deal_latest(account_id=account.id, ticket=facts.deal_ticket)
        return known.trace_id if known else trace_mint()
    ticket = facts.deal.position_ticket if facts.deal else 0
    position = (
        Position.objects.filter(account=account, position_ticket=ticket).first() if ticket else None
    )
    return position.trace_id if position else trace_mint()


def _order_apply(
    caller: ExecutorCaller, report: Report, order: Order, facts: ExecutionReport
) -> ReportVerdict:
    """Move the order for the holder of the current fence; a stale holder moves nothing."""
    if not report.fence_was_current:
        return ReportVerdict(facts.report_id, "stored", reason="stale_fence")
    new = _new_state(order, facts.kind)
    columns: dict[str, Any] = {"retcode": facts.retcode, "message": facts.message}
    if new == states.ACKNOWLEDGED:
        columns["acknowledged_at"] = report.received_at
    if new == states.STAGED:
        columns |= {"lease_until": None, "lease_key": None, "instance": ""}
    if facts.kind in ("rejected", "never_sent"):
        columns["reason"] = retcode_name(facts.retcode) or facts.message[:64] or facts.kind
    moved = order_move(order=order, new=new, actor=caller.actor, fence=facts.fence, **columns)
    if not moved:
        return ReportVerdict(facts.report_id, "stored", reason=f"order_is_{order.state}")
    _after_move(order, caller.actor)
    return ReportVerdict(facts.report_id, "stored", applied=True)


def _new_state(order: Order, kind: str) -> str:
    """Never sent goes back to the queue, unless somebody asked to cancel it meanwhile."""
    if kind == "never_sent" and (
        order.state == states.CANCEL_REQUESTED or order.closing_decision_id is not None
    ):
        return states.CANCELLED
    return STATE_KINDS[kind]


def _after_move(order: Order, actor: str) -> None:
    if order.verb == "amend" and order.state == states.DONE:
        Position.objects.filter(
            account_id=order.account_id, position_ticket=order.position_ticket
        ).update(sl=order.sl, tp=order.tp)
    if order.verb == "entry" and order.state in (states.REJECTED, states.EXPIRED):
        _check_no_deal(order)
    if order.verb == "entry" and order.has_ended:
        exit_stage_waiting(order_id=order.id, actor=actor)


def _check_no_deal(order: Order) -> None:
    if order.filled_lots:
        account_halt_by_rule(
            account_id=order.account_id,
            kind=kinds.DEAL_UNEXPECTED,
            note=f"order {order.id} is {order.state} but has deals",
            trace_id=order.trace_id,
        )


def _note_fact(report: Report, order: Order | None, facts: ExecutionReport) -> None:
    """An unknown order that the broker does not know either waits for a person."""
    if report.kind == NOTICE_KIND:
        notice_take(report, facts)
    if report.kind == "lookup_absent" and order is not None and order.state == states.UNKNOWN:
        incident_open(
            kind=kinds.ORDER_UNRESOLVED,
            subject=subject_of(Order, order.id),
            note="the broker shows neither order nor deal; decide what became of it",
            trace_id=order.trace_id,
        )
