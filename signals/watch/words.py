"""What the watch says in its incidents: what is missing, and the repair that adds no risk. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from signals.watch.positions import Gap, Link
from signals.watch.rate import FIRES_MAX, FireRate


@dataclass(frozen=True, slots=True)
class Between:
    """What became of messages between two alerts that were not acted on, with the last rules."""

    refused: int = 0
    refused_as: str = ""
    repeated: int = 0
    repeated_as: str = ""

    @property
    def words(self) -> str:
        """What happened, or '' where nothing came in between."""
        told = []
        if self.refused:
            told.append(
                f"{self.refused} message(s) were refused in between, the last as {self.refused_as}"
            )
        if self.repeated:
            told.append(
                f"{self.repeated} were taken for duplicates in between, the last by"
                f" {self.repeated_as}"
            )
        return f"{' and '.join(told)}; see the deliveries" if told else ""


def lost_note(slug: str, instrument: str, gap: Gap, between: Between) -> str:
    """Say between which alerts one was lost, what may explain it, and the safe repair."""
    earlier, later = gap.earlier, gap.later
    explained = between.words or "nothing was refused in between, so it never arrived"
    return (
        f"{slug} {instrument}: an alert was lost between alert {earlier.alert_id}"
        f" ({moment_text(earlier.received_at)}, {_states(earlier.after, earlier.after_size)}"
        f" after it) and alert {later.alert_id} ({moment_text(later.received_at)},"
        f" {_states(later.before, later.before_size)} before it); {explained}."
        f" Safe repair: {repair(earlier, later)}"
    )


def repair(earlier: Link, later: Link) -> str:
    """Return the repair that only lowers risk: what is missed is never entered late."""
    ours = " or ".join(sorted(earlier.after - {"flat"}))
    if not ours:
        return (
            "by the alerts nothing is open here, so there is nothing to close. Do not enter late:"
            " wait for the next entry."
        )
    if not earlier.after & later.before:
        return (
            f"close what the {ours} position of alert {earlier.alert_id} still holds; keep what"
            f" alert {later.alert_id} itself opened. Do not enter late."
        )
    if _size(earlier.after_size) > _size(later.before_size):
        return (
            f"the {ours} position is larger here than on the chart: close the surplus of"
            f" {_plain(_size(earlier.after_size) - _size(later.before_size))} units."
        )
    return f"the {ours} position is smaller here than on the chart: leave it, do not add late."


def healed_note(newest: Link | None) -> str:
    """Say what closed the incident."""
    return f"Alert {newest.alert_id if newest else '?'} starts where the one before it ended."


def rate_note(slug: str, instrument: str, rate: FireRate) -> str:
    """Say how close to being stopped an alert is, or that it probably was."""
    where = f"{slug} {instrument}".strip()
    if rate.is_stopped:
        return (
            f"{where}: more than {FIRES_MAX} fires in 3 minutes and none since. TradingView has"
            " probably stopped this alert without a word: look at it there and restart it by hand."
        )
    return (
        f"{where}: {rate.count} fires in 3 minutes; at more than {FIRES_MAX} TradingView stops the"
        " alert without a word. Let it fire once per bar close, or less often."
    )


def silent_note(slug: str, instrument: str, last_at: datetime) -> str:
    """Say how long nothing came, against the sender's own past."""
    return (
        f"{slug} {instrument}: no alert since {moment_text(last_at)}, far longer than usual. Look"
        " whether TradingView has stopped or ended the alert; restart it by hand."
    )


def canary_note(slug: str, last_at: datetime | None, every_seconds: int) -> str:
    """Say that the heartbeat is missing, so real alerts may be lost as well."""
    seen = f"last seen {moment_text(last_at)}" if last_at else "never seen"
    return (
        f"{slug}: no test alert for over twice its {every_seconds} s, {seen}. Real alerts may be"
        " lost as well: check the alert in TradingView, its address and secret, and our entrance."
    )


def moment_text(moment: datetime) -> str:
    """Return a time as people read it, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _states(states: frozenset[str], size: Decimal | None) -> str:
    return " or ".join(
        state if size is None or state == "flat" else f"{state} {_plain(abs(size))}"
        for state in sorted(states)
    )


def _size(size: Decimal | None) -> Decimal:
    return abs(size) if size is not None else Decimal(0)


def _plain(size: Decimal) -> str:
    return f"{size.normalize():f}"
