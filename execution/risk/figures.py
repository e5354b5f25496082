"""What stands on the desk, held against the limits: one figure for each bound. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from execution.risk.limits import Bound, Breach, Scope, breach, is_floor, number_words

_HUNDRED: Final = Decimal(100)
_BPS: Final = Decimal(10_000)
_SATURDAY: Final = 5
_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class QuoteFacts:
    """What the executor said last that the symbol costs; `at` is never later than its receipt."""

    bid: Decimal
    ask: Decimal
    at: datetime

    def price_for(self, side: str) -> Decimal:
        """Return what who trades on this side gets."""
        return self.ask if side == "buy" else self.bid

    @property
    def spread_bps(self) -> Decimal:
        return (self.ask - self.bid) / abs(self.middle) * _BPS

    @property
    def middle(self) -> Decimal:
        return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class Standing:
    """What one scope has on the account, the entry itself left out.

    `lots`, `notional` and `risk_money` count open positions and what waiting entries may still
    open; `is_valued` tells that the contract of every symbol in `notional` is known, and
    `open_notional` is that of positions alone. Only what has a stop has a risk. `losses` in a row,
    `lost_at` when the last of them closed.
    """

    lots: Decimal = Decimal(0)
    notional: Decimal = Decimal(0)
    is_valued: bool = True
    open_notional: Decimal = Decimal(0)
    risk_money: Decimal = Decimal(0)
    positions: int = 0
    entries_last_minute: int = 0
    rejects_last_minute: int = 0
    losses: int = 0
    lost_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """The account's money as it was told, deposits and withdrawals taken out of both losses.

    `day_first` and `highest` are equities; a loss is never below zero. None: not told yet.
    """

    equity: Decimal | None = None
    equity_at: datetime | None = None
    margin: Decimal | None = None
    margin_free: Decimal | None = None
    day_first: Decimal | None = None
    day_loss: Decimal | None = None
    highest: Decimal | None = None
    drawdown: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """All that limits are held against; `broker_offset_seconds` is east of UTC."""

    at: datetime
    standing: Mapping[Scope, Standing] = field(default_factory=dict)
    money: Money = field(default_factory=Money)
    quote: QuoteFacts | None = None
    alert_price: Decimal | None = None
    same_order_at: datetime | None = None
    broker_offset_seconds: int = 0

    def standing_of(self, scope: Scope) -> Standing:
        """A limit of all is held against each account."""
        return self.standing.get(Scope.ACCOUNT if scope is Scope.ALL else scope, Standing())

    @property
    def broker_time(self) -> datetime:
        return self.at + timedelta(seconds=self.broker_offset_seconds)


@dataclass(frozen=True, slots=True)
class Figure:
    """One bound and what stands against it; `value` is None where that is not known."""

    bound: Bound
    value: Decimal | None

    @property
    def is_broken(self) -> bool:
        if self.value is None:
            return False
        if is_floor(self.bound.limit):
            return self.value < self.bound.value
        return self.value > self.bound.value

    def breach(self, reason: str) -> Breach:
        """Say it in words."""
        value = "not known" if self.value is None else number_words(self.value)
        bound = f"{number_words(self.bound.value)} ({self.bound.scope})"
        return breach(reason, self.bound.limit, value, bound)


def figures(desk: Desk, bounds: Iterable[Bound]) -> tuple[Figure, ...]:
    """Measure what each bound bounds; those that cut a size instead are in `Room`."""
    known = tuple(bounds)
    made = (_figure(desk, one, known) for one in known)
    return tuple(one for one in made if one is not None)


def _figure(desk: Desk, bound: Bound, bounds: tuple[Bound, ...]) -> Figure | None:
    """None where the bound has nothing to be held against, such as a margin that is not used."""
    if bound.limit == "cool_off_seconds_min":
        return _cool_off(desk, bound, bounds)
    measure = _MEASURES.get(bound.limit)
    value = measure(desk, desk.standing_of(bound.scope)) if measure else _NOTHING
    return None if value is _NOTHING else Figure(bound, value)


# Nothing to hold a bound against, which is no missing knowledge.
_NOTHING: Final = Decimal("NaN")


def _cool_off(desk: Desk, bound: Bound, bounds: tuple[Bound, ...]) -> Figure | None:
    """Seconds since the last of so many losses in a row as the same scope allows."""
    allowed = [one for one in bounds if one.limit == "losses_in_row_max"]
    same = [one.value for one in allowed if one.scope is bound.scope] or [
        one.value for one in allowed
    ]
    standing = desk.standing_of(bound.scope)
    if not same or standing.lost_at is None or standing.losses < min(same):
        return None
    return Figure(bound, _seconds(standing.lost_at, desk.at))


def _seconds(earlier: datetime, later: datetime) -> Decimal:
    return Decimal(str((later - earlier).total_seconds()))


def _age(desk: Desk, at: datetime | None) -> Decimal | None:
    return None if at is None else max(Decimal(0), _seconds(at, desk.at))


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Percent, None where either is not known; of nothing, all is lost."""
    if part is None or whole is None:
        return None
    return part / whole * _HUNDRED if whole > 0 else _HUNDRED


def _margin_level(desk: Desk, _: Standing) -> Decimal | None:
    money = desk.money
    if money.margin is None or money.equity is None:
        return None
    return money.equity / money.margin * _HUNDRED if money.margin > 0 else _NOTHING


def _drift(desk: Desk, _: Standing) -> Decimal | None:
    """The alert's price against the middle of the quote; without either nothing is compared."""
    if desk.quote is None or not desk.alert_price:
        return _NOTHING
    middle = desk.quote.middle
    return abs(desk.alert_price - middle) / abs(middle) * _BPS


def _minute_of_day(desk: Desk) -> Decimal:
    time = desk.broker_time
    return Decimal(time.hour * 60 + time.minute)


def _until_weekend(desk: Desk, _: Standing) -> Decimal:
    """Minutes until the broker's Saturday begins; below zero on Saturday and Sunday."""
    days = _SATURDAY - desk.broker_time.weekday()
    return days * _DAY_MINUTES - _minute_of_day(desk)


def _since(desk: Desk, at: datetime | None) -> Decimal | None:
    """Age of what may never have been."""
    return _NOTHING if at is None else _age(desk, at)


_MEASURES: Final[dict[str, Callable[[Desk, Standing], Decimal | None]]] = {
    "margin_level_pct_min": _margin_level,
    "open_positions_max": lambda desk, has: Decimal(has.positions + 1),
    "entries_per_minute_max": lambda desk, has: Decimal(has.entries_last_minute + 1),
    "rejects_per_minute_max": lambda desk, has: Decimal(has.rejects_last_minute),
    "daily_loss_pct_max": lambda desk, _: _share(desk.money.day_loss, desk.money.day_first),
    "drawdown_pct_max": lambda desk, _: _share(desk.money.drawdown, desk.money.highest),
    "spread_bps_max": lambda desk, _: desk.quote.spread_bps if desk.quote else None,
    "price_drift_bps_max": _drift,
    "quote_age_seconds_max": lambda desk, _: _since(desk, desk.quote.at if desk.quote else None),
    "equity_age_seconds_max": lambda desk, _: _age(desk, desk.money.equity_at),
    "session_from_minute_min": lambda desk, _: _minute_of_day(desk),
    "session_until_minute_max": lambda desk, _: _minute_of_day(desk),
    "weekend_minutes_min": _until_weekend,
    "same_order_seconds_min": lambda desk, _: _since(desk, desk.same_order_at),
}
