"""Gathers what `execution.risk` judges entries by: eight queries, however many entries are asked.

Under the account's lock (staging, claim) the facts hold until it is let go; a preview's may change.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from execution.models import BrokerAccount, Order, Position, Subscription, SymbolMap
from execution.risk.facts import EntryFacts, SymbolFacts
from execution.rules import states
from execution.rules.prices import PriceScale
from execution.rules.sizing import ContractSheet, Room
from execution.rules.switches import Spot
from execution.selectors.executors import is_silent
from execution.selectors.switches import Stops
from execution.selectors.trades import closed_entries
from signals.intents.legs import Leg
from signals.models import Decision

RATE_SECONDS = 60
_ZERO = Decimal(0)
_WAITING_COLUMNS = (
    "account_id",
    "strategy_id",
    "instrument",
    "verb",
    "volume_lots",
    "filled_lots",
    "waits_for_flat",
)


@dataclass(frozen=True, slots=True)
class EntryAsked:
    """One entry on one account; `order` is its own order, where it has one already."""

    decision: Decision
    account: BrokerAccount
    grade: str
    env: str
    waits_for_flat: bool
    order: Order | None = None

    @property
    def spot(self) -> Spot:
        return (self.account.id, self.decision.strategy_id, self.decision.instrument)


def entry_facts(asked: Sequence[EntryAsked], *, at: datetime) -> list[EntryFacts]:
    """Return the facts of each entry, in order, none of them counting its own order."""
    desk = _Desk(asked, at)
    return [desk.facts_of(one) for one in asked]


def orders_asked(orders: Iterable[Order], account: BrokerAccount) -> list[EntryAsked]:
    """Return what to ask about entry orders of the account, in their order."""
    rows = list(orders)
    decisions = Decision.objects.select_related("strategy__policy", "alert").in_bulk(
        {order.decision_id for order in rows}
    )
    return [
        EntryAsked(
            decision=decisions[order.decision_id],
            account=account,
            grade=decisions[order.decision_id].alert.grade,
            env=decisions[order.decision_id].alert.env,
            waits_for_flat=order.waits_for_flat,
            order=order,
        )
        for order in rows
    ]


class _Desk:
    """What stands on the accounts asked about, read once."""

    def __init__(self, asked: Sequence[EntryAsked], at: datetime) -> None:
        self.at = at
        accounts = {one.account.id for one in asked}
        decisions = [one.decision for one in asked]
        self.symbols = _symbols(accounts, {one.instrument for one in decisions})
        self.lots_default = _lots_default(accounts, {one.strategy_id for one in decisions})
        self.closed = closed_entries(decisions)
        self.stops = Stops(one.spot for one in asked)
        self.recent = _recent(accounts, at)
        self.held_lots, self.held_spots = _held(accounts)
        self.waiting_lots, self.waiting_at = _waiting(accounts)

    def facts_of(self, one: EntryAsked) -> EntryFacts:
        decision, account = one.decision, one.account
        return EntryFacts(
            at=self.at,
            stopped_by=self.stops.reason(one.spot),
            executor_is_silent=is_silent(account, self.at),
            valid_until=decision.valid_until,
            instrument=decision.instrument,
            side=decision.side,
            leg=Leg.from_json(decision.leg),
            ref_price=decision.ref_price,
            risk_bps=decision.risk_bps or 0,
            size_factor=decision.size_factor or _ZERO,
            lots_default=self.lots_default.get(one.spot[:2], _ZERO),
            stop_is_required=decision.strategy.policy.stop_is_required,
            grade=one.grade,
            env=one.env,
            waits_for_flat=one.waits_for_flat,
            book=account.book,
            live_grade_min=decision.strategy.policy.live_grade_min,
            symbol=self.symbols.get((account.id, decision.instrument)),
            room=self._room(one),
            entries_last_minute=self._entries_last_minute(one),
            entries_per_minute_max=account.entries_per_minute_max,
            is_trade_closed=(decision.alert_id, decision.leg_no) in self.closed,
            is_flat=self._is_flat(one),
        )

    def _room(self, one: EntryAsked) -> Room:
        """What is left: staged, leased, working and unknown entries count as if filled."""
        account = one.account
        taken = self.held_lots[account.id] + self.waiting_lots[account.id]
        if one.order is not None and not one.order.has_ended:
            taken -= _lots_left(one.order)
        return Room(
            equity=account.equity,
            order_lots_max=account.order_lots_max,
            open_lots_left=account.open_lots_max - taken,
        )

    def _entries_last_minute(self, one: EntryAsked) -> int:
        own = one.order is not None and self._is_recent(one.order)
        return self.recent[one.account.id] - own

    def _is_recent(self, order: Order) -> bool:
        since = self.at - timedelta(seconds=RATE_SECONDS)
        return order.staged_at > since and order.state != states.REJECTED

    def _is_flat(self, one: EntryAsked) -> bool:
        """No position of the strategy on the symbol and no order that is to go first."""
        others = self.waiting_at.get(one.spot, [])
        return one.spot not in self.held_spots and not any(
            _goes_before(other, one.order) for other in others
        )


def _goes_before(other: Order, own: Order | None) -> bool:
    """Of two reversals that wait, the later one lets the earlier one go."""
    if own is None:
        return True
    return other.id != own.id and not (other.waits_for_flat and other.id > own.id)


def _held(accounts: set[int]) -> tuple[dict[int, Decimal], set[Spot]]:
    """Return open lots of each account, and where strategies hold something."""
    rows = Position.objects.filter(account__in=accounts, closed_at__isnull=True).only(
        "account_id", "strategy_id", "instrument", "volume_open_lots"
    )
    lots: defaultdict[int, Decimal] = defaultdict(Decimal)
    spots: set[Spot] = set()
    for row in rows:
        lots[row.account_id] += row.volume_open_lots
        if row.strategy_id is not None:
            spots.add((row.account_id, row.strategy_id, row.instrument))
    return lots, spots


def _waiting(accounts: set[int]) -> tuple[dict[int, Decimal], dict[Spot, list[Order]]]:
    """Return lots that entries may still open on each account, and all live orders by spot."""
    live = Order.objects.filter(account__in=accounts).exclude(state__in=states.ORDER_ENDS)
    rows = live.only(*_WAITING_COLUMNS)
    lots: defaultdict[int, Decimal] = defaultdict(Decimal)
    orders: defaultdict[Spot, list[Order]] = defaultdict(list)
    for row in rows:
        if row.verb == "entry":
            lots[row.account_id] += _lots_left(row)
        orders[row.spot].append(row)
    return lots, orders


def _lots_left(order: Order) -> Decimal:
    left: Decimal = order.volume_lots - order.filled_lots
    return left


def _symbols(accounts: set[int], instruments: set[str]) -> dict[tuple[int, str], SymbolFacts]:
    rows = SymbolMap.objects.filter(account__in=accounts, instrument__in=instruments)
    return {(row.account_id, row.instrument): symbol_facts(row) for row in rows}


def symbol_facts(row: SymbolMap) -> SymbolFacts:
    """Return what the rules may know of a symbol."""
    scale = None
    if row.digits is not None and row.tick_size is not None:
        scale = PriceScale(row.digits, row.tick_size)
    names = ("tick_size", "tick_value", "contract_size", "lot_min", "lot_step", "lot_max")
    told = {name: getattr(row, name) for name in names}
    return SymbolFacts(
        broker_symbol=row.broker_symbol,
        is_confirmed=row.is_confirmed,
        scale=scale,
        sheet=None if None in told.values() else ContractSheet(**told),
    )


def _lots_default(accounts: set[int], strategies: set[int]) -> dict[tuple[int, int], Decimal]:
    rows = Subscription.objects.filter(account__in=accounts, strategy__in=strategies)
    return {(row.account_id, row.strategy_id): row.lots_default for row in rows}


def _recent(accounts: set[int], at: datetime) -> Counter[int]:
    """How many entries were staged on each account within the last minute."""
    rows = Order.objects.filter(
        account__in=accounts, verb="entry", staged_at__gt=at - timedelta(seconds=RATE_SECONDS)
    ).exclude(state=states.REJECTED)
    return Counter(rows.values_list("account_id", flat=True))
