"""Is every deal in the ledger? The anti-join of deals and what became of them."""

from datetime import timedelta

from django.db.models import QuerySet

from execution.models import BrokerAccount, Deal
from fusion_project.events.clock import now
from treasury.models import DealPosting
from treasury.rules import states


def deals_without_posting(*, older_than_seconds: int = 60) -> QuerySet[Deal]:
    """Deals recorded longer ago than this that are neither posted, nothing nor quarantined."""
    before = now() - timedelta(seconds=older_than_seconds)
    return Deal.objects.filter(treasury_posting=None, recorded_at__lt=before).order_by("id")


def deals_quarantined() -> QuerySet[DealPosting]:
    """Deals that wait for a posting rule or a person, oldest first."""
    held = DealPosting.objects.filter(state=states.QUARANTINED)
    return held.select_related("deal", "deal__account").order_by("id")


def account_is_posted_up_to_heartbeat(*, account: BrokerAccount) -> bool:
    """Whether the ledger holds just the deals that the account's last heartbeat knew of.

    False while deals are on their way in, still unposted or quarantined, or newer than the
    heartbeat's watermark.
    """
    deals = Deal.objects.filter(account=account)
    newest = deals.order_by("-time_msc", "-ticket").values_list("time_msc", "ticket").first()
    if (newest or (0, 0)) != (account.watermark_time_msc, account.watermark_ticket):
        return False
    settled = deals.filter(treasury_posting__state__in=[states.POSTED, states.NOTHING])
    return deals.count() == settled.count()
