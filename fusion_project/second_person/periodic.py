"""Requests that nobody confirmed, or carried out, in time."""

from fusion_project.events.periodic import every
from fusion_project.second_person.services import request_lapse_due


@every(seconds=30, name="second_person.lapse")
def lapse() -> None:
    """They end by themselves."""
    request_lapse_due()
