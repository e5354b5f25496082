"""Gathers what `execution.risk` judges entries by: a fixed number of queries, however many entries.

Under the account's lock (staging, claim) the facts hold until it is let go; a preview's may change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.models import AccountMark, BrokerAccount, Order, Position, Subscription
from execution.risk.facts import EntryFacts, Netting, SymbolFacts
from execution.risk.figures import Desk, figures
from execution.risk.limits import Bound, Breach, Scope, missing_of_live, strictest
from execution.risk.rooms import open_lots_room, room_bounds
from execution.rules.prices import tightest
from execution.rules.sizing import Room
from execution.rules.switches import Spot
from execution.selectors.executors import is_silent
from execution.selectors.limits import LimitsInForce
from execution.selectors.money import account_marks, broker_offsets, equity_doubts, money_of
from execution.selectors.quotes import quote_is_needed, quotes_of
from execution.selectors.standing import OnAccounts, Place, is_own
from execution.selectors.switches import Stops
from execution.selectors.symbols import sheet_doubts, symbol_facts
from execution.selectors.trades import closed_entries
from signals.intents.legs import Leg
from signals.models import Decision

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class EntryAsked:
    """One entry on one account; `order` is its own order, where it has one already.

    `shown` tells the lots that its preview binds it to: '' where it has none, None for an account
    that the preview does not show.
    """

    decision: Decision
    account: BrokerAccount
    grade: str
    env: str
    waits_for_flat: bool
    order: Order | None = None
    shown: Decimal | str | None = ""

    @property
    def spot(self) -> Spot:
        return (self.account.id, self.decision.strategy_id, self.decision.instrument)


def entry_facts(asked: Sequence[EntryAsked], *, at: datetime) -> list[EntryFacts]:
    """Return the facts of each entry, in order, none of them counting its own order."""
    desk = _Gathered(asked, at)
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


class _Gathered:
    """What stands on the accounts asked about, read once."""

    def __init__(self, asked: Sequence[EntryAsked], at: datetime) -> None:
        self.at = at
        accounts = sorted({one.account.id for one in asked})
        decisions = [one.decision for one in asked]
        strategies = {one.strategy_id for one in decisions}
        instruments = {one.instrument for one in decisions}
        self.limits = LimitsInForce(
            accounts=accounts, strategies=strategies, instruments=instruments
        )
        self.bounds = {one.spot: self.limits.bounds_of(one.account, *one.spot[1:]) for one in asked}
        self.on = OnAccounts.read(accounts, instruments, at=at, reach=_reach(self.bounds.values()))
        self.symbols = {(row.account_id, row.instrument): row for row in self.on.symbols}
        self.following = _following(accounts, strategies)
        self.closed = closed_entries(decisions)
        self.stops = Stops(one.spot for one in asked)
        self.quotes = quotes_of(accounts)
        self.marks = account_marks(accounts)
        self.offsets = broker_offsets(accounts)
        self.waiting_at: defaultdict[Spot, list[Order]] = defaultdict(list)
        for row in self.on.waiting:
            self.waiting_at[row.spot].append(row)
        self.held_spots = {
            (row.account_id, row.strategy_id, row.instrument) for row in self.on.positions
        }

    def facts_of(self, one: EntryAsked) -> EntryFacts:
        decision, account = one.decision, one.account
        leg, bounds = Leg.from_json(decision.leg), self.bounds[one.spot]
        symbol, mark = self._symbol(one), self.marks.get(account.id)
        desk = self._desk(one, leg, mark)
        following = self.following.get(one.spot[:2])
        return EntryFacts(
            desk=desk,
            stopped_by=self.stops.reason(one.spot),
            executor_is_silent=is_silent(account, self.at),
            valid_until=decision.valid_until,
            instrument=decision.instrument,
            side=decision.side,
            leg=leg,
            ref_price=decision.ref_price,
            risk_bps=decision.risk_bps or 0,
            size_factor=decision.size_factor or _ZERO,
            lots_default=following.lots_default if following else _ZERO,
            stop_is_required=decision.strategy.policy.stop_is_required,
            grade=one.grade,
            env=one.env,
            waits_for_flat=one.waits_for_flat,
            book=account.book,
            live_grade_min=decision.strategy.policy.live_grade_min,
            symbol=symbol,
            room=self._room(one, bounds, desk, symbol),
            is_trade_closed=(decision.alert_id, decision.leg_no) in self.closed,
            is_flat=self._is_flat(one),
            figures=figures(desk, bounds),
            limits_missing=self._limits_missing(account),
            doubts=self._doubts(one, mark),
            quote_is_needed=quote_is_needed(account),
            is_shown=one.shown is not None,
            account_size=(following.size_mode, following.size_value) if following else ("", _ZERO),
            netting=self._netting(one, symbol),
        )

    def _desk(self, one: EntryAsked, leg: Leg, mark: AccountMark | None) -> Desk:
        account, decision = one.account, one.decision
        places = {scope: Place(scope, *one.spot) for scope in Scope if scope is not Scope.ALL}
        return Desk(
            at=self.at,
            standing={
                scope: self.on.standing_of(place, one.order) for scope, place in places.items()
            },
            money=money_of(account, mark),
            quote=self.quotes.get((account.id, decision.instrument)),
            alert_price=decision.ref_price,
            same_order_at=self.on.same_order_at(
                places[Scope.STRATEGY], decision.side, leg, one.order
            ),
            broker_offset_seconds=self.offsets.get(account.id, 0),
        )

    def _symbol(self, one: EntryAsked) -> SymbolFacts | None:
        row = self.symbols.get((one.account.id, one.decision.instrument))
        return symbol_facts(row) if row else None

    def _room(
        self,
        one: EntryAsked,
        bounds: tuple[Bound, ...],
        desk: Desk,
        symbol: SymbolFacts | None,
    ) -> Room:
        """What is left: staged, leased, working and unknown entries count as if filled."""
        order_lots = strictest(bounds, "order_lots_max")
        open_lots, words = open_lots_room(bounds, desk)
        return Room(
            equity=one.account.equity,
            order_lots_max=order_lots.value if order_lots else _ZERO,
            open_lots_left=open_lots,
            bounds=room_bounds(bounds, desk, symbol, is_live=one.account.book == "live"),
            shown_lots=one.shown if isinstance(one.shown, Decimal) else None,
            words=words,
        )

    def _netting(self, one: EntryAsked, symbol: SymbolFacts | None) -> Netting:
        """What shares the position that the entry would open or join; nothing where hedging."""
        account, decision = one.account, one.decision
        if account.margin_mode != "netting":
            return Netting()
        name = symbol.broker_symbol if symbol else ""

        def is_there(row: Position | Order) -> bool:
            is_same = row.instrument == decision.instrument or row.broker_symbol == name
            return row.account_id == account.id and is_same

        held = [row for row in self.on.positions if is_there(row)]
        orders = [row for row in self.on.waiting if is_there(row) and not is_own(row, one.order)]
        entries = [row for row in orders if row.verb == "entry"]
        tickets = {row.position_ticket for row in held}
        both: list[Position | Order] = [*held, *entries]
        stops = [row.sl for row in both if row.side == decision.side and row.sl is not None]
        return Netting(
            is_of_others=any(row.strategy_id != decision.strategy_id for row in both)
            or any(row.volume_foreign_lots for row in held),
            stop=tightest(decision.side, stops),
            is_closing=any(row.verb == "exit" and row.position_ticket in tickets for row in orders),
            is_shared=bool(both),
            plan_is_there=_has_plan([*entries, *(row.order for row in held)]),
        )

    def _limits_missing(self, account: BrokerAccount) -> tuple[str, ...]:
        if account.book != "live":
            return ()
        return missing_of_live(self.limits.own_names_of(account.id))

    def _doubts(self, one: EntryAsked, mark: AccountMark | None) -> tuple[Breach, ...]:
        row = self.symbols.get((one.account.id, one.decision.instrument))
        found = equity_doubts(one.account, mark)
        if row is None:
            return found
        return (*found, *sheet_doubts(row, self.on.closed_trade(row)))

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


def _reach(bounds: Iterable[tuple[Bound, ...]]) -> int:
    """For how many seconds the same order may count."""
    found = (one.value for many in bounds for one in many if one.limit == "same_order_seconds_min")
    return int(max(found, default=_ZERO)) + 1


def _following(
    accounts: Sequence[int], strategies: Iterable[int]
) -> dict[tuple[int, int], Subscription]:
    rows = Subscription.objects.filter(account__in=accounts, strategy__in=list(strategies))
    return {(row.account_id, row.strategy_id): row for row in rows}


def _has_plan(entries: Sequence[Order | None]) -> bool:
    return any(one.plan for one in entries if one is not None)
