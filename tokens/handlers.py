"""Facts of execution that move the tokens' ledgers, once treasury has posted them."""

from fusion_project.events import names
from fusion_project.events.registry import NotYet, Recorded, handles
from fusion_project.text.actors import actor_of_handler
from tokens.errors import PositionNotPosted
from tokens.services.positions import position_post

ACTOR = actor_of_handler("tokens.post_position")


@handles(names.POSITION_CLOSED, names.POSITION_REOPENED, queue="tokens")
def post_position(event: Recorded) -> None:
    """DAI and DA points and the DCT accrual, in one posting; not before treasury's own entries."""
    try:
        position_post(position_id=event.subject_id, actor=ACTOR)
    except PositionNotPosted as reason:
        raise NotYet(str(reason)) from reason
