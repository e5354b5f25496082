"""One entry leg as engine and bars are asked about it: what would end it, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from signals.intents.intent import Intent
from signals.intents.legs import Leg, Target
from signals.market.barriers import Barriers
from signals.market.timeframes import timeframe_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a policy says of an entry's end; payoff and cost in distances of the stop."""

    payoff_r: Decimal
    cost_r: Decimal
    horizon_seconds: int


def barriers_of(
    leg: Leg,
    intent: Intent,
    *,
    ref_price: Decimal | None,
    received_at: datetime,
    step: timedelta,
    terms: Terms,
) -> tuple[Barriers, str]:
    """Return what ends an entry, and why that cannot be known, '' where it can.

    `step`: how long a bar of its series is.
    """
    levels = leg.price_levels(ref_price)
    start_at = _start_at(intent, received_at, step)
    stop, target = (
        _level(one, levels.entry, leg.side, sign) for one, sign in ((leg.sl, -1), (leg.tp, 1))
    )
    barriers = Barriers(
        side=leg.side,
        order_type=leg.order_type,
        price=levels.entry,
        stop=stop,
        target=target,
        payoff=terms.payoff_r,
        cost=terms.cost_r,
        start_at=start_at,
        until=start_at + timedelta(seconds=terms.horizon_seconds),
    )
    told = (leg.sl, stop), (leg.tp, target)
    is_unknown = any(one is not None and level is None for one, level in told)
    return barriers, "distance_without_price" if is_unknown else ""


def risk_hint_bps(leg: Leg) -> int | None:
    """The sender may ask for less than the policy allows; other size modes wait for execution."""
    if leg.size is None or leg.size.mode != "risk_pct":
        return None
    return int(leg.size.value * 100)


def reward_of_distances(leg: Leg, ref_price: Decimal | None) -> Decimal | None:
    """Reward to risk where stop or target is a distance; of prices the engine works it out."""
    is_distance = any(one is not None and one.kind != "price" for one in (leg.sl, leg.tp))
    return leg.reward_to_risk(ref_price) if is_distance else None


def _start_at(intent: Intent, received_at: datetime, step: timedelta) -> datetime:
    """When its bar closed, where that was just now: the bar that opens then is all ahead of it."""
    seconds = timeframe_seconds(intent.timeframe or "")
    if intent.bar_time is not None and seconds is not None:
        closed_at = intent.bar_time + timedelta(seconds=seconds)
        if closed_at <= received_at < closed_at + step:
            return closed_at
    return received_at


def _level(told: Target | None, price: Decimal | None, side: str, sign: int) -> Decimal | None:
    """A stop or target as a price; None where its distance has a unit that only a broker knows."""
    if told is None or told.value is None or told.kind == "remove":
        return None
    if told.kind == "price":
        return told.value
    if told.kind == "percent" and price is not None:
        return price * (1 + sign * (1 if side == "buy" else -1) * told.value / 100)
    return None
