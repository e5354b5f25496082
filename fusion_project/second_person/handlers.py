"""What is confirmed is carried out, by the app that owns its kind."""

from fusion_project.events import names
from fusion_project.events.registry import Recorded, handles
from fusion_project.second_person.services import request_carry_out
from fusion_project.text.actors import actor_of_handler

ACTOR = actor_of_handler("second_person.carry_out")


@handles(names.REQUEST_CONFIRMED, queue="default")
def carry_out(event: Recorded) -> None:
    """Do it once; what its kind refuses meanwhile is kept with the reason."""
    request_carry_out(request_id=event.subject_id, actor=ACTOR)
