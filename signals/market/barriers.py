"""How an entry would have ended: the triple barrier, net of cost. Pure.

Lopez de Prado, "Advances in Financial Machine Learning" (2018), chapter 3. An entry wins where its
target is reached before its stop and before its time is over, and where the win exceeds the cost.
A bar does not tell in which order its prices came, so one that touches both has hit the stop, and
the bar in which a waiting order fills reaches no target.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
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
    seen = [bar for bar in bars if asked.start_at <= bar.open_at < asked.until]
    used: list[LabelBar] = []
    price = _price_at_once(asked, seen)
    if price is not None and not _is_beyond(asked, price, asked.stop):
        return _unlabelled("stop_on_wrong_side", price=price)
    due = asked.start_at
    for bar in seen:
        if _is_owed(holes, due - step, bar.open_at):
            return _unlabelled("bars_missing", bars=used, price=price)
        used.append(bar)
        due = bar.open_at + step
        filled_now = price is None and _fills(asked, bar)
        if filled_now:
            price = asked.price
        if price is None:
            continue
        target = _target(asked, price)
        ended = _ended(asked, bar, price, target, filled_now=filled_now)
        if ended is not None:
            return _verdict(asked, ended, price, target, used)
    after = next((bar.open_at for bar in bars if bar.open_at >= asked.until), None)
    if due < asked.until and after is None:
        # Its market may be shut; a bar that comes later tells whether it was.
        if now < due + WAIT_MAX:
            return None
        return _unlabelled("bars_missing" if used else "no_bars", bars=used, price=price)
    if after is not None and _is_owed(holes, due - step, min(after, asked.until)):
        return _unlabelled("bars_missing", bars=used, price=price)
    if price is None or not used:
        return _unlabelled("not_filled", bars=used)
    return _verdict(asked, TIME, price, _target(asked, price), used)


def _is_owed(holes: Collection[datetime], after: datetime, before: datetime) -> bool:
    return any(after < first < before for first in holes)


def _price_at_once(asked: Barriers, bars: Sequence[LabelBar]) -> Decimal | None:
    """What a market order is taken to be filled at; None for an order that waits."""
    if asked.order_type != "market":
        return None
    return asked.price if asked.price is not None else (bars[0].open if bars else None)


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


def _ended(
    asked: Barriers, bar: LabelBar, price: Decimal, target: Decimal, *, filled_now: bool
) -> str | None:
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
