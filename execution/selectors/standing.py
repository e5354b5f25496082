"""What stands on accounts, by account, by strategy and by instrument: the measure of their limits.

Six queries for any number of accounts, all by index on what is open, of the last minute or among
the last fifty closed positions: none of them grows with an account's history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from execution.models import Order, Position, SheetMark, SymbolMap
from execution.risk.claims import ClosedTrade
from execution.risk.figures import Standing
from execution.risk.limits import Scope
from execution.rules import states
from signals.intents.legs import Leg

RATE_SECONDS = 60
CLOSED_MAX = 50
_ZERO = Decimal(0)
_WAITING_COLUMNS = (
    "account_id",
    "strategy_id",
    "instrument",
    "broker_symbol",
    "verb",
    "side",
    "sl",
    "volume_lots",
    "filled_lots",
    "limit_price",
    "stop_price",
    "ref_price",
    "risk_money",
    "waits_for_flat",
    "position_ticket",
)
_RECENT_COLUMNS = (
    "account_id",
    "strategy_id",
    "instrument",
    "side",
    "order_type",
    "limit_price",
    "stop_price",
    "staged_at",
)
_LAST_CLOSED = """
    SELECT p.account_id, p.strategy_id, p.instrument, p.broker_symbol, p.side,
           p.volume_closed_lots, p.price_open, p.price_close, p.profit, p.net, p.closed_at
      FROM unnest(%s::bigint[]) AS asked (account_id)
      CROSS JOIN LATERAL (
        SELECT * FROM execution_position
         WHERE account_id = asked.account_id AND closed_at IS NOT NULL
         ORDER BY closed_at DESC LIMIT %s) p
"""


@dataclass(frozen=True, slots=True)
class _Closed:
    account_id: int
    strategy_id: int | None
    instrument: str
    broker_symbol: str
    side: str
    lots: Decimal
    price_open: Decimal
    price_close: Decimal | None
    profit: Decimal
    net: Decimal
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """One scope's place on an account: which of its rows belong to the scope."""

    scope: Scope
    account_id: int
    strategy_id: int
    instrument: str

    def holds(self, row: Order | Position | _Closed) -> bool:
        if row.account_id != self.account_id:
            return False
        if self.scope is Scope.STRATEGY:
            return row.strategy_id == self.strategy_id
        return self.scope is not Scope.INSTRUMENT or row.instrument == self.instrument


@dataclass(slots=True)
class OnAccounts:
    """Everything that is open, waits, was staged, was rejected or closed lately, read once."""

    at: datetime
    positions: list[Position] = field(default_factory=list)
    waiting: list[Order] = field(default_factory=list)
    recent: list[Order] = field(default_factory=list)
    rejects: list[Order] = field(default_factory=list)
    closed: list[_Closed] = field(default_factory=list)
    symbols: list[SymbolMap] = field(default_factory=list)

    @classmethod
    def read(
        cls, accounts: Sequence[int], instruments: Iterable[str], *, at: datetime, reach: int
    ) -> OnAccounts:
        """`reach`: for how many seconds entries are wanted that may be the same order again."""
        live = Order.objects.filter(account__in=accounts).exclude(state__in=states.ORDER_ENDS)
        positions = list(Position.objects.filter(account__in=accounts, closed_at__isnull=True))
        waiting = list(live.only(*_WAITING_COLUMNS))
        rows: list[Order | Position] = [*positions, *waiting]
        held = {row.broker_symbol for row in rows}
        symbols = SymbolMap.objects.filter(account__in=accounts).filter(
            Q(instrument__in=list(instruments)) | Q(broker_symbol__in=held)
        )
        return cls(
            at=at,
            positions=positions,
            waiting=waiting,
            recent=list(_entries(accounts, at - timedelta(seconds=max(RATE_SECONDS, reach)))),
            rejects=list(_rejects(accounts, at - timedelta(seconds=RATE_SECONDS))),
            closed=_last_closed(accounts),
            symbols=list(symbols.select_related("mark")),
        )

    def standing_of(self, place: Place, own: Order | None) -> Standing:
        """Count what the place has, but for the entry's own order."""
        lots, risk, notional, held = _ZERO, _ZERO, _ZERO, _ZERO
        is_known = True
        positions = [row for row in self.positions if place.holds(row)]
        waiting = [
            row
            for row in self.waiting
            if row.verb == "entry" and place.holds(row) and not is_own(row, own)
        ]
        rows: list[Order | Position] = [*positions, *waiting]
        for row in rows:
            weight = self._weight(row)
            lots += weight.lots
            risk += weight.risk
            is_known = is_known and weight.notional is not None
            notional += weight.notional or _ZERO
            held += (weight.notional or _ZERO) if isinstance(row, Position) else _ZERO
        losses, lost_at = self._losses(place)
        return Standing(
            lots=lots,
            notional=notional,
            is_valued=is_known,
            open_notional=held,
            risk_money=risk,
            positions=len(positions) + sum(not row.filled_lots for row in waiting),
            entries_last_minute=self._entries_last_minute(place, own),
            rejects_last_minute=sum(place.holds(row) for row in self.rejects),
            losses=losses,
            lost_at=lost_at,
        )

    def same_order_at(
        self, place: Place, side: str, leg: Leg, own: Order | None
    ) -> datetime | None:
        """When the same was ordered last: same strategy, instrument, side, type and levels."""
        wanted = (side, leg.order_type, leg.limit_price, leg.stop_price)
        same = (
            row.staged_at
            for row in self.recent
            if not is_own(row, own)
            and place.holds(row)
            and row.instrument == place.instrument
            and (row.side, row.order_type, row.limit_price, row.stop_price) == wanted
        )
        return max(same, default=None)

    def closed_trade(self, row: SymbolMap) -> ClosedTrade | None:
        """The newest closed position of the symbol, since a person confirmed its contract."""
        mark: SheetMark | None = getattr(row, "mark", None)
        since = mark.confirmed_at if mark else None
        for one in self.closed:
            if (one.account_id, one.broker_symbol) != (row.account_id, row.broker_symbol):
                continue
            if one.price_close is None or (since is not None and one.closed_at <= since):
                return None
            return ClosedTrade(one.side, one.lots, one.price_open, one.price_close, one.profit)
        return None

    def _entries_last_minute(self, place: Place, own: Order | None) -> int:
        since = self.at - timedelta(seconds=RATE_SECONDS)
        return sum(
            place.holds(row) and row.staged_at > since and not is_own(row, own)
            for row in self.recent
        )

    def _losses(self, place: Place) -> tuple[int, datetime | None]:
        count = 0
        last: datetime | None = None
        for row in self.closed:
            if not place.holds(row):
                continue
            if row.net >= 0:
                break
            count, last = count + 1, last or row.closed_at
        return count, last

    def _weight(self, row: Order | Position) -> _Weight:
        per_price = self._money_per_price(row)
        if isinstance(row, Position):
            lots, price = row.volume_open_lots, row.price_open
            risk = _position_risk(row, per_price) if per_price else _ZERO
        else:
            lots = lots_left(row)
            price = row.limit_price or row.stop_price or row.ref_price
            risk = (row.risk_money or _ZERO) * lots / row.volume_lots
        value = None if per_price is None or price is None else abs(price) * per_price * lots
        return _Weight(lots, value, risk)

    def _money_per_price(self, row: Order | Position) -> Decimal | None:
        for symbol in self.symbols:
            if (symbol.account_id, symbol.broker_symbol) == (row.account_id, row.broker_symbol):
                if symbol.tick_value is None or not symbol.tick_size:
                    return None
                per_price: Decimal = symbol.tick_value / symbol.tick_size
                return per_price
        return None


@dataclass(frozen=True, slots=True)
class _Weight:
    lots: Decimal
    notional: Decimal | None
    risk: Decimal


def lots_left(order: Order) -> Decimal:
    """Return what an entry may still open."""
    left: Decimal = order.volume_lots - order.filled_lots
    return left


def _position_risk(row: Position, per_price: Decimal) -> Decimal:
    """Loss at its stop, as far as the stop lies on the losing side; without one it is not known."""
    if row.sl is None:
        return _ZERO
    loss: Decimal = row.price_open - row.sl if row.side == "buy" else row.sl - row.price_open
    money: Decimal = loss * per_price * row.volume_open_lots
    return max(_ZERO, money)


def is_own(row: Order, own: Order | None) -> bool:
    return own is not None and row.id == own.id


def _entries(accounts: Sequence[int], since: datetime) -> Iterable[Order]:
    rows = Order.objects.filter(account__in=accounts, verb="entry", staged_at__gt=since)
    return rows.exclude(state=states.REJECTED).only(*_RECENT_COLUMNS)


def _rejects(accounts: Sequence[int], since: datetime) -> Iterable[Order]:
    """Entries that were handed out and came back rejected; a refusal of ours has fence 0."""
    rows = Order.objects.filter(account__in=accounts, verb="entry", state=states.REJECTED)
    return rows.filter(fence__gt=0, ended_at__gt=since).only(*_RECENT_COLUMNS)


def _last_closed(accounts: Sequence[int]) -> list[_Closed]:
    with connection.cursor() as cursor:
        cursor.execute(_LAST_CLOSED, [list(accounts), CLOSED_MAX])
        return [_Closed(*row) for row in cursor.fetchall()]
