"""What execution does when an earlier app records a fact."""

from execution.services.closing import close_carry_out
from execution.services.previews import decision_preview
from execution.services.refused_alerts import refused_alert_check
from execution.services.staging import decision_stage, entry_stage_awaited
from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles

# What lowers risk waits for no entry.
ENTRY = '"verb":"entry"'


@handles(names.DECISION_APPROVED, queue="execution", gives_way=ENTRY)
def stage_orders(event: Recorded) -> None:
    """Put the decision's orders into the queue of each account that follows the strategy."""
    decision_stage(decision_id=event.subject_id)


@handles(names.ORDER_AWAITED, queue="execution")
def stage_awaited(event: Recorded) -> None:
    """Stage an entry on one account once what stood in the way has passed, or say why not."""
    entry_stage_awaited(
        decision_id=event.subject_id,
        account_id=event.detail["account_id"],
        awaited=event.detail["reason"],
    )


@handles(names.CLOSE_ASKED, queue="execution", gives_way=ENTRY)
def close_asked(event: Recorded) -> None:
    """Close on one account what a person asked for; one account's trouble holds up no other."""
    close_carry_out(request_id=event.subject_id, account_id=event.detail["account_id"])


@handles(names.DECISION_PROPOSED, queue="execution")
def attach_preview(event: Recorded) -> None:
    """Keep what approving the entry would order; nobody approves it before that."""
    decision_preview(decision_id=event.subject_id)


@handles(names.ALERT_REFUSED, queue="execution")
def check_refused_alert(event: Recorded) -> None:
    """Somebody must look where the strategy holds a position: an exit may have been lost."""
    refused_alert_check(
        delivery_id=event.subject_id,
        rule=str(event.detail["rule"]),
        lowers_risk=event.detail.get("lowers_risk"),
        trace_id=event.trace_id,
    )
