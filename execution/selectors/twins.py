"""How a live account and its paper twin fare with the same decisions, strategy by strategy."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection

from execution.models import Twin
from execution.rules.prices import slippage_bps

LIVE: Final = "live"
TWIN: Final = "twin"
_BPS_STEP: Final = Decimal("0.01")
_SIDES = """
    SELECT strategy.slug, o.decision_id, o.account_id, o.side, o.state, o.reason, o.ref_price,
           fill.price, coalesce(fill.lots, 0), o.risk_money,
           coalesce(result.net, 0), coalesce(result.is_closed, false)
      FROM execution_order o
      JOIN signals_strategy strategy ON strategy.id = o.strategy_id
      LEFT JOIN LATERAL (
           SELECT sum(x.price * x.volume_lots) / sum(x.volume_lots) AS price,
                  sum(x.volume_lots) AS lots
             FROM execution_deal x
            WHERE x.order_id = o.id AND x.volume_lots > 0 AND NOT EXISTS (
                  SELECT FROM execution_deal later
                   WHERE later.account_id = x.account_id AND later.ticket = x.ticket
                     AND later.revision > x.revision)) fill ON true
      LEFT JOIN LATERAL (
           SELECT sum(p.net) AS net, bool_and(p.closed_at IS NOT NULL) AS is_closed
             FROM execution_position p WHERE p.order_id = o.id) result ON true
     WHERE o.verb = 'entry' AND o.account_id = ANY(%(accounts)s)
       AND o.staged_at >= %(since)s AND o.staged_at < %(until)s
     ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class TwinEntry:
    """One account's order of a decision's entry, and what came of it. Prices are per unit."""

    strategy: str
    decision_id: int
    account_id: int
    side: str
    state: str
    reason: str
    ref_price: Decimal | None
    fill_price: Decimal | None
    filled_lots: Decimal
    risk_money: Decimal | None
    net: Decimal
    is_closed: bool

    @property
    def is_filled(self) -> bool:
        return self.filled_lots > 0

    @property
    def slippage_bps(self) -> Decimal:
        """How much worse than the price asked it was filled."""
        return slippage_bps(side=self.side, wanted=self.ref_price, got=self.fill_price)

    @property
    def r_multiple(self) -> Decimal | None:
        """The closed result in what was risked, so that accounts of any size compare."""
        if not self.is_closed or not self.risk_money:
            return None
        return self.net / self.risk_money


@dataclass(frozen=True, slots=True)
class Divergence:
    """One strategy on both accounts; means are of decisions that both filled, None without any.

    `gap_bps`: how much worse the live fill was than the twin's. `*_r`: mean closed result in what
    was risked. `live_refused`, `twin_refused`: reasons of what only the other one filled, counted.
    """

    strategy: str
    decisions: int
    both: int
    live_only: int
    twin_only: int
    gap_bps: Decimal | None
    live_slippage_bps: Decimal | None
    twin_slippage_bps: Decimal | None
    live_net: Decimal
    twin_net: Decimal
    live_r: Decimal | None
    twin_r: Decimal | None
    live_refused: dict[str, int]
    twin_refused: dict[str, int]


def twins_open() -> Sequence[Twin]:
    """Return the twins of now, by the name of the live account."""
    rows = Twin.objects.filter(ended_at=None).select_related("account", "live")
    return list(rows.order_by("live__name"))


def twin_divergence(twin: Twin, *, since: datetime, until: datetime) -> list[Divergence]:
    """Compare entries staged in [since, until), never before the two were twins."""
    start = max(since, twin.began_at)
    end = until if twin.ended_at is None else min(until, twin.ended_at)
    by_strategy: dict[str, dict[int, dict[str, TwinEntry]]] = defaultdict(dict)
    for one in _entries(twin, start, end):
        side = LIVE if one.account_id == twin.live_id else TWIN
        by_strategy[one.strategy].setdefault(one.decision_id, {})[side] = one
    return [_diverge(name, list(pairs.values())) for name, pairs in sorted(by_strategy.items())]


def _entries(twin: Twin, since: datetime, until: datetime) -> list[TwinEntry]:
    accounts = [twin.live_id, twin.account_id]
    with connection.cursor() as cursor:
        cursor.execute(_SIDES, {"accounts": accounts, "since": since, "until": until})
        return [TwinEntry(*row) for row in cursor.fetchall()]


def _diverge(strategy: str, pairs: Sequence[dict[str, TwinEntry]]) -> Divergence:
    both = [(one[LIVE], one[TWIN]) for one in pairs if _filled(one, LIVE) and _filled(one, TWIN)]
    live_only = [one for one in pairs if _filled(one, LIVE) and not _filled(one, TWIN)]
    twin_only = [one for one in pairs if _filled(one, TWIN) and not _filled(one, LIVE)]
    closed = [two for two in both if two[0].is_closed and two[1].is_closed]
    return Divergence(
        strategy=strategy,
        decisions=len(pairs),
        both=len(both),
        live_only=len(live_only),
        twin_only=len(twin_only),
        gap_bps=_mean(_gap(live, twin) for live, twin in both),
        live_slippage_bps=_mean(live.slippage_bps for live, _ in both if live.ref_price),
        twin_slippage_bps=_mean(twin.slippage_bps for _, twin in both if twin.ref_price),
        live_net=sum((live.net for live, _ in closed), Decimal(0)),
        twin_net=sum((twin.net for _, twin in closed), Decimal(0)),
        live_r=_mean(live.r_multiple for live, _ in closed),
        twin_r=_mean(twin.r_multiple for _, twin in closed),
        live_refused=_reasons(one.get(LIVE) for one in twin_only),
        twin_refused=_reasons(one.get(TWIN) for one in live_only),
    )


def _filled(pair: dict[str, TwinEntry], side: str) -> bool:
    return side in pair and pair[side].is_filled


def _gap(live: TwinEntry, twin: TwinEntry) -> Decimal:
    return slippage_bps(side=live.side, wanted=twin.fill_price, got=live.fill_price)


def _reasons(found: Iterable[TwinEntry | None]) -> dict[str, int]:
    counted: dict[str, int] = defaultdict(int)
    for one in found:
        counted["no_order" if one is None else one.reason or one.state] += 1
    return dict(sorted(counted.items()))


def _mean(told: Iterable[Decimal | None]) -> Decimal | None:
    known = [one for one in told if one is not None]
    if not known:
        return None
    return (sum(known, Decimal(0)) / len(known)).quantize(_BPS_STEP)
