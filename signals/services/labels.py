"""Labels: what became of each entry leg, traded or not, written once, as soon as it is known."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction

from fusion_project.events.clock import now
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.lobes.bar_features import features_told
from signals.market.barriers import RULE, Barriers, LabelBar, Verdict, barrier_verdict
from signals.market.holes import WEEK, hole_list
from signals.models import Decision, Label, Strategy, StrategyPolicy
from signals.selectors.bars import SeriesRef, bars_between, is_young, opens_between, series_of
from signals.selectors.learning import entries_unlabelled
from signals.services.learning import label_learn
from signals.trials.ending import Terms, barriers_of

NO_FEED: Final = "no_feed"
SECONDS_MAX: Final = 1.0
_R_MAX: Final = Decimal(10) ** 11


@dataclass(frozen=True, slots=True)
class _Asked:
    """One entry that waits, with what ends it; `barriers` None: `reason` says why it has none."""

    decision: Decision
    barriers: Barriers
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    decision: Decision
    verdict: Verdict
    series: SeriesRef | None
    known_at: datetime


def labels_write(*, seconds_max: float = SECONDS_MAX) -> int:
    """Write the labels that can be known now, and learn from them; return how many.

    After so many seconds the rest is left to the next call: other jobs wait for this one.
    """
    stop_at = time.monotonic() + seconds_max
    moment, found = now(), []
    for strategy in Strategy.objects.filter(is_drill=False).select_related("policy"):
        found += _found(strategy, moment)
    # What was known first is learned first, whichever strategy it is of.
    found.sort(key=lambda one: (one.known_at, one.decision.id))
    written = 0
    for one in found:
        written += _write(one, moment)
        if time.monotonic() > stop_at:
            break
    return written


def _found(strategy: Strategy, moment: datetime) -> list[_Found]:
    policies = list(strategy.policies.order_by("version"))
    by_series: dict[tuple[SeriesRef, ...], list[_Asked]] = {}
    known: dict[tuple[int, str], tuple[SeriesRef, ...]] = {}
    for decision in entries_unlabelled(strategy, now=moment):
        policy = _policy_then(policies, decision.created_at)
        key = (policy.version, decision.instrument)
        if key not in known:
            known[key] = tuple(series_of(policy, strategy.slug, decision.instrument))
        series = known[key]
        by_series.setdefault(series, []).append(_asked(decision, policy, series))
    return [one for series, asked in by_series.items() for one in _of_series(series, asked, moment)]


def _policy_then(policies: Sequence[StrategyPolicy], at: datetime) -> StrategyPolicy:
    return next((one for one in reversed(policies) if one.valid_from <= at), policies[0])


def _asked(decision: Decision, policy: StrategyPolicy, series: Sequence[SeriesRef]) -> _Asked:
    barriers, reason = barriers_of(
        Leg.from_json(decision.leg),
        Intent.from_json(decision.alert.intent),
        ref_price=decision.ref_price,
        received_at=decision.alert.received_at,
        step=timedelta(seconds=series[0].timeframe_seconds if series else 60),
        terms=Terms(
            payoff_r=policy.payoff_r,
            cost_r=policy.cost_r,
            horizon_seconds=policy.horizon_seconds,
        ),
    )
    return _Asked(decision, barriers, reason)


def _of_series(
    series: tuple[SeriesRef, ...], asked: Sequence[_Asked], moment: datetime
) -> list[_Found]:
    if not series:
        return [
            _Found(one.decision, _none(NO_FEED), None, moment)
            for one in asked
            if moment >= one.barriers.until
        ]
    step = timedelta(seconds=series[0].timeframe_seconds)
    first = min(one.barriers.start_at for one in asked) - step
    bars = bars_between(series, first, moment, known_until=moment)
    holes = _holes(series, bars, step)
    opens = [bar.open_at for bar in bars]
    began = min((bar.open_at for bar in bars), default=moment)
    found = []
    for one in asked:
        # Before its first bar a feed owes nothing, and yet nobody knows what happened.
        is_before = one.barriers.start_at + step <= began and bool(bars)
        from_start = bars[bisect_left(opens, one.barriers.start_at) :]
        owed = holes | {one.barriers.start_at} if is_before else holes
        verdict = (
            _none(one.reason)
            if one.reason
            else barrier_verdict(one.barriers, from_start, step=step, holes=owed, now=moment)
        )
        if verdict is not None:
            known_at = verdict.known_at or moment
            found.append(_Found(one.decision, verdict, series[0], known_at))
    return found


def _holes(
    series: Sequence[SeriesRef], bars: Sequence[LabelBar], step: timedelta
) -> frozenset[datetime]:
    if not bars:
        return frozenset()
    opens = [bar.open_at for bar in bars]
    before = {
        one for ref in series for one in opens_between(ref, opens[0] - WEEK, opens[-1] - WEEK)
    }
    young = is_young(series, opens[0])
    return frozenset(first for first, _ in hole_list(opens, step, before, is_young=young))


def _none(reason: str) -> Verdict:
    return Verdict(
        outcome="unlabelled",
        reason=reason,
        won=None,
        result=None,
        price=None,
        target=None,
        bars=0,
        last=None,
        known_at=None,
    )


def _write(found: _Found, moment: datetime) -> int:
    """Append the label and what is learned from it; 0 where another process was first."""
    verdict, series, last = found.verdict, found.series, found.verdict.last
    result = verdict.result
    try:
        with transaction.atomic():
            label = Label.objects.create(
                decision=found.decision,
                rule=RULE,
                outcome=verdict.outcome,
                reason=verdict.reason,
                won=verdict.won,
                result_r=None if result is None else max(-_R_MAX, min(result, _R_MAX)),
                feed="" if series is None else series.feed,
                symbol="" if series is None else series.symbol,
                timeframe_seconds=None if series is None else series.timeframe_seconds,
                price=verdict.price,
                target=verdict.target,
                bars=verdict.bars,
                last_bar_id=None if last is None else last.id,
                ended_at=None if last is None else last.close_at,
                features=features_told(found.decision.inputs),
                known_at=found.known_at,
                created_at=moment,
            )
            label_learn(label=label)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        if not constraint.startswith("signals_label_decision_id"):
            raise
        return 0
    return 1
