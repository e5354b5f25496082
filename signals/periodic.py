"""Jobs by the clock: expire what waits too long, make partitions ahead, forget old samples."""

from __future__ import annotations

from fusion_project.events.periodic import every
from signals.services.decisions import decision_expire_due
from signals.services.housekeeping import partitions_make, unknown_caller_prune


@every(seconds=1, name="signals.expire_decisions")
def expire_decisions() -> None:
    """Expire undecided entries whose time has passed."""
    decision_expire_due()


@every(seconds=43_200, name="signals.make_partitions")
def make_partitions() -> None:
    """Make the next months' delivery partitions."""
    partitions_make()


@every(seconds=3_600, name="signals.forget_unknown_callers")
def forget_unknown_callers() -> None:
    """Forget the samples of unauthenticated requests after a day."""
    unknown_caller_prune()
