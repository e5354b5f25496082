"""Execution reports: stored as facts whatever their fence; the fence decides if an order moves."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import DataError, IntegrityError, transaction

from execution.errors import ReportConflict
from execution.models import BrokerAccount, Order, Position, Report
from execution.rules import states
from execution.rules.messages import ExecutorCaller, ReportVerdict
from execution.rules.retcodes import retcode_name
from execution.selectors.deals import deal_latest
from execution.selectors.terminals import terminal_tells_stops
from execution.services.accounts import account_lock
from execution.services.asking_again import risk_check, risk_stands
from execution.services.deals import deal_understand
from execution.services.exits import exit_stage_waiting
from execution.services.fills import order_contradicted, sums_check
from execution.services.instances import instance_remembers
from execution.services.notices import deal_delete, deal_told, notice_take
from execution.services.orders import order_move
from execution.traces import trace_mint
from execution.wire import (
    DEAL_DELETED_KIND,
    NOTICE_KIND,
    STATE_KINDS,
    ExecutionReport,
    ReportedDeal,
    WireError,
    report_id_guess,
    report_read,
    report_tells_deal,
)
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open

logger = logging.getLogger("fusion.execution")


@transaction.atomic
def reports_record(
    *, caller: ExecutorCaller, instance: str, minor: int, raws: Sequence[bytes]
) -> list[ReportVerdict]:
    """Take a batch from an executor of this minor: all of it is stored, or nothing.

    One odd report is refused with its reason and spoils no other.
    """
    return [_report_take(caller, instance, minor, raw) for raw in raws]


def _report_take(caller: ExecutorCaller, instance: str, minor: int, raw: bytes) -> ReportVerdict:
    try:
        facts, text = report_read(raw, minor)
    except WireError as error:
        return _refuse(caller, raw, str(error))
    try:
        return report_record(caller=caller, facts=facts, raw=text, instance=instance)
    except (IntegrityError, DataError) as error:
        logger.exception("a report contradicts what is stored")
        return _refuse(caller, raw, f"it contradicts what is stored: {type(error).__name__}")


def _refuse(caller: ExecutorCaller, raw: bytes, reason: str) -> ReportVerdict:
    """Tell staff of a deal that is refused: the broker's books have it, and ours do not."""
    report_id = report_id_guess(raw)
    if report_tells_deal(raw):
        incident_open(
            kind=kinds.REPORT_REFUSED,
            subject=subject_of(BrokerAccount, caller.account_id),
            note=f"report {report_id or 'without id'} tells a deal and was refused: {reason}"[:500],
            trace_id=trace_mint(),
        )
    return ReportVerdict(report_id, "refused", reason=reason)


def report_record(
    *, caller: ExecutorCaller, facts: ExecutionReport, raw: str, instance: str
) -> ReportVerdict:
    """Take one report; the same id again is a duplicate.

    `raw` is its text as it came. An id that comes again with other content is refused and opens
    an incident.
    """
    try:
        with transaction.atomic():
            verdict = _report_record(caller, facts, raw, instance)
            if verdict.verdict != "duplicate":
                # What is checked at commit is checked here, so that it spoils no other report.
                sums_check()
            return verdict
    except ReportConflict as conflict:
        incident_open(
            kind=kinds.REPORT_CONFLICT,
            subject=subject_of(BrokerAccount, caller.account_id),
            note=f"report {facts.report_id} came again with other content",
            trace_id=trace_mint(),
        )
        return ReportVerdict(facts.report_id, "refused", reason=conflict.code)


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
    columns = {"raw": raw, "raw_sha256": sha256, "instance": instance}
    received_at = now()
    if facts.deal is not None:
        return _deal_take(caller, account, facts, facts.deal, received_at, columns)
    # Through its account, which the order then has at hand.
    order = account.orders.filter(id=facts.order_id).first() if facts.order_id else None
    report = _report_store(caller, account, facts, order, received_at, columns)
    if facts.kind == DEAL_DELETED_KIND:
        applied, reason = deal_delete(report=report, account=account, actor=caller.actor)
        return ReportVerdict(facts.report_id, "stored", applied=applied, reason=reason)
    if facts.kind not in STATE_KINDS:
        _note_fact(report, order, facts, caller.actor)
        return ReportVerdict(facts.report_id, "stored")
    if order is None:
        return ReportVerdict(facts.report_id, "stored", reason="order_not_known")
    return _order_apply(caller, account, report, order, facts)


def _deal_take(
    caller: ExecutorCaller,
    account: BrokerAccount,
    facts: ExecutionReport,
    deal: ReportedDeal,
    received_at: datetime,
    columns: dict[str, str],
) -> ReportVerdict:
    """Store a deal with its report, which goes with the order that the deal is found to be of."""
    understood = deal_understand(
        account=account, facts=deal, received_at=received_at, claimed_id=facts.order_id or 0
    )
    order = understood.matched.order
    report = _report_store(caller, account, facts, order, received_at, columns)
    applied, reason = deal_told(
        report=report, account=account, understood=understood, actor=caller.actor
    )
    return ReportVerdict(facts.report_id, "stored", applied=applied, reason=reason)


def _report_store(
    caller: ExecutorCaller,
    account: BrokerAccount,
    facts: ExecutionReport,
    order: Order | None,
    received_at: datetime,
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
        received_at=received_at,
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
    caller: ExecutorCaller,
    account: BrokerAccount,
    report: Report,
    order: Order,
    facts: ExecutionReport,
) -> ReportVerdict:
    """Move the order for the holder of the current fence; a stale holder moves nothing."""
    if not report.fence_was_current:
        return ReportVerdict(facts.report_id, "stored", reason="stale_fence")
    if _is_overtaken(report, order):
        return ReportVerdict(facts.report_id, "stored", reason="told_later_already")
    told = STATE_KINDS[facts.kind]
    order_contradicted(order=order, told=told)
    if facts.kind == "rejected" and _is_refused_cancel(order):
        risk_stands(order=order, note=f"the broker did not cancel it: {report.message}")
        return ReportVerdict(facts.report_id, "stored", reason="cancel_is_asked_again")
    is_out = facts.kind == "never_sent" and order.state in states.ORDER_OUT
    if is_out and not instance_remembers(account=account, instance=report.instance, order=order):
        return _doubt(report, order, caller.actor)
    new = states.state_by_report(_new_state(order, facts.kind), filled=order.filled_lots)
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


def _doubt(report: Report, order: Order, actor: str) -> ReportVerdict:
    """Whoever has forgotten what it sent cannot say that it sent nothing: a person must look."""
    order_move(order=order, new=states.UNKNOWN, actor=actor, reason="journal_is_younger")
    _unresolved(
        order,
        f"{report.instance} says that it never sent it, and did not hold it or has a journal that"
        " began later; decide what became of it",
    )
    return ReportVerdict(report.report_id, "stored", reason="journal_is_younger")


def _is_overtaken(report: Report, order: Order) -> bool:
    """What the instance told of the order later has come in already; numbers are not told twice."""
    rows = Report.objects.filter(account_id=report.account_id, instance=report.instance)
    later = rows.filter(
        order=order, fence=report.fence, seq__gt=report.seq, kind__in=list(STATE_KINDS)
    )
    if not later.exists():
        return False
    return not rows.filter(seq=report.seq).exclude(id=report.id).exists()


def _is_refused_cancel(order: Order) -> bool:
    """An order that rests at the broker is not rejected any more: its cancellation was."""
    rested = order.reports.filter(kind="working", fence=order.fence)
    return order.state == states.CANCEL_REQUESTED and rested.exists()


def _new_state(order: Order, kind: str) -> str:
    """Never sent goes back to the queue, unless somebody asked to cancel it meanwhile."""
    if kind == "never_sent" and (order.state == states.CANCEL_REQUESTED or order.is_closed_down):
        return states.CANCELLED
    return STATE_KINDS[kind]


def _after_move(order: Order, actor: str) -> None:
    is_amended = order.verb == "amend" and order.state == states.DONE
    if is_amended and not terminal_tells_stops(account_id=order.account_id):
        Position.objects.filter(
            account_id=order.account_id, position_ticket=order.position_ticket
        ).update(sl=order.sl, tp=order.tp)
    risk_check(order)
    if order.verb == "entry" and order.has_ended and order.is_closed_down:
        exit_stage_waiting(order_id=order.id, actor=actor)


def _note_fact(report: Report, order: Order | None, facts: ExecutionReport, actor: str) -> None:
    """An entry that is unknown or being cancelled, and not known at the broker, waits for a person.

    What lowers risk is over then, and asked again.
    """
    if report.kind == NOTICE_KIND:
        notice_take(report, facts)
    is_absent = report.kind == "lookup_absent" and report.fence_was_current is not False
    is_out = order is not None and order.state in (states.UNKNOWN, states.CANCEL_REQUESTED)
    if not is_absent or order is None or not is_out:
        return
    if order.verb == "entry":
        _unresolved(order, "the broker shows neither order nor deal; decide what became of it")
    elif order_move(order=order, new=states.REJECTED, actor=actor, reason="lookup_absent"):
        risk_check(order)


def _unresolved(order: Order, note: str) -> None:
    incident_open(
        kind=kinds.ORDER_UNRESOLVED,
        subject=subject_of(Order, order.id),
        note=note,
        trace_id=order.trace_id,
    )
