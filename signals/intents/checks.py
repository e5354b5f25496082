"""Cross-field checks of `df.intent`: what must hold before an intent may exist. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final

from signals.intents.invalid import IntentInvalid
from signals.intents.legs import BAR_PRICES, BarPrices, Leg, Target

KINDS: Final = frozenset({"trade", "test", "bar"})
ENVS: Final = frozenset({None, "live", "paper"})
VERBS: Final = frozenset(
    {"entry", "exit", "partial_exit", "amend", "cancel", "cancel_all", "close_all"}
)
# These two may name no symbol and then mean every symbol of the strategy.
SYMBOL_FREE: Final = frozenset({"cancel_all", "close_all"})
SIDES: Final = frozenset({"buy", "sell", "any"})
ORDER_TYPES: Final = frozenset({"market", "limit", "stop", "stop_limit"})
SIZE_MODES: Final = frozenset({"lots", "risk_pct", "risk_money", "equity_pct", "qty", "notional"})
# In these a part of a position is told; the others count from the account.
CLOSE_MODES: Final = frozenset({"lots", "qty"})
TARGET_KINDS: Final = frozenset({"price", "points", "pips", "percent", "remove"})
# How long an order lives: '' leaves it to the desk.
TIFS: Final = ("", "day", "gtc", "ioc", "fok", "gtd")
LEGS_MAX: Final = 8
REF_LENGTH_MAX: Final = 160
SYMBOL_LENGTH_MAX: Final = 64


def check_kind(kind: str, legs: Collection[Leg]) -> None:
    """A trade has legs, at most `LEGS_MAX`; a test or a bar has none."""
    _require(kind in KINDS, "unknown_kind", "kind must be trade, test or bar.")
    _require(len(legs) <= LEGS_MAX, "too_many_legs", f"At most {LEGS_MAX} legs.")
    if kind == "trade":
        _require(bool(legs), "no_legs", "A trade alert needs at least one leg.")
    else:
        _require(not legs, "unexpected_legs", "Only a trade alert has legs.")


def check_env(env: str | None) -> None:
    """The money that a message is meant for has two names."""
    _require(env in ENVS, "wrong_env", "env must be live or paper, or left out.")


def check_bar(kind: str, bar: BarPrices | None) -> None:
    """A bar alert tells the prices of a bar that can be, and no other alert tells any."""
    if kind == "bar":
        _require(bar is not None, "no_bar", "A bar alert must tell the bar's prices.")
    else:
        _require(bar is None, "unexpected_bar", "Only a bar alert tells a bar's prices.")
    if bar is not None:
        _check_prices(bar)


def _check_prices(bar: BarPrices) -> None:
    _check_symbol(bar.symbol_raw)
    for name in BAR_PRICES:
        _require(getattr(bar, name) is not None, "missing_field", f"{name} is missing.")
        check_positive(getattr(bar, name), name)
    _check_range(bar.volume, "volume")
    check_time(bar.close_at, "close_at")
    _require(
        bar.low <= min(bar.open, bar.close) and bar.high >= max(bar.open, bar.close),
        "bar_prices",
        "A bar's low is its lowest price and its high its highest.",
    )


def _check_symbol(symbol_raw: str) -> None:
    _require(bool(symbol_raw), "no_symbol", "The symbol is missing.")
    _require(len(symbol_raw) <= SYMBOL_LENGTH_MAX, "symbol_too_long", "The symbol is too long.")


def check_leg(leg: Leg, ref_price: Decimal | None) -> None:
    """One leg by itself, against the chart's price where it is an entry."""
    _require(leg.verb in VERBS, "unknown_event", "The event is not known.")
    _require(leg.side in SIDES, "unknown_side", "side must be buy, sell or any.")
    _require(leg.order_type in ORDER_TYPES, "unknown_order_type", "order_type is not known.")
    if leg.symbol_raw or leg.verb not in SYMBOL_FREE:
        _check_symbol(leg.symbol_raw)
    for name in ("limit_price", "stop_price", "close_pct"):
        check_positive(getattr(leg, name), name)
    if leg.size is not None:
        _require(leg.size.mode in SIZE_MODES, "unknown_size_mode", "The size mode is not known.")
        check_positive(leg.size.value, "size")
    _check_target(leg.sl, "sl")
    _check_target(leg.tp, "tp")
    _check_life(leg)
    if leg.verb == "entry":
        _check_entry(leg, ref_price)
    else:
        _check_other(leg)


def _check_life(leg: Leg) -> None:
    """Only an entry lives by a time in force, and what ends at a moment names it."""
    _require(leg.tif in TIFS, "wrong_type", "tif must be day, gtc, ioc, fok or gtd.")
    _require(leg.verb == "entry" or not leg.tif, "wrong_type", "tif belongs to an entry.")
    _require(
        (leg.tif == "gtd") == (leg.good_until is not None),
        "missing_field",
        "tif gtd goes with expires_at.",
    )
    check_time(leg.good_until, "expires_at")
    _require(
        leg.order_type == "market" or not leg.tif_is_at_once,
        "wrong_type",
        "tif ioc and fok go with market orders.",
    )


def _check_entry(leg: Leg, ref_price: Decimal | None) -> None:
    _require(leg.side != "any", "side_required", "An entry must say buy or sell.")
    _require(leg.close_pct is None, "close_pct_misplaced", "close_pct belongs to a partial exit.")
    for target in (leg.sl, leg.tp):
        _require(
            target is None or target.kind != "remove",
            "nothing_to_remove",
            "An entry has no stop or target to remove yet.",
        )
    has_distance = leg.plan is not None and leg.plan.entry_distance is not None
    wants_limit = leg.order_type in ("limit", "stop_limit") and not has_distance
    wants_stop = leg.order_type in ("stop", "stop_limit") and not has_distance
    _require(
        wants_limit == (leg.limit_price is not None),
        "limit_price_mismatch",
        f"limit_price does not fit order_type {leg.order_type}.",
    )
    _require(
        wants_stop == (leg.stop_price is not None),
        "stop_price_mismatch",
        f"stop_price does not fit order_type {leg.order_type}.",
    )
    _check_bracket(leg, ref_price)


def _check_bracket(leg: Leg, ref_price: Decimal | None) -> None:
    """A buy has sl < price < tp, a sell the mirror; checked as far as the prices are known."""
    levels = leg.price_levels(ref_price)
    known = [price for price in (levels.stop, levels.entry, levels.target) if price is not None]
    ordered = known if leg.side == "buy" else known[::-1]
    _require(
        all(low < high for low, high in pairwise(ordered)),
        "bracket_wrong_side",
        f"Stop, price and target are in the wrong order for a {leg.side}.",
    )


def _check_other(leg: Leg) -> None:
    if leg.verb == "partial_exit":
        _require(
            (leg.close_pct is None) != (leg.size is None),
            "close_pct_required",
            "A partial exit needs close_pct, or the size to close.",
        )
        _require(
            leg.size is None or leg.size.mode in CLOSE_MODES,
            "close_pct_required",
            "What is closed is said in percent, lots or units.",
        )
        _require(
            leg.close_pct is None or leg.close_pct <= 100,
            "close_pct_range",
            "close_pct must be above 0 and at most 100.",
        )
    else:
        _require(
            leg.close_pct is None, "close_pct_misplaced", "close_pct belongs to a partial exit."
        )
    if leg.verb == "amend":
        changes = (leg.sl, leg.tp, leg.limit_price, leg.stop_price)
        _require(
            any(change is not None for change in changes),
            "nothing_to_amend",
            "An amend must change sl, tp, limit_price or stop_price.",
        )


def _check_target(target: Target | None, name: str) -> None:
    if target is None:
        return
    _require(target.kind in TARGET_KINDS, "unknown_target_kind", f"The kind of {name} is unknown.")
    if target.kind == "remove":
        _require(target.value is None, "remove_has_value", f"{name}: remove takes no value.")
        return
    _require(target.value is not None, "missing_field", f"{name} needs a value.")
    check_positive(target.value, name)
    if target.kind == "percent" and name == "sl":
        _require(
            target.value is not None and target.value < 100,
            "percent_range",
            "A stop in percent must be below 100.",
        )


def check_positive(value: Decimal | None, name: str) -> None:
    """A number, where there is one, is finite, in range and above zero."""
    _check_range(value, name)
    _require(value is None or value > 0, "not_positive", f"{name} must be above zero.")


def _check_range(value: Decimal | None, name: str) -> None:
    if value is None:
        return
    _require(isinstance(value, Decimal), "not_a_decimal", f"{name} must be a decimal.")
    _require(value.is_finite(), "not_a_decimal", f"{name} must be a finite decimal.")
    _require(value >= 0, "not_positive", f"{name} must not be below zero.")
    exponent = value.as_tuple().exponent
    _require(
        value < Decimal(10) ** 14 and isinstance(exponent, int) and exponent >= -10,
        "number_range",
        f"{name} has more than 14 digits before or 10 after the point.",
    )


def check_ref(value: str | None, name: str) -> None:
    """A reference, where there is one, is a text of usual length."""
    if value is None:
        return
    _require(isinstance(value, str), "wrong_type", f"{name} must be text.")
    _require(
        0 < len(value) <= REF_LENGTH_MAX, "ref_length", f"{name} must have 1 to 160 characters."
    )


def check_time(value: datetime | None, name: str) -> None:
    """A time, where there is one, knows its zone."""
    _require(
        value is None or value.utcoffset() is not None, "not_a_time", f"{name} must be aware UTC."
    )


def _require(holds: bool, code: str, message: str) -> None:
    if not holds:
        raise IntentInvalid(code, message)
