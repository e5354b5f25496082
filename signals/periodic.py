"""Jobs by the clock: expire what waits, make partitions, forget samples, miss what is overdue."""

from __future__ import annotations

from fusion_project.events.periodic import every
from signals.services.bar_watch import bars_watch
from signals.services.decisions import decision_expire_due
from signals.services.housekeeping import partitions_make, unknown_caller_prune
from signals.services.labels import labels_write
from signals.services.lobe_watch import lobes_watch
from signals.services.watching import absence_watch, rate_watch, told_position_prune


@every(seconds=1, name="signals.expire_decisions")
def expire_decisions() -> None:
    """Expire undecided entries whose time has passed."""
    decision_expire_due()


@every(seconds=43_200, name="signals.make_partitions")
def make_partitions() -> None:
    """Make the next months' partitions of deliveries and bars."""
    partitions_make()


@every(seconds=3_600, name="signals.forget_unknown_callers")
def forget_unknown_callers() -> None:
    """Forget the samples of unauthenticated requests after a day."""
    unknown_caller_prune()


@every(seconds=5, name="signals.watch_rates")
def watch_rates() -> None:
    """Warn of alerts that fire so often that TradingView will stop them."""
    rate_watch()


@every(seconds=5, name="signals.watch_absences")
def watch_absences() -> None:
    """Open an incident for each alert or canary that is overdue."""
    absence_watch()


@every(seconds=30, name="signals.watch_bars")
def watch_bars() -> None:
    """Open an incident for each feed of bars that has a hole or has stopped."""
    bars_watch()


@every(seconds=30, name="signals.watch_lobes")
def watch_lobes() -> None:
    """Open an incident for each model that only fails, or whose day is spent."""
    lobes_watch()


@every(seconds=5, name="signals.write_labels")
def write_labels() -> None:
    """Write what became of entries, as far as it is known now, and learn from it."""
    labels_write()


@every(seconds=86_400, name="signals.forget_told_positions")
def forget_told_positions() -> None:
    """Forget positions that senders told a quarter ago."""
    told_position_prune()
