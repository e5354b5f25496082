"""Facts of execution that move the ledger."""

from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles
from fusion_project.text.actors import actor_of_handler
from treasury.services.deals import deals_post

ACTOR = actor_of_handler("treasury.post_deals")


@handles(names.DEAL_RECORDED, queue="treasury", batch=50)
def post_deals(events: list[Recorded]) -> None:
    """One call of `post` for the whole batch."""
    deals_post(deal_ids=[event.subject_id for event in events], actor=ACTOR)
