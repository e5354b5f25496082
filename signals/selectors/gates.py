"""Reads what gates go by: only what was on record before the alert came, each fact with its age."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from signals.fusion.gating import names
from signals.fusion.gating.rules import GateFact
from signals.fusion.gating.settings import MINUTES_MAX, GateSetting
from signals.intents.legs import Leg
from signals.market.barriers import WAIT_MAX, LabelBar
from signals.market.features import BARS_MAX, bar_features
from signals.market.holes import WEEK, hole_list
from signals.market.moves import correlation, daily_bps
from signals.models import Decision, Feature
from signals.selectors.bars import SeriesRef, bars_known, is_young, opens_between, series_of
from signals.selectors.features import FRESH_BARS, RESULT
from signals.selectors.learning import family_members
from signals.selectors.news import news_near

_PUSHED: Final = {
    names.DRAWDOWN: "strategy.drawdown_bps",
    names.EXPOSURE: "strategy.exposure_bps",
    names.ACCOUNT_HEALTH: "strategy.health",
}
SPREAD_FEATURE: Final = "strategy.spread_bps"
OPEN_MAX: Final = 50
_BPS: Final = Decimal(10_000)
_PLACES: Final = Decimal("1e-9")
# Of an open entry whose market nobody can compare it counts as if it moved in step.
_ALIKE: Final = Decimal(1)


def gate_facts(decision: Decision, settings: Mapping[str, GateSetting]) -> tuple[GateFact, ...]:
    """Return one fact for each gate that the policy asks, as of the alert's receipt."""
    look = _Look(decision, decision.alert.received_at)
    return tuple(_READERS[name](look, name, setting) for name, setting in settings.items())


@dataclass(slots=True)
class _Look:
    """One decision's look at what was known; bars are read once for all gates."""

    decision: Decision
    at: datetime
    _bars: dict[str, tuple[SeriesRef | None, list[LabelBar]]] = field(default_factory=dict)

    def bars(self, instrument: str) -> tuple[SeriesRef | None, list[LabelBar]]:
        if instrument not in self._bars:
            strategy = self.decision.strategy
            series = series_of(strategy.policy, strategy.slug, instrument)
            found = bars_known(series, known_until=self.at, count=BARS_MAX) if series else []
            self._bars[instrument] = (series[0] if series else None, found)
        return self._bars[instrument]

    def age(self, at: datetime) -> int:
        return max(0, int((self.at - at).total_seconds()))


def _pushed(look: _Look, name: str, _: GateSetting) -> GateFact:
    row = _newest(look, _PUSHED[name], "")
    if row is None:
        return GateFact(name=name, values=None)
    return GateFact(name=name, values=(row.value,), age_seconds=look.age(row.at), rows=(row.id,))


def _newest(look: _Look, name: str, instrument: str) -> Feature | None:
    """A fact that claims to be of a later moment than the alert is not known yet."""
    rows = Feature.objects.filter(
        name=name,
        strategy=look.decision.strategy_id,
        instrument=instrument,
        recorded_at__lt=look.at,
        at__lte=look.at,
    )
    return rows.order_by("-recorded_at", "-id").first()


def _session(look: _Look, name: str, setting: GateSetting) -> GateFact:
    local = look.at.astimezone(ZoneInfo(setting.zone))
    minute = (local.weekday() * 24 + local.hour) * 60 + local.minute
    return GateFact(name=name, values=(Decimal(minute),))


def _news(look: _Look, name: str, setting: GateSetting) -> GateFact:
    currencies = currencies_of(look.decision.instrument, setting)
    reach = timedelta(minutes=MINUTES_MAX)
    found = currencies and news_near(
        setting.calendar, look.at, reach=reach, currencies=currencies, impact=setting.impact
    )
    if not found:
        return GateFact(name=name, values=None)
    return GateFact(
        name=name,
        values=tuple(
            (Decimal((at - look.at) // timedelta(seconds=1)) / 60).quantize(_PLACES)
            for _, at in found.events
        ),
        age_seconds=look.age(found.imported_at),
        fresh_seconds=int(WEEK.total_seconds()),
        rows=tuple(row for row, _ in found.events),
    )


def currencies_of(instrument: str, setting: GateSetting) -> tuple[str, ...]:
    """Return the currencies whose news concern an instrument; none where nobody can say."""
    named = (setting.currencies or {}).get(instrument)
    if named:
        return named
    is_pair = len(instrument) == 6 and instrument.isalpha()
    return (instrument[:3], instrument[3:]) if is_pair else ()


def _spread(look: _Look, name: str, _: GateSetting) -> GateFact:
    row = _newest(look, SPREAD_FEATURE, look.decision.instrument)
    levels = Leg.from_json(look.decision.leg).price_levels(look.decision.ref_price)
    if row is None or levels.entry is None or levels.stop in (None, levels.entry):
        return GateFact(name=name, values=None)
    assert levels.stop is not None
    share = row.value / _BPS * levels.entry / abs(levels.entry - levels.stop)
    return GateFact(
        name=name,
        values=(share.quantize(_PLACES),),
        age_seconds=look.age(row.at),
        rows=(row.id,),
    )


def _of_bars(look: _Look, name: str, values: tuple[Decimal, ...] | None) -> GateFact:
    series, bars = look.bars(look.decision.instrument)
    if series is None or not bars or values is None:
        return GateFact(name=name, values=None)
    return GateFact(
        name=name,
        values=values,
        age_seconds=look.age(bars[-1].close_at),
        fresh_seconds=FRESH_BARS * series.timeframe_seconds,
        rows=(bars[0].id, bars[-1].id),
    )


def _volatility(look: _Look, name: str, _: GateSetting) -> GateFact:
    series, bars = look.bars(look.decision.instrument)
    closes = [one.close for one in bars]
    told = bar_features([one.high for one in bars], [one.low for one in bars], closes)
    daily = daily_bps(closes, series.timeframe_seconds) if series else None
    known = told is not None and daily is not None
    return _of_bars(look, name, (told.volatility, daily) if known else None)  # type: ignore[union-attr, arg-type]


def _data_quality(look: _Look, name: str, _: GateSetting) -> GateFact:
    series, bars = look.bars(look.decision.instrument)
    if series is None or not bars:
        return _of_bars(look, name, None)
    opens, step = [one.open_at for one in bars], timedelta(seconds=series.timeframe_seconds)
    before = opens_between(series, opens[0] - WEEK, opens[-1] - WEEK)
    holes = hole_list(opens, step, before, is_young=is_young([series], opens[0]))
    owed = len(opens) + sum(count for _, count in holes)
    return _of_bars(look, name, ((Decimal(len(opens)) / owed).quantize(_PLACES),))


def _correlation(look: _Look, name: str, _: GateSetting) -> GateFact:
    """How many open entries of the family this one would double: the sum of their correlations."""
    own, total, rows = look.decision, Decimal(0), []
    closes = {bar.open_at: bar.close for bar in look.bars(own.instrument)[1]}
    for one in _open_entries(look):
        rows.append(one.id)
        alike: Decimal | None = _ALIKE
        if one.instrument != own.instrument:
            other = {bar.open_at: bar.close for bar in look.bars(one.instrument)[1]}
            alike = correlation(closes, other)
        sign = 1 if one.side == own.side else -1
        total += _ALIKE if alike is None else max(Decimal(0), sign * alike)
    return GateFact(name=name, values=(total,), rows=tuple(rows))


def _open_entries(look: _Look) -> list[Decision]:
    """Approved entries that neither a label nor a result has ended, as far as was known then."""
    since = look.at - timedelta(seconds=look.decision.strategy.policy.horizon_seconds) - WAIT_MAX
    rows = Decision.objects.filter(
        strategy__in=family_members(look.decision.strategy),
        verb="entry",
        state="approved",
        created_at__gt=since,
        decided_at__lt=look.at,
    ).exclude(label__created_at__lt=look.at)
    found = list(rows.order_by("-id")[:OPEN_MAX])
    ended = set(
        Feature.objects.filter(
            name=RESULT,
            strategy__in={one.strategy_id for one in found},
            trace_id__in=[one.trace_id for one in found],
            recorded_at__lt=look.at,
        ).values_list("trace_id", flat=True)
    )
    return [one for one in found if one.trace_id not in ended]


_READERS: Final[dict[str, Callable[[_Look, str, GateSetting], GateFact]]] = {
    names.DRAWDOWN: _pushed,
    names.EXPOSURE: _pushed,
    names.CORRELATION: _correlation,
    names.SESSION: _session,
    names.NEWS: _news,
    names.SPREAD: _spread,
    names.VOLATILITY: _volatility,
    names.DATA_QUALITY: _data_quality,
    names.ACCOUNT_HEALTH: _pushed,
}
