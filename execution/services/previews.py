"""Keeps with a decision what approving it would order, before a person may approve it."""

from django.db import transaction

from execution.selectors.previews import entry_previews, preview_content
from signals.fusion.states import PENDING_REVIEW
from signals.models import Decision
from signals.services.previews import preview_attach


@transaction.atomic
def decision_preview(*, decision_id: int) -> bool:
    """Attach the preview of an entry that waits for people; False where nothing waits any more.

    An automatic decision is staged at once and gets its preview there.
    """
    decision = Decision.objects.select_related("strategy__policy", "alert").get(id=decision_id)
    if decision.verb != "entry" or decision.state != PENDING_REVIEW:
        return False
    preview_attach(decision_id=decision.id, content=preview_content(entry_previews(decision)))
    return True
