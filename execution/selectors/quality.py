"""How long each hop of an entry took, and where its price was lost: of filled entry orders.

Moments are the database's, but for the deal's, which is the broker's own in UTC.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import quantiles
from typing import Final

import msgspec
from django.db import connection

from execution.models import Heartbeat

# A quote that is older than this at some moment does not tell the price of that moment.
QUOTE_AGE: Final = timedelta(seconds=15)
BPS_STEP: Final = Decimal("0.01")
# From which moment to which; the names are those of `OrderTimes`.
HOPS: Final = {
    "decide": ("received_at", "proposed_at"),
    "approve": ("proposed_at", "approved_at"),
    "stage": ("approved_at", "staged_at"),
    "lease": ("staged_at", "leased_at"),
    "acknowledge": ("leased_at", "acknowledged_at"),
    "fill": ("acknowledged_at", "dealt_at"),
    "record": ("dealt_at", "recorded_at"),
}
_TIMES = """
    SELECT o.id, o.account_id, o.instrument, o.side, o.ref_price,
           fill.price, l.received_at, proposed.at, d.decided_at, o.staged_at, o.leased_at,
           o.acknowledged_at, fill.dealt_at, fill.recorded_at
      FROM execution_order o
      JOIN signals_decision d ON d.id = o.decision_id
      JOIN signals_alert l ON l.id = d.alert_id
      JOIN LATERAL (
           SELECT sum(x.price * x.volume_lots) / sum(x.volume_lots) AS price,
                  min(x.at) AS dealt_at, min(x.recorded_at) AS recorded_at
             FROM execution_deal x
            WHERE x.order_id = o.id AND x.volume_lots > 0 AND NOT EXISTS (
                  SELECT FROM execution_deal later
                   WHERE later.account_id = x.account_id AND later.ticket = x.ticket
                     AND later.revision > x.revision)) fill ON fill.price IS NOT NULL
      LEFT JOIN LATERAL (
           SELECT e.at FROM events_event e
            WHERE e.subject = 'signals.decision:' || d.id AND e.name = 'decision.proposed'
            ORDER BY e.id LIMIT 1) proposed ON true
     WHERE o.verb = 'entry' AND o.staged_at >= %(since)s
       AND (%(account_id)s::bigint IS NULL OR o.account_id = %(account_id)s)
     ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class OrderTimes:
    """A filled entry: what it asked for and got, and when each thing happened to it."""

    order_id: int
    account_id: int
    instrument: str
    side: str
    ref_price: Decimal | None
    fill_price: Decimal
    received_at: datetime
    proposed_at: datetime | None
    approved_at: datetime | None
    staged_at: datetime
    leased_at: datetime | None
    acknowledged_at: datetime | None
    dealt_at: datetime
    recorded_at: datetime

    def seconds(self, hop: str) -> float | None:
        """How long a hop took, or None where one of its ends is not known."""
        start, end = (getattr(self, name) for name in HOPS[hop])
        if start is None or end is None:
            return None
        took: timedelta = end - start
        return took.total_seconds()


@dataclass(frozen=True, slots=True)
class Slippage:
    """Four parts of what the fill was worse than the alert's price, in basis points of it.

    `feed`: our broker's price when the alert came, against the alert's. `decision`, `approval`: how
    it moved until the decision, and until it was approved. `broker`: from there to the fill. They
    add up to the whole; a part is None where no quote tells it, and then the sum of its neighbours
    is not known either.
    """

    feed: Decimal | None
    decision: Decimal | None
    approval: Decimal | None
    broker: Decimal | None
    whole: Decimal | None


@dataclass(frozen=True, slots=True)
class HopFigures:
    """One hop over many orders, in seconds."""

    hop: str
    count: int
    p50: float
    p99: float


def order_times(*, since: datetime, account_id: int | None = None) -> list[OrderTimes]:
    """Return the filled entries that were staged since then, in order."""
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, {"since": since, "account_id": account_id})
        return [OrderTimes(*row) for row in cursor.fetchall()]


def hop_figures(orders: Iterable[OrderTimes]) -> list[HopFigures]:
    """Return median and 99th percentile of each hop that some order has made, and of all."""
    told = list(orders)
    found = []
    for hop in HOPS:
        seconds = [took for one in told if (took := one.seconds(hop)) is not None]
        if seconds:
            found.append(_figures(hop, seconds))
    whole = [(one.recorded_at - one.received_at).total_seconds() for one in told]
    return [*found, _figures("whole", whole)] if whole else found


def slippage_of(orders: Sequence[OrderTimes]) -> dict[int, Slippage]:
    """Return the slippage of each order, by its id; quotes are those of heartbeats."""
    quotes = _Quotes(orders)
    return {one.order_id: _slippage(one, quotes) for one in orders}


def _figures(hop: str, seconds: list[float]) -> HopFigures:
    if len(seconds) == 1:
        return HopFigures(hop, 1, seconds[0], seconds[0])
    cuts = quantiles(seconds, n=100, method="inclusive")
    return HopFigures(hop, len(seconds), cuts[49], cuts[98])


def _slippage(order: OrderTimes, quotes: "_Quotes") -> Slippage:
    moments = (order.received_at, order.proposed_at, order.approved_at)
    ladder = [
        order.ref_price,
        *(quotes.price(order, moment) for moment in moments),
        order.fill_price,
    ]
    feed, decision, approval, broker = (_bps(order, *two) for two in pairwise(ladder))
    whole = _bps(order, order.ref_price, order.fill_price)
    return Slippage(feed, decision, approval, broker, whole)


def _bps(order: OrderTimes, wanted: Decimal | None, got: Decimal | None) -> Decimal | None:
    if not order.ref_price or wanted is None or got is None:
        return None
    worse = got - wanted if order.side == "buy" else wanted - got
    return (worse / abs(order.ref_price) * 10_000).quantize(BPS_STEP)


class _Quotes:
    """Quotes that heartbeats told around these orders, by account and instrument."""

    def __init__(self, orders: Sequence[OrderTimes]) -> None:
        self._told: dict[tuple[int, str], list[tuple[datetime, Decimal, Decimal]]] = {}
        if not orders:
            return
        first = min(one.received_at for one in orders) - QUOTE_AGE
        rows = Heartbeat.objects.filter(
            at__gte=first, account_id__in={one.account_id for one in orders}
        ).exclude(quotes="")
        for account_id, at, text in rows.order_by("at").values_list("account_id", "at", "quotes"):
            for instrument, (bid, ask, _) in msgspec.json.decode(text).items():
                told = self._told.setdefault((account_id, instrument), [])
                told.append((at, Decimal(bid), Decimal(ask)))

    def price(self, order: OrderTimes, moment: datetime | None) -> Decimal | None:
        """Return what the order would have been filled at then, or None where nobody told."""
        told = self._told.get((order.account_id, order.instrument), [])
        if moment is None:
            return None
        place = bisect_right(told, moment, key=lambda one: one[0]) - 1
        if place < 0 or moment - told[place][0] > QUOTE_AGE:
            return None
        _, bid, ask = told[place]
        return ask if order.side == "buy" else bid
