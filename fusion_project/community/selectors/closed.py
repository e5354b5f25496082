"""Closed trades of a book as they stood at one moment: the latest of them, and those asked for."""

from execution.models import Position
from execution.selectors.positions import position_closed_as_of
from fusion_project.community.moment import AsOf
from treasury.selectors.cash import CashBook


def closed_latest(*, book: str, cash: CashBook, as_of: AsOf, most: int) -> list[Position]:
    """The latest closed trades that orders of ours opened, newest first."""
    ours = Position.objects.filter(account__book=book, order__isnull=False)
    standing = ours.filter(updated_at__lte=as_of.at, closed_at__isnull=False)
    related = standing.select_related("account", "order", "decision__alert", "decision__strategy")
    found = list(related.order_by("-closed_at", "-id")[:most])
    later = closed_positions(ids=cash.positions_later, as_of=as_of)
    found += [one for one in later if one.account.book == book and one.order_id is not None]
    found.sort(key=lambda one: (one.closed_at or as_of.at, one.pk), reverse=True)
    return found[:most]


def closed_positions(*, ids: list[int], as_of: AsOf) -> list[Position]:
    """Closed positions in the order of these ids, as they stood; none that was not closed."""
    rows = Position.objects.select_related(
        "account", "order", "decision__alert", "decision__strategy"
    )
    stood = [
        position_closed_as_of(position=one, recorded_until=as_of.at)
        for one in rows.filter(id__in=ids)
    ]
    found = {one.pk: one for one in stood if one is not None}
    return [found[one] for one in ids if one in found]
