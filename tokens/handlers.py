"""Facts of execution that move the tokens' ledgers."""

from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles
from tokens.services.positions import position_post


@handles(names.POSITION_CLOSED, queue="tokens")
def post_position(event: Recorded) -> None:
    """DAI and DA points and the DCT accrual, in one posting."""
    position_post(position_id=event.subject_id, actor="handler:tokens.post_position")
