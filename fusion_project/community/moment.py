"""The one moment that a public page tells of: made once per request, handed to every selector."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fusion_project.community import policy
from fusion_project.events.clock import now


@dataclass(frozen=True, slots=True)
class AsOf:
    """A page shows the records as they stood at `at`; what was recorded later is not there yet."""

    at: datetime


def as_of_now() -> AsOf:
    """The latest moment that is public."""
    return AsOf(now() - timedelta(seconds=policy.PUBLIC_DELAY_SECONDS))
