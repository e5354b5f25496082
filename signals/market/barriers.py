"""How an entry would have ended: the triple barrier, net of cost. Pure.

Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapter 3. An entry wins where its
target is reached before its stop and before its time is over, and where the win exceeds the cost.
A bar does not tell in which order its prices came, so one that touches both has hit the stop, and
the bar in which a waiting order fills reaches no target.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Final

RULE: Final = "triple_barrier/1"
TARGET, STOP, TIME, UNLABELLED = "target", "stop", "time", "unlabelled"
# How long a shut market is waited for.
WAIT_MAX: Final = timedelta(days=5)
_RATIO: Final = Context(prec=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBar:
    """One bar as it was known; `id` is its row."""

    id: int
    open_at: datetime
    close_at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Barriers:
    """An entry: from `start_at` on, until `until`. Prices as the alert says them.

    `order_type`: market, limit, stop or stop_limit; `price` is the market's reference, the limit
    or the trigger, None where nothing is said: then the first bar's open. `target` None: at
    `payoff` distances of the stop. `cost`: of one trade, in distances of the stop.
    """

    side: str
    order_type: str
    price: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    payoff: Decimal
    cost: Decimal
    start_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How it ended. `result`: in distances of the stop, net of cost; None where unlabelled.

    `last` is the bar that decided it, `known_at` when the last of the bars used was on record.
    """

    outcome: str
    reason: str
    won: bool | None
    result: Decimal | None
    price: Decimal | None
    target: Decimal | None
    bars: int
    last: LabelBar | None
    known_at: datetime | None


def barrier_verdict(
    asked: Barriers,
    bars: Sequence[LabelBar],
    *,
    step: timedelta,
    holes: Collection[datetime],
    now: datetime,
) -> Verdict | None:
    """Return how the entry ended, or None while nobody can know.

    `bars` are those that opened from `start_at` on, oldest first, and one after `until` where there
    is one. `holes`: the first bar that is owed in each hole; a market that was shut owes none.
    """
    if asked.stop is None:
        return _unlabelled("no_stop")
    played = _Played(asked, bars, step, holes)
    if played.told is not None and not _is_beyond(asked, played.told, asked.stop):
        return _unlabelled("stop_on_wrong_side", price=played.told)
    return played.verdict() or played.at_the_end(now)


@dataclass(slots=True)
class _Played:
    """The bars that were used so far, until when they reach, and what the entry was filled at."""

    asked: Barriers
    bars: Sequence[LabelBar]
    step: timedelta
    holes: Collection[datetime]
    used: list[LabelBar] = field(default_factory=list)
    price: Decimal | None = None
    due: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.due = self.asked.start_at
        seen = self._seen()
        if self.asked.order_type == "market":
            first = seen[0].open if seen else None
            self.price = self.asked.price if self.asked.price is not None else first

    @property
    def told(self) -> Decimal | None:
        """The price that the stop is held against."""
        return self.price if self.price is not None else self.asked.price

    def verdict(self) -> Verdict | None:
        """What the first barrier of price, or the first hole, makes of it."""
        for bar in self._seen():
            if self._is_owed_before(bar.open_at):
                return _unlabelled("bars_missing", bars=self.used, price=self.price)
            self.used.append(bar)
            self.due = bar.open_at + self.step
            ended = self._ended(bar)
            if ended is not None:
                return self._told_as(ended)
        return None

    def at_the_end(self, now: datetime) -> Verdict | None:
        """What its time makes of it; None where its market may only be shut."""
        until = self.asked.until
        after = next((bar.open_at for bar in self.bars if bar.open_at >= until), None)
        if self.due < until and after is None:
            if now < self.due + WAIT_MAX:
                return None
            reason = "bars_missing" if self.used else "no_bars"
            return _unlabelled(reason, bars=self.used, price=self.price)
        if after is not None and self._is_owed_before(min(after, until)):
            return _unlabelled("bars_missing", bars=self.used, price=self.price)
        if self.price is None or not self.used:
            return _unlabelled("not_filled" if self.used else "no_bars", bars=self.used)
        return self._told_as(TIME)

    def _seen(self) -> list[LabelBar]:
        start, until = self.asked.start_at, self.asked.until
        return [bar for bar in self.bars if start <= bar.open_at < until]

    def _is_owed_before(self, moment: datetime) -> bool:
        return any(self.due - self.step < first < moment for first in self.holes)

    def _ended(self, bar: LabelBar) -> str | None:
        filled_now = self.price is None and _fills(self.asked, bar)
        if filled_now:
            self.price = self.asked.price
        if self.price is None:
            return None
        target = _target(self.asked, self.price)
        return _touched(self.asked, bar, target, filled_now=filled_now)

    def _told_as(self, outcome: str) -> Verdict:
        assert self.price is not None
        target = _target(self.asked, self.price)
        return _verdict(self.asked, outcome, self.price, target, self.used)


def _fills(asked: Barriers, bar: LabelBar) -> bool:
    """A limit is met from its better side, a stop order's trigger from its worse one."""
    if asked.price is None:
        return False
    falls = (asked.side == "buy") == (asked.order_type == "limit")
    return bar.low <= asked.price if falls else bar.high >= asked.price


def _target(asked: Barriers, price: Decimal) -> Decimal:
    if asked.target is not None:
        return asked.target
    assert asked.stop is not None
    return price + (price - asked.stop) * asked.payoff


def _touched(asked: Barriers, bar: LabelBar, target: Decimal, *, filled_now: bool) -> str | None:
    assert asked.stop is not None
    is_buy = asked.side == "buy"
    if bar.low <= asked.stop if is_buy else bar.high >= asked.stop:
        return STOP
    if not filled_now and (bar.high >= target if is_buy else bar.low <= target):
        return TARGET
    return None


def _verdict(
    asked: Barriers, outcome: str, price: Decimal, target: Decimal, used: list[LabelBar]
) -> Verdict:
    assert asked.stop is not None
    risk = abs(price - asked.stop)
    sign = 1 if asked.side == "buy" else -1
    left_at = {TARGET: target, STOP: asked.stop, TIME: used[-1].close}[outcome]
    result = _RATIO.divide(sign * (left_at - price), risk) - asked.cost
    won = outcome == TARGET and result > 0
    reason = "cost_exceeds_win" if outcome == TARGET and not won else ""
    return Verdict(
        outcome=outcome,
        reason=reason,
        won=won,
        result=result,
        price=price,
        target=target,
        bars=len(used),
        last=used[-1],
        known_at=max(bar.recorded_at for bar in used),
    )


def _unlabelled(
    reason: str, *, bars: Sequence[LabelBar] = (), price: Decimal | None = None
) -> Verdict:
    return Verdict(
        outcome=UNLABELLED,
        reason=reason,
        won=None,
        result=None,
        price=price,
        target=None,
        bars=len(bars),
        last=bars[-1] if bars else None,
        known_at=None,
    )


def _is_beyond(asked: Barriers, price: Decimal, stop: Decimal) -> bool:
    return price > stop if asked.side == "buy" else price < stop
