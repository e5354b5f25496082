"""What execution does when an earlier app records a fact."""

from execution.services.previews import decision_preview
from execution.services.staging import decision_stage
from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles


@handles(names.DECISION_APPROVED, queue="execution")
def stage_orders(event: Recorded) -> None:
    """Put the decision's orders into the queue of each account that follows the strategy."""
    decision_stage(decision_id=event.subject_id)


@handles(names.DECISION_PROPOSED, queue="execution")
def attach_preview(event: Recorded) -> None:
    """Keep what approving the entry would order; nobody approves it before that."""
    decision_preview(decision_id=event.subject_id)
