"""Is every deal in the ledger? The anti-join of deals and what became of them."""

from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from execution.models import BrokerAccount, Deal
from fusion_project.events.clock import now
from treasury.models import DealPosting, PostedMark
from treasury.rules import states

_SETTLED = (states.POSTED, states.NOTHING)


def deals_without_posting(*, older_than_seconds: int, limit: int) -> list[Deal]:
    """Deals recorded longer ago than this that are neither posted, nothing nor quarantined."""
    before = now() - timedelta(seconds=older_than_seconds)
    late: list[Deal] = []
    for account in BrokerAccount.objects.order_by("id"):
        late += _without_posting(account, before)[:limit]
    return sorted(late, key=lambda deal: deal.id)[:limit]


def deals_after_mark(*, account: BrokerAccount) -> QuerySet[Deal]:
    """Deals of the account behind its mark; each one before it has its posting."""
    mark = PostedMark.objects.filter(account=account).values_list("deal_id", flat=True).first()
    return Deal.objects.filter(account=account, id__gt=mark or 0)


def _without_posting(account: BrokerAccount, before: datetime | None) -> QuerySet[Deal]:
    found = deals_after_mark(account=account).filter(treasury_posting=None).order_by("id")
    return found if before is None else found.filter(recorded_at__lte=before)


def _quarantined(account: BrokerAccount, before: datetime | None) -> QuerySet[Deal]:
    # From the few postings in quarantine: the table of deals is long.
    held = DealPosting.objects.filter(state=states.QUARANTINED).values("deal_id")
    found = Deal.objects.filter(account=account, id__in=held).order_by("id")
    return found if before is None else found.filter(recorded_at__lte=before)


def deals_quarantined() -> QuerySet[DealPosting]:
    """Deals that wait for a posting rule or a person, oldest first."""
    held = DealPosting.objects.filter(state=states.QUARANTINED)
    return held.select_related("deal", "deal__account").order_by("id")


def deals_unsettled_of_position(*, account_id: int, position_ticket: int) -> QuerySet[Deal]:
    """Deals of the position that the ledger does not hold yet: on their way or quarantined.

    The newest revision of each ticket that ever counted there; one that has moved its deal to
    another position counts too, for until it is posted the ledger holds the revision before it.
    """
    of_account = Deal.objects.filter(account_id=account_id)
    tickets = of_account.filter(position_ticket=position_ticket).values("ticket")
    revisions = of_account.filter(ticket=OuterRef("ticket")).order_by("-revision")
    newest = of_account.filter(ticket__in=tickets, id=Subquery(revisions.values("id")[:1]))
    return newest.exclude(treasury_posting__state__in=_SETTLED).order_by("ticket")


def account_is_posted_up_to_heartbeat(*, account: BrokerAccount) -> bool:
    """Whether the ledger holds just the deals that the account's last heartbeat knew of.

    False while deals are on their way in, still unposted or quarantined, or newer than the
    heartbeat's watermark.
    """
    deals = Deal.objects.filter(account=account)
    newest = deals.order_by("-time_msc", "-ticket").values_list("time_msc", "ticket").first()
    if (newest or (0, 0)) != (account.watermark_time_msc, account.watermark_ticket):
        return False
    return not deals_not_in_the_ledger(account=account, limit=1)


def deals_not_in_the_ledger(
    *, account: BrokerAccount, before: datetime | None = None, limit: int
) -> list[Deal]:
    """The account's oldest deals, recorded until `before`, that are not posted or quarantined."""
    late = [*_without_posting(account, before)[:limit], *_quarantined(account, before)[:limit]]
    return sorted(late, key=lambda deal: deal.id)[:limit]


def blind_reason(*, account: BrokerAccount, older_than_seconds: int) -> str:
    """Return why the ledger cannot be compared with the broker for that long, or ''.

    Deals that are not posted or quarantined, and heartbeats that name a deal which never came.
    """
    before = now() - timedelta(seconds=older_than_seconds)
    late = deals_not_in_the_ledger(account=account, before=before, limit=5)
    if late:
        return f"not in the ledger: deal {', '.join(str(deal.ticket) for deal in late)}"
    if account.blind_since is not None and account.blind_since <= before:
        return f"the heartbeat names deal {account.watermark_ticket}, which is not the last here"
    return ""
