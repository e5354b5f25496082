"""Which offset an account's broker clock has, now and for a deal of another day."""

from datetime import datetime

from execution.models import BrokerAccount, Deal
from execution.rules.broker_time import BrokerZone, DealMoment, deal_moment
from execution.wire import ReportedDeal


def account_zone(account: BrokerAccount) -> BrokerZone | None:
    """Return the zone that a person has set, or None."""
    return BrokerZone.read(account.broker_zone) if account.broker_zone else None


def account_offset(*, account: BrokerAccount, at: datetime) -> int | None:
    """Return the clock's offset in seconds east of UTC at a moment of today; None if unknown."""
    zone = account_zone(account)
    if zone is not None:
        return zone.offset_at_utc(at)
    rows = Deal.objects.filter(account=account, at_is_sure=True, held_for="")
    return (
        rows.order_by("-time_msc", "-ticket")
        .values_list("broker_offset_seconds", flat=True)
        .first()
    )


def moment_of(*, account: BrokerAccount, deal: ReportedDeal, received_at: datetime) -> DealMoment:
    """Return under which offset the deal is put into UTC."""
    before = (
        Deal.objects.filter(
            account=account, time_msc__lte=deal.time_msc, at_is_sure=True, held_for=""
        )
        .exclude(ticket=deal.ticket)
        .order_by("-time_msc", "-ticket")
        .values_list("broker_offset_seconds", flat=True)
        .first()
    )
    return deal_moment(
        time_msc=deal.time_msc,
        told_seconds=deal.broker_offset_seconds,
        received_at=received_at,
        zone=account_zone(account),
        before_seconds=before,
    )
