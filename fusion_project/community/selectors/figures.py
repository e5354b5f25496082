"""Figures of the overview: tiles, stations of the flow, the line of realised cash by currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Avg, Count, F, Q, QuerySet, Sum
from django.db.models.fields import DurationField

from execution.models import Deal, Order, Position, Subscription
from fusion_project.community import policy
from fusion_project.community.presenting.line import Line, Point, line_draw
from fusion_project.text.formats import UNDEFINED, chance, signed, span, tone, whole
from signals.models import Alert, Decision
from treasury.models import DealPosting, Entry
from treasury.selectors.balances import realised_cash_series


@dataclass(frozen=True, slots=True)
class Tile:
    """A labelled figure with its unit and what it rests on."""

    label: str
    value: str
    note: str
    unit: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Station:
    """One station of the flow with how many facts have reached it."""

    name: str
    count: int
    note: str


class Median(Aggregate):
    """The middle of durations."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


def closed_positions(*, book: str, until: datetime) -> QuerySet[Position]:
    """Closed trades of a book that are old enough to be public."""
    return Position.objects.filter(account__book=book, closed_at__lte=until)


def tiles(*, book: str, until: datetime) -> list[Tile]:
    """Result in each currency, the share of winners, and the speed of the flow."""
    rows = list(
        closed_positions(book=book, until=until)
        .values(currency=F("account__currency"))
        .annotate(
            count=Count("id"),
            net_sum=Sum("net"),
            winners=Count("id", filter=Q(net__gt=0)),
            average_win=Avg("net", filter=Q(net__gt=0)),
            average_loss=Avg("net", filter=Q(net__lt=0)),
        )
        .order_by("-count", "currency")
    )
    return [
        *_net_tiles(rows),
        Tile("Closed trades", whole(sum(row["count"] for row in rows)), "since the first one"),
        _winners_tile(rows),
        _speed_tile(book, until),
    ]


def _net_tiles(rows: Sequence[Mapping[str, Any]]) -> list[Tile]:
    if not rows:
        return [Tile("Net result", UNDEFINED, "no closed trade yet")]
    return [
        Tile(
            "Net result",
            signed(row["net_sum"]),
            f"of {whole(row['count'])} closed trades",
            row["currency"],
            tone(row["net_sum"]),
        )
        for row in rows
    ]


def _winners_tile(rows: Sequence[Mapping[str, Any]]) -> Tile:
    label = "Winners"
    count = sum(row["count"] for row in rows)
    if count < policy.TRADES_MIN_FOR_SHARE:
        return Tile(label, UNDEFINED, f"too few trades: {count} of {policy.TRADES_MIN_FOR_SHARE}")
    winners = sum(row["winners"] for row in rows)
    share = chance(Decimal(winners) / count)
    if len(rows) > 1:
        return Tile(label, share, f"{winners} of {count}; averages differ by currency")
    unit = rows[0]["currency"]
    win, loss = (signed(rows[0][name]) for name in ("average_win", "average_loss"))
    return Tile(label, share, f"{winners} of {count}; average win {win}, loss {loss} {unit}")


def _speed_tile(book: str, until: datetime) -> Tile:
    followed = closed_positions(book=book, until=until).filter(decision__isnull=False)
    found = followed.aggregate(
        middle=Median(F("opened_at") - F("decision__alert__received_at")), count=Count("id")
    )
    if found["middle"] is None:
        return Tile("Alert to fill", UNDEFINED, "no closed trade yet")
    seconds = Decimal(str(found["middle"].total_seconds()))
    return Tile("Alert to fill", span(max(seconds, Decimal(0))), f"median of {found['count']}")


def stations(*, book: str, until: datetime) -> list[Station]:
    """How many facts have reached each station, from the alert to the token posting."""
    strategies = Subscription.objects.filter(account__book=book).values("strategy_id")
    alerts = Alert.objects.filter(strategy__in=strategies, received_at__lte=until, kind="trade")
    decisions = Decision.objects.filter(strategy__in=strategies, created_at__lte=until).aggregate(
        count=Count("id"), approved=Count("id", filter=Q(state="approved"))
    )
    orders = Order.objects.filter(account__book=book, staged_at__lte=until).aggregate(
        count=Count("id", filter=~Q(state="rejected")),
        refused=Count("id", filter=Q(state="rejected")),
    )
    entries = Entry.objects.filter(book=book, recorded_at__lte=until).aggregate(
        count=Count("id"), tokens=Count("id", filter=Q(kind__startswith="token."))
    )
    deals = Deal.objects.filter(
        account__book=book, kind__in=("buy", "sell"), revision=1, at__lte=until
    )
    closed = closed_positions(book=book, until=until).count()
    return [
        Station("Alerts", alerts.count(), "new and readable"),
        Station("Decisions", decisions["count"], f"{whole(decisions['approved'])} approved"),
        Station("Orders", orders["count"], f"{whole(orders['refused'])} more refused"),
        Station("Deals", deals.count(), "reported by the broker"),
        Station("Trades", closed, "positions closed"),
        Station("Ledger entries", entries["count"], f"{whole(entries['tokens'])} to tokens"),
    ]


def realised_cash_lines(*, book: str, until: datetime) -> list[Line]:
    """One line for each currency that has two points or more."""
    points = realised_cash_series(book=book, limit=policy.LINE_POINTS_MAX)
    # A point right after an opening deal would tell that something was just opened.
    opening = set(
        DealPosting.objects.filter(
            entry__in=[one.entry_id for one in points], deal__entry="in"
        ).values_list("entry_id", flat=True)
    )
    by_currency: dict[str, list[Point]] = {}
    for one in points:
        if one.at <= until and one.entry_id not in opening:
            by_currency.setdefault(one.currency, []).append(Point(one.at, one.balance))
    return [
        line_draw(line, currency=currency)
        for currency, line in sorted(by_currency.items())
        if len(line) > 1
    ]
