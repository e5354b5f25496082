"""Reads features for the lobes: only what was known before the moment asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection

from signals.lobes.base import Features, Lobe, MarketSeen, Neighbour
from signals.lobes.neighbours import Neighbours
from signals.lobes.online import Online
from signals.lobes.track_record import TrackRecord, alike_of, circumstances_of
from signals.market.features import BARS_MAX, bar_features
from signals.models import Strategy
from signals.selectors.bars import bars_known, series_of
from signals.selectors.learning import family_members, neighbours_known
from signals.selectors.online import online_known

RESULT: Final = "trade.result_r"
LAST_RESULTS_MAX: Final = 500
# Older bars say nothing of the market that the entry meets.
FRESH_BARS: Final = 3


def features_get(
    *, strategy: Strategy, instrument: str, known_until: datetime, lobes: Collection[str] = ()
) -> Features:
    """Return what was on record of a strategy and an instrument before `known_until`.

    Of a trade whose result was restated, known by the revision at the end of its key, the latest
    counts. A result of zero did not win. `lobes`: who is asked, none means all; what none of them
    goes by is not read.
    """
    past = _results(strategy, known_until) if not lobes or TrackRecord.name in lobes else []
    market = _market(strategy, instrument, known_until)
    seen = None if market is None else market.features
    members = family_members(strategy) if seen is not None else []
    circumstances = circumstances_of(
        instrument, known_until, None if seen is None else seen.volatility
    )
    return Features(
        trades=len(past),
        wins=sum(one.won for one in past),
        newest_result_id=max((one.feature_id for one in past), default=None),
        alike=alike_of(circumstances, [(one.circumstances, one.won) for one in past]),
        market=market,
        neighbours=_neighbours(members, known_until) if _asks(Neighbours, lobes, members) else (),
        online=(
            online_known(members, known_until=known_until)
            if _asks(Online, lobes, members)
            else None
        ),
    )


@dataclass(frozen=True, slots=True)
class _Past:
    """A closed trade: the row of its result, whether it won, and what its entry came in."""

    feature_id: int
    won: bool
    circumstances: Mapping[str, str]


def _results(strategy: Strategy, known_until: datetime) -> list[_Past]:
    with connection.cursor() as cursor:
        cursor.execute(
            _TRACK_RECORD, [RESULT, strategy.id, known_until, LAST_RESULTS_MAX, known_until]
        )
        rows = cursor.fetchall()
    return [
        _Past(
            feature_id,
            value > 0,
            circumstances_of(
                instrument, came_at, None if volatility is None else Decimal(volatility)
            ),
        )
        for feature_id, value, instrument, came_at, volatility in rows
    ]


def _asks(lobe: type[Lobe], lobes: Collection[str], members: list[int]) -> bool:
    return bool(members) and (not lobes or lobe.name in lobes)


def _market(strategy: Strategy, instrument: str, known_until: datetime) -> MarketSeen | None:
    series = series_of(strategy.policy, strategy.slug, instrument)
    if not series:
        return None
    bars = bars_known(series, known_until=known_until, count=BARS_MAX)
    late = timedelta(seconds=FRESH_BARS * series[0].timeframe_seconds)
    if not bars or bars[-1].close_at < known_until - late:
        return None
    return MarketSeen(
        feed=series[0].feed,
        symbol=series[0].symbol,
        timeframe_seconds=series[0].timeframe_seconds,
        bars=len(bars),
        first_bar_id=bars[0].id,
        last_bar_id=bars[-1].id,
        features=bar_features(
            [one.high for one in bars], [one.low for one in bars], [one.close for one in bars]
        ),
    )


def _neighbours(members: list[int], known_until: datetime) -> tuple[Neighbour, ...]:
    rows = neighbours_known(members, known_until=known_until)
    return tuple(
        Neighbour(label_id=label, vector=tuple(Decimal(one) for one in vector), won=won)
        for label, vector, won in rows
    )


# Where its entry cannot be found, a trade's symbol alone is known.
_TRACK_RECORD = """
    SELECT latest.id, latest.value, latest.instrument, came.created_at, came.volatility FROM (
        SELECT DISTINCT ON (trade) trade, id, value, instrument, trace_id FROM (
            SELECT id, value, instrument, trace_id, regexp_replace(key, ':[0-9]+$', '') AS trade
            FROM signals_feature
            WHERE name = %s AND strategy_id = %s AND recorded_at < %s
            ORDER BY id DESC LIMIT %s
        ) AS recent ORDER BY trade, id DESC
    ) AS latest LEFT JOIN LATERAL (
        SELECT d.created_at, l.features ->> 2 AS volatility
        FROM signals_decision d
            LEFT JOIN signals_label l ON l.decision_id = d.id AND l.created_at < %s
        WHERE d.trace_id = latest.trace_id AND d.verb = 'entry' ORDER BY d.id LIMIT 1
    ) AS came ON true
"""
