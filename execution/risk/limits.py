"""The limits of a desk: what each is counted in, which of two is the stricter, what is in force.

Pure. A limit is set for all accounts, one account, one strategy or one instrument; each bound is
held against what its own scope has, so the strictest of them wins.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from fusion_project.text.canonical import decimal_text


class Scope(StrEnum):
    """What a limit holds for. A strategy's and an instrument's count on each account by itself."""

    ALL = "all"
    ACCOUNT = "account"
    STRATEGY = "strategy"
    INSTRUMENT = "instrument"


# name: (what its number is counted in, what it bounds). A name that ends in `_max` is an upper
# bound, one in `_min` a lower one: the higher of two lower bounds is the stricter.
LIMITS: Final[dict[str, tuple[str, str]]] = {
    "order_lots_max": ("lots", "lots of one order"),
    "open_lots_max": ("lots", "lots that are open or may still open"),
    "order_notional_max": ("account money", "value of one order"),
    "leverage_max": ("times equity", "value of all that is open or may still open"),
    "margin_level_pct_min": ("percent", "equity in percent of the margin in use"),
    "open_risk_pct_max": ("percent of equity", "loss if every stop were hit"),
    "open_positions_max": ("positions", "positions that are open or may still open"),
    "entries_per_minute_max": ("entries", "entries staged within a minute"),
    "rejects_per_minute_max": ("entries", "entries that the broker rejected within a minute"),
    "daily_loss_pct_max": (
        "percent of the day's first equity",
        "loss since the broker's midnight, open loss included, deposits and withdrawals left out",
    ),
    "drawdown_pct_max": (
        "percent of the highest equity",
        "how far equity is below its highest, deposits and withdrawals left out",
    ),
    "spread_bps_max": ("basis points of the price", "spread of the quote"),
    "price_drift_bps_max": ("basis points", "how far the alert's price is from the quote"),
    "quote_age_seconds_max": ("seconds", "age of the quote that sizes an entry"),
    "equity_age_seconds_max": ("seconds", "age of the equity that sizes an entry"),
    "session_from_minute_min": ("minute of the broker's day", "the first one that takes entries"),
    "session_until_minute_max": ("minute of the broker's day", "the last one that takes entries"),
    "weekend_minutes_min": (
        "minutes",
        "how long before the broker's Saturday the last entry is taken",
    ),
    "losses_in_row_max": ("positions", "losing positions in a row before it cools off"),
    "cool_off_seconds_min": ("seconds", "how long it cools off after these losses"),
    "same_order_seconds_min": ("seconds", "how long the same entry is not ordered again"),
}
# Without a row of its own for each of these a live account takes no entry.
LIVE_REQUIRED: Final = (
    "order_lots_max",
    "open_lots_max",
    "leverage_max",
    "open_risk_pct_max",
    "entries_per_minute_max",
    "daily_loss_pct_max",
    "drawdown_pct_max",
    "same_order_seconds_min",
)


@dataclass(frozen=True, slots=True)
class Bound:
    """One limit of one scope."""

    limit: str
    scope: Scope
    value: Decimal


@dataclass(frozen=True, slots=True)
class Breach:
    """Why an entry is refused; `words` name the limit, what stands against it, and its bound."""

    reason: str
    words: str


def breach(reason: str, limit: str, value: str, bound: str) -> Breach:
    """Say it in one line, as pages and orders show it."""
    return Breach(reason, f"{limit}: {value}, bound {bound}")


def is_floor(limit: str) -> bool:
    """Whether it is a lower bound."""
    return limit.endswith("_min")


def is_looser(limit: str, old: Decimal | None, new: Decimal | None) -> bool:
    """Whether `new` allows more than `old`; None bounds nothing. `sql/limits.sql` says the same."""
    if old is None or new is None:
        return new is None and old is not None
    return new < old if is_floor(limit) else new > old


def strictest(bounds: Iterable[Bound], limit: str) -> Bound | None:
    """Return the strictest bound of this limit, None where there is none."""
    found = [one for one in bounds if one.limit == limit]
    if not found:
        return None
    return (max if is_floor(limit) else min)(found, key=lambda one: one.value)


def missing_of_live(own: Collection[str]) -> tuple[str, ...]:
    """Return the limits that a live account must have set for itself and has not."""
    return tuple(name for name in LIVE_REQUIRED if name not in own)


def number_words(value: Decimal) -> str:
    """A measured number as refusals tell it: at most four decimals."""
    return decimal_text(value.quantize(Decimal("0.0001")))
