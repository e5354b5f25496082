"""Latest revisions of deals, and what they add up to for an order."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import DecimalField, Exists, Func, OuterRef, QuerySet

from execution.models import Deal
from execution.rules.folding import Folded, position_folded
from execution.wire import DEAL_COLUMNS, ReportedDeal


def risks_of(deals: Iterable[Deal]) -> dict[int, Decimal]:
    """Return what each opening deal's order meant to risk with it, where it said so, by ticket."""
    return {
        deal.ticket: deal.order.risk_money * deal.volume_lots / deal.order.volume_lots
        for deal in deals
        if deal.order is not None and deal.order.risk_money is not None and deal.order.volume_lots
    }


def deals_folded(deals: Collection[Deal]) -> Folded | None:
    """Return what deals of one position come to."""
    return position_folded([deal_as_reported(deal) for deal in deals], risks=risks_of(deals))


def deal_revisions(*, account_id: int, ticket: int) -> list[Deal]:
    """Return all revisions of one deal, newest first; the first that is not held counts."""
    rows = Deal.objects.filter(account_id=account_id, ticket=ticket)
    return list(rows.select_related("report").order_by("-revision"))


def deal_latest(*, account_id: int, ticket: int) -> Deal | None:
    """Return the newest revision of one deal, held or not."""
    return next(iter(deal_revisions(account_id=account_id, ticket=ticket)), None)


def _newest_of(rows: QuerySet[Deal]) -> list[Deal]:
    """Keep the newest revision of each ticket."""
    newest: dict[int, Deal] = {}
    for deal in rows.order_by("ticket", "revision"):
        newest[deal.ticket] = deal
    return list(newest.values())


def deal_list_of_position(
    *, account_id: int, position_ticket: int, recorded_until: datetime | None = None
) -> list[Deal]:
    """Return the newest revisions that count for the position.

    A revision that moved its deal to another position no longer counts here, one that is held not
    at all. `recorded_until`: as the deals stood at that moment.
    """
    known = Deal.objects.filter(account_id=account_id, held_for="").select_related("order")
    if recorded_until is not None:
        known = known.filter(recorded_at__lte=recorded_until)
    tickets = known.filter(position_ticket=position_ticket).values("ticket")
    newest = _newest_of(known.filter(ticket__in=tickets))
    return [deal for deal in newest if deal.position_ticket == position_ticket]


def deals_held(*, account_id: int | None = None) -> list[Deal]:
    """Return the deals that count nowhere: their newest revision is held."""
    held = Deal.objects.exclude(held_for="").select_related("account")
    if account_id is not None:
        held = held.filter(account_id=account_id)
    later = Deal.objects.filter(
        account_id=OuterRef("account_id"),
        ticket=OuterRef("ticket"),
        revision__gt=OuterRef("revision"),
    )
    return list(held.filter(~Exists(later)).order_by("account_id", "ticket"))


class FilledLots(Func):
    """The lots that the deals of an order have filled: added up in `sql/folds.sql` alone."""

    function = "execution_order_filled_lots"
    output_field = DecimalField(max_digits=28, decimal_places=10)


def deal_as_reported(deal: Deal) -> ReportedDeal:
    """Return the deal as its executor told it; folding and posting work on that form."""
    columns = {name: getattr(deal, name) for name in DEAL_COLUMNS}
    return ReportedDeal(kind_told=deal.kind_raw or deal.kind, **columns)
