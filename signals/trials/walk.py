"""The walk: each entry is decided by the real engine from what was known when its alert came.

Labels are learned in the order in which they became known, none before its time; nothing is fitted
to the whole. Gates that need an account have no facts here and are left out, by name.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from signals.fusion.engines.registry import CURRENT
from signals.fusion.gating import names
from signals.fusion.gating.rules import GateFact, gated
from signals.fusion.gating.settings import GateSetting
from signals.fusion.inputs import EngineInputs, EngineOpinion, Outcome, Policy, Rules
from signals.fusion.learned import Learned, Told, learned_start
from signals.fusion.scoring.scores import Scores
from signals.intents.legs import Leg
from signals.intents.symbols import SymbolUnreadable, instrument_of
from signals.lobes.base import Features, Lobe, MarketSeen, Neighbour, Question
from signals.lobes.online import Online, Window
from signals.lobes.track_record import alike_of, circumstances_of
from signals.market.barriers import LabelBar, Verdict, barrier_verdict
from signals.market.features import BARS_MAX, bar_features
from signals.market.holes import WEEK, hole_list
from signals.market.moves import daily_bps
from signals.trials.ending import Terms, barriers_of, reward_of_distances, risk_hint_bps
from signals.trials.reading import TrialAlert

# These have facts in a backtest; the others need an account, its broker, or a calendar.
GATES_KNOWN: Final = (names.CORRELATION, names.SESSION, names.VOLATILITY, names.DATA_QUALITY)
FRESH_BARS: Final = 3
NEIGHBOURS_MAX: Final = 500
RESULTS_MAX: Final = 500
OTHER_INSTRUMENT: Final = "other_instrument"
_PLACES: Final = Decimal("1e-9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The bars of one instrument; the strategy's feed of it."""

    instrument: str
    symbol: str
    timeframe_seconds: int
    bars: Sequence[LabelBar]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPolicy:
    """What a strategy's policy says, as far as it decides whether and how much.

    `local`: a moment's minute of the week in the zone of the session's gate.
    """

    policy: Policy
    terms: Terms
    prior_p: Decimal
    prior_strength: Decimal
    labels_min: int
    quorum: int
    outage: str
    lobe_share_max: Decimal
    miss_max: Decimal
    gates: dict[str, GateSetting]
    lobes: tuple[Lobe, ...]
    local: Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Tried:
    """One entry: what the engine said of it, and how it ended; `verdict` None: nobody can know.

    `gates`: the reasons of those that left nothing of its size.
    """

    alert: TrialAlert
    leg: Leg
    outcome: Outcome
    verdict: Verdict | None
    reason: str
    gates: tuple[str, ...] = ()

    @property
    def is_traded(self) -> bool:
        """Whether the engine would have traded it, a person asked included."""
        return self.outcome.verdict != "abstain"

    @property
    def won(self) -> bool | None:
        """Whether it won; None where it has no label."""
        return None if self.verdict is None else self.verdict.won


@dataclass(order=True, slots=True)
class _Waiting:
    known_at: datetime
    number: int
    tried: Tried = field(compare=False)
    stood: Learned = field(compare=False)
    vector: tuple[Decimal, ...] = field(compare=False)


@dataclass(slots=True)
class Walk:
    """A walk under way, and in the end what came of it."""

    chart: Chart
    asked: TrialPolicy
    tried: list[Tried] = field(default_factory=list)
    learned: Learned = field(default_factory=learned_start)
    scores: Scores | None = None
    _state: dict[str, Any] | None = None
    _waiting: list[_Waiting] = field(default_factory=list)
    _results: deque[tuple[dict[str, str], bool]] = field(
        default_factory=lambda: deque(maxlen=RESULTS_MAX)
    )
    _neighbours: deque[Neighbour] = field(default_factory=lambda: deque(maxlen=NEIGHBOURS_MAX))
    _window: Window | None = None
    _opens: list[datetime] = field(default_factory=list)
    _closes: list[datetime] = field(default_factory=list)
    _prices: tuple[list[float], ...] = field(init=False)
    _holes: list[datetime] = field(default_factory=list)
    _owed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        bars = self.chart.bars
        step = timedelta(seconds=self.chart.timeframe_seconds)
        self._opens = [bar.open_at for bar in bars]
        self._closes = [bar.close_at for bar in bars]
        # Each bar is looked at sixty times.
        self._prices = (
            [float(bar.high) for bar in bars],
            [float(bar.low) for bar in bars],
            [float(bar.close) for bar in bars],
        )
        is_young = self._opens[-1] - self._opens[0] < WEEK
        holes = hole_list(self._opens, step, self._opens, is_young=is_young)
        self._holes = [first for first, _ in holes]
        self._owed = [owed for _, owed in holes]
        if any(one.name == Online.name for one in self.asked.lobes):
            self._window = Window()

    def go(self, alerts: Iterable[TrialAlert], told: Callable[[int], None]) -> None:
        """Walk all alerts; `told` hears how many are done."""
        for count, alert in enumerate(alerts, start=1):
            self._learn(alert.received_at)
            for leg in alert.intent.legs:
                if leg.is_entry:
                    self._try(alert, leg)
            told(count)
        self._learn(None)

    def _learn(self, until: datetime | None) -> None:
        """Learn each label that became known before a moment; None: all of them."""
        while self._waiting and (until is None or self._waiting[0].known_at < until):
            one = heapq.heappop(self._waiting)
            won, told = bool(one.tried.won), one.tried.outcome.told
            assert told is not None
            was_told, former = Told.from_dict(told), self.learned
            self.learned = former.after(was_told, won=won, miss_max=float(self.asked.miss_max))
            self._state = self.learned.to_dict()
            scores = self.scores or Scores(1)
            self.scores = scores.after(one.stood, former, was_told, won=won)
            if one.tried.is_traded:
                volatility = one.vector[2] if one.vector else None
                came = circumstances_of(
                    self.chart.instrument, one.tried.alert.received_at, volatility
                )
                self._results.append((came, won))
            if one.vector:
                label = Neighbour(label_id=one.number, vector=one.vector, won=won)
                self._neighbours.append(label)
                if self._window is not None:
                    self._window.learn(label)

    def _try(self, alert: TrialAlert, leg: Leg) -> None:
        if _instrument(leg) != self.chart.instrument:
            outcome = CURRENT.fuse(self._inputs(alert, leg, (), ()))
            self.tried.append(Tried(alert, leg, outcome, None, OTHER_INSTRUMENT))
            return
        market = self._market(alert.received_at)
        opinions = self._opinions(alert, leg, market)
        inputs = self._inputs(alert, leg, opinions, self._facts(alert, leg, market))
        outcome = CURRENT.fuse(inputs)
        verdict, reason = self._ended(alert, leg)
        closed = tuple(gate.reason for gate in inputs.gates if gate.factor <= 0)
        tried = Tried(alert, leg, outcome, verdict, reason, closed)
        self.tried.append(tried)
        if tried.won is not None and outcome.told is not None:
            assert verdict is not None
            features = None if market is None else market.features
            vector = () if features is None else features.for_side(leg.side)
            known_at = max(verdict.known_at or alert.received_at, alert.received_at)
            number = len(self.tried)
            heapq.heappush(self._waiting, _Waiting(known_at, number, tried, self.learned, vector))

    def _market(self, at: datetime) -> MarketSeen | None:
        """The newest bars that had closed by then; None where they are too old."""
        end = bisect_right(self._closes, at)
        seen = slice(max(0, end - BARS_MAX), end)
        bars = self.chart.bars[seen]
        late = timedelta(seconds=FRESH_BARS * self.chart.timeframe_seconds)
        if not bars or bars[-1].close_at < at - late:
            return None
        return MarketSeen(
            feed="csv:backtest",
            symbol=self.chart.symbol,
            timeframe_seconds=self.chart.timeframe_seconds,
            bars=len(bars),
            first_bar_id=bars[0].id,
            last_bar_id=bars[-1].id,
            features=bar_features(*(prices[seen] for prices in self._prices)),
        )

    def _opinions(
        self, alert: TrialAlert, leg: Leg, market: MarketSeen | None
    ) -> tuple[EngineOpinion, ...]:
        levels = leg.price_levels(alert.intent.ref_price)
        seen = None if market is None else market.features
        circumstances = circumstances_of(
            self.chart.instrument, alert.received_at, None if seen is None else seen.volatility
        )
        question = Question(
            strategy_id=0,
            alert_id=alert.line,
            leg_no=0,
            instrument=self.chart.instrument,
            side=leg.side,
            order_type=leg.order_type,
            timeframe=alert.intent.timeframe,
            entry_price=levels.entry,
            stop_price=levels.stop,
            target_price=levels.target,
            prior_p=self.asked.prior_p,
            prior_strength=self.asked.prior_strength,
            known_until=alert.received_at,
            features=Features(
                trades=len(self._results),
                wins=sum(won for _, won in self._results),
                alike=alike_of(circumstances, self._results),
                market=market,
                neighbours=() if seen is None else tuple(reversed(self._neighbours)),
                online=None if seen is None or self._window is None else self._window.seen(),
            ),
        )
        answers = (lobe.answer(question) for lobe in self.asked.lobes)
        return tuple(
            EngineOpinion(
                lobe=one.lobe,
                version=one.version,
                status=one.status,
                p=one.p,
                evidence=one.evidence,
                eps=one.eps,
                weight=Decimal(1),
            )
            for one in answers
        )

    def _inputs(
        self,
        alert: TrialAlert,
        leg: Leg,
        opinions: tuple[EngineOpinion, ...],
        facts: tuple[GateFact, ...],
    ) -> EngineInputs:
        asked, levels = self.asked, leg.price_levels(alert.intent.ref_price)
        told = gated(asked.gates, facts) if facts or not asked.gates else None
        return EngineInputs(
            policy=asked.policy,
            side=leg.side,
            entry_price=levels.entry,
            stop_price=levels.stop,
            target_price=levels.target,
            risk_hint_bps=risk_hint_bps(leg),
            opinions=opinions,
            gates=() if told is None else told.gates,
            risk_share=None if told is None else told.risk_share,
            reward_to_risk=reward_of_distances(leg, alert.intent.ref_price),
            rules=Rules(
                labels_min=asked.labels_min,
                quorum=asked.quorum,
                outage=asked.outage,
                lobe_share_max=asked.lobe_share_max,
                miss_max=asked.miss_max,
                is_away=False,
                open_labels=len(self._waiting),
            ),
            state=self._state,
        )

    def _facts(
        self, alert: TrialAlert, leg: Leg, market: MarketSeen | None
    ) -> tuple[GateFact, ...]:
        return tuple(
            fact
            for name in self.asked.gates
            for fact in [self._fact(name, alert.received_at, leg, market)]
        )

    def _fact(self, name: str, at: datetime, leg: Leg, market: MarketSeen | None) -> GateFact:
        if name == names.SESSION:
            return GateFact(name=name, values=(Decimal(self.asked.local(at)),))
        if name == names.CORRELATION:
            sides = [one.tried.leg.side for one in self._waiting if one.tried.is_traded]
            return GateFact(name=name, values=(Decimal(sides.count(leg.side)),))
        end = bisect_right(self._closes, at)
        bars = self.chart.bars[max(0, end - BARS_MAX) : end]
        if not bars:
            return GateFact(name=name, values=None)
        age = int((at - bars[-1].close_at).total_seconds())
        values = self._of_bars(name, bars, market)
        fresh = FRESH_BARS * self.chart.timeframe_seconds
        return GateFact(name=name, values=values, age_seconds=max(0, age), fresh_seconds=fresh)

    def _of_bars(
        self, name: str, bars: Sequence[LabelBar], market: MarketSeen | None
    ) -> tuple[Decimal, ...] | None:
        if name == names.DATA_QUALITY:
            first, last = bisect_left(self._holes, bars[0].open_at), bars[-1].open_at
            missing = sum(self._owed[first : bisect_left(self._holes, last)])
            return ((Decimal(len(bars)) / (len(bars) + missing)).quantize(_PLACES),)
        daily = daily_bps([bar.close for bar in bars], self.chart.timeframe_seconds)
        if market is None or market.features is None or daily is None:
            return None
        return (market.features.volatility, daily)

    def _ended(self, alert: TrialAlert, leg: Leg) -> tuple[Verdict | None, str]:
        step = timedelta(seconds=self.chart.timeframe_seconds)
        barriers, reason = barriers_of(
            leg,
            alert.intent,
            ref_price=alert.intent.ref_price,
            received_at=alert.received_at,
            step=step,
            terms=self.asked.terms,
        )
        if reason:
            return None, reason
        first = bisect_left(self._opens, barriers.start_at)
        last = bisect_left(self._opens, barriers.until) + 1
        before = bisect_left(self._holes, barriers.start_at - step)
        holes = self._holes[before : bisect_right(self._holes, barriers.until)]
        if barriers.start_at + step <= self._opens[0]:
            holes = [barriers.start_at, *holes]
        ended = barrier_verdict(
            barriers,
            self.chart.bars[first:last],
            step=step,
            holes=holes,
            now=self.chart.bars[-1].close_at,
        )
        if ended is None:
            return None, "still_open"
        return (ended, "") if ended.won is not None else (None, ended.reason)


def _instrument(leg: Leg) -> str:
    try:
        return instrument_of(leg.symbol_raw)
    except SymbolUnreadable:
        return ""
