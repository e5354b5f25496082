"""An intent in plain words, one sentence a leg, for people who compare it with their plan. Pure."""

from __future__ import annotations

from typing import Final

from fusion_project.text.canonical import decimal_text
from signals.intents.intent import Intent
from signals.intents.legs import BAR_PRICES, BarPrices, Leg, Size, Target
from signals.intents.plan_words import distance_words, plan_words
from signals.intents.reading import time_text

# What every page says of an entry without a stop, beside or in place of its risk.
NO_STOP: Final = "no stop: loss not limited"
_TEST: Final = "A test: proves that the road is open and asks for nothing."
_SIZES: Final = {
    "lots": "{} lots",
    "qty": "{} units",
    "notional": "{} of account money in value",
    "risk_pct": "a risk of {} % of equity",
    "risk_money": "a risk of {} in account money",
    "equity_pct": "{} % of equity in value",
}
_DISTANCES: Final = {"points": "{} points", "pips": "{} pips", "percent": "{} %"}
_MONEY: Final = {"live": "live money", "paper": "paper money only"}
_UNDONE: Final = {"sell": "long", "buy": "short"}


def intent_words(intent: Intent) -> list[str]:
    """Return one sentence for each leg, or one for a message that asks for nothing."""
    if intent.bar is not None:
        return [_bar(intent.bar)]
    if not intent.legs:
        return [_TEST]
    return [leg_words(leg) for leg in intent.legs]


def intent_facts(intent: Intent) -> list[tuple[str, str]]:
    """Return label and value of everything beside the legs that the message says."""
    price = intent.ref_price
    rows = [
        ("Price on the chart", None if price is None else decimal_text(price)),
        ("Timeframe", intent.timeframe),
        ("Bar", time_text(intent.bar_time)),
        ("Expires", time_text(intent.expires_at)),
        ("Id", intent.sender_id),
        ("Trade reference", intent.trade_ref),
        ("Refers to", intent.ref_id),
        ("Meant for", _MONEY.get(intent.env or "")),
    ]
    return [(label, value) for label, value in rows if value]


def leg_words(leg: Leg) -> str:
    """Return what one leg asks for as a sentence."""
    return f"{_WORDS[leg.verb](leg)}."


def _bar(bar: BarPrices) -> str:
    prices = ", ".join(f"{name} {decimal_text(getattr(bar, name))}" for name in BAR_PRICES)
    volume = "" if bar.volume is None else f", volume {decimal_text(bar.volume)}"
    return f"A closed bar of {bar.symbol_raw}: {prices}{volume}. It asks for nothing."


def _entry(leg: Leg) -> str:
    verb = "Buy" if leg.side == "buy" else "Sell"
    size = _size(leg.size) if leg.size else "the size is left to the strategy's risk"
    stop, target = _protection("stop", leg.sl), _protection("target", leg.tp)
    planned = "" if leg.plan is None else f"; {'; '.join(plan_words(leg.plan))}"
    return f"{verb} {leg.symbol_raw} {_price(leg)}; {size}; {stop}, {target}{planned}"


def _price(leg: Leg) -> str:
    if leg.plan is not None and leg.plan.entry_distance is not None:
        away = distance_words(leg.plan.entry_distance)
        return f"with a {leg.order_type} order {away} from the market"
    limit = None if leg.limit_price is None else decimal_text(leg.limit_price)
    stop = None if leg.stop_price is None else decimal_text(leg.stop_price)
    return {
        "market": "at the market",
        "limit": f"with a limit order at {limit}",
        "stop": f"with a stop order at {stop}",
        "stop_limit": f"with a stop-limit order: stop {stop}, limit {limit}",
    }[leg.order_type]


def _size(size: Size) -> str:
    return _SIZES[size.mode].format(decimal_text(size.value))


def _protection(name: str, target: Target | None) -> str:
    return f"no {name}" if target is None else f"{name} {_target(target)}"


def _target(target: Target) -> str:
    if target.kind == "remove" or target.value is None:
        return "removed"
    value = decimal_text(target.value)
    if target.kind == "price":
        return f"at {value}"
    return f"{_DISTANCES[target.kind].format(value)} from the fill"


def _position(leg: Leg) -> str:
    side = _UNDONE.get(leg.side, "open")
    return f"the {side} position in {leg.symbol_raw}"


def _exit(leg: Leg) -> str:
    return f"Close {_position(leg)}"


def _partial_exit(leg: Leg) -> str:
    if leg.close_pct is None:
        part = "a part" if leg.size is None else _size(leg.size)
        return f"Close {part} of {_position(leg)}"
    share = f"{decimal_text(leg.close_pct)} %"
    return f"Close {share} of {_position(leg)}, counted from its size at the start"


def _amend(leg: Leg) -> str:
    side = {"buy": "long ", "sell": "short "}.get(leg.side, "")
    changes = [
        f"{name} {_target(target)}"
        for name, target in (("stop", leg.sl), ("target", leg.tp))
        if target is not None
    ]
    for name, price in (("limit price", leg.limit_price), ("stop price", leg.stop_price)):
        if price is not None:
            changes.append(f"{name} {decimal_text(price)}")
    return f"Change the {side}trade in {leg.symbol_raw}: {', '.join(changes)}"


def _cancel(leg: Leg) -> str:
    return f"Cancel the waiting entry in {leg.symbol_raw}"


def _cancel_all(leg: Leg) -> str:
    return f"Cancel every waiting entry{_where(leg)}"


def _close_all(leg: Leg) -> str:
    return f"Close every open position{_where(leg)}"


def _where(leg: Leg) -> str:
    return f" in {leg.symbol_raw}" if leg.symbol_raw else " of the strategy"


_WORDS: Final = {
    "entry": _entry,
    "exit": _exit,
    "partial_exit": _partial_exit,
    "amend": _amend,
    "cancel": _cancel,
    "cancel_all": _cancel_all,
    "close_all": _close_all,
}
