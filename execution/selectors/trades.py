"""Which orders and positions belong to the trade that a decision means, by what intake stored."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from execution.models import BrokerAccount, Order, Position, Subscription
from execution.rules import states
from execution.rules.trades import position_side
from execution.selectors.shares import (
    SEVERAL,
    decisions_meant,
    lots_on_the_way,
    position_shares,
)
from signals.models import Decision

# A leg of these before an entry of the same alert makes the entry a reversal.
CLOSES_FIRST = ("exit", "close_all")

_CLOSED = """
    SELECT entry.alert_id, entry.leg_no
      FROM jsonb_populate_recordset(NULL::signals_decision, %s::jsonb) entry
     WHERE execution_trade_is_closed(entry)
"""
_ASKED_OF_AN_ENTRY = (
    "strategy_id",
    "alert_id",
    "leg_no",
    "verb",
    "instrument",
    "side",
    "trade_ref",
    "trace_id",
)


def closed_entries(entries: Collection[Decision]) -> set[tuple[int, int]]:
    """Return the places of those entries that a decided exit or cancel says not to send any more.

    One query for all of them. A place is (alert id, leg number), since a dry run has no row.
    """
    if not entries:
        return set()
    asked = [{name: getattr(one, name) for name in _ASKED_OF_AN_ENTRY} for one in entries]
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [json.dumps(asked)])
        return {(alert_id, leg_no) for alert_id, leg_no in cursor.fetchall()}


def is_reversal_entry(entry: Decision) -> bool:
    """Tell whether the alert asks to close something before this entry."""
    return Decision.objects.filter(
        alert_id=entry.alert_id, leg_no__lt=entry.leg_no, verb__in=CLOSES_FIRST
    ).exists()


def account_ids_of(decision: Decision) -> list[int]:
    """Accounts that a closing decision concerns: followers, and whoever still holds something."""
    followers = Subscription.objects.filter(strategy_id=decision.strategy_id)
    holders = Position.objects.filter(strategy_id=decision.strategy_id, closed_at__isnull=True)
    waiting = Order.objects.filter(strategy_id=decision.strategy_id).exclude(
        state__in=states.ORDER_ENDS
    )
    return sorted(
        {
            account_id
            for rows in (followers, holders, waiting)
            for account_id in rows.values_list("account_id", flat=True)
        }
    )


@dataclass(frozen=True, slots=True)
class Held:
    """What a trade has of one open position: on a hedging account all of it.

    `entries` are those of the trade that have a share; a hedging position names its own. `is_whole`
    tells that nobody else has any of it.
    """

    position: Position
    entries: tuple[Order, ...]
    lots: Decimal
    base_lots: Decimal
    is_whole: bool

    @property
    def entry(self) -> Order | None:
        """The entry whose trade an exit of it bears."""
        return self.entries[0] if self.entries else None


class TradeOnAccount:
    """Open positions and entry orders of the trade that a decision means, on one account.

    The decision's scope says which. Where its target never became a position here, although its
    entry was staged, the newest trade alive here is meant: an exit must not close nothing because
    the newest entry was refused on this account. Read under the account's lock.
    """

    def __init__(self, *, decision: Decision, account_id: int) -> None:
        self.decision = decision
        self.account_id = account_id
        parts, entries = self._parts(), list(self._entries())
        found: list[_Part | Order] = [*parts, *entries]
        meant = decisions_meant(decision, {one.decision_id for one in found})
        parts = [one for one in parts if one.decision_id in meant]
        entries = [one for one in entries if one.decision_id in meant]
        narrowed = self._narrow(parts, entries)
        self.held = _held([one for one in parts if one.decision_id in narrowed])
        self.positions = [one.position for one in self.held]
        self.entries = [one for one in entries if one.decision_id in narrowed]

    @property
    def _is_named(self) -> bool:
        """A trade reference names the trade, so no other is ever meant."""
        return self.decision.scope == "trade" and bool(self.decision.trade_ref)

    def _of_side(self) -> Q:
        side = position_side(self.decision.verb, self.decision.side)
        return Q(side=side) if side else Q()

    def _parts(self) -> list[_Part]:
        """What entries of the strategy have of open positions."""
        rows = Position.objects.filter(
            self._of_side(), account_id=self.account_id, closed_at__isnull=True
        )
        rows = rows.select_related("account", "decision", "order").order_by("id")
        strategy_id = self.decision.strategy_id
        if not BrokerAccount.objects.filter(id=self.account_id, margin_mode="netting").exists():
            return [_Part.whole(one) for one in rows.filter(strategy_id=strategy_id)]
        return [part for one in rows for part in _shares(one) if part.strategy_id == strategy_id]

    def _entries(self) -> Iterable[Order]:
        """Entry orders that may still open something: out, or ended with no deal seen yet."""
        decision = self.decision
        out = ~Q(state__in=states.ORDER_ENDS)
        silent = Q(state__in=[states.DONE, states.CANCELLED], filled_lots=0)
        silent &= (
            Q(trade_ref=decision.trade_ref)
            if self._is_named
            else Q(trace_id=decision.target_trace_id)
        )
        rows = Order.objects.filter(
            self._of_side(), out | silent, account_id=self.account_id, verb="entry"
        )
        rows = rows.filter(strategy_id=decision.strategy_id)
        return rows.select_related("decision").order_by("id")

    def _narrow(self, parts: list[_Part], entries: list[Order]) -> set[int | None]:
        """Return the entry decisions meant of all that the scope covers."""
        found: list[_Part | Order] = [*parts, *entries]
        if self._is_named or self.decision.scope in ("order", *SEVERAL):
            return {one.decision_id for one in found}
        target = self.decision.target_trace_id
        of_target: set[int | None] = {one.decision_id for one in found if one.trace_id == target}
        if of_target or self._is_still_unstaged():
            return of_target
        alive = [one for one in found if isinstance(one, _Part) or not one.has_ended]
        return {max(alive, key=_asked_at).decision_id} if alive else set()

    def _is_still_unstaged(self) -> bool:
        """The trade's own entry is decided but not staged here yet: no other trade is meant."""
        entries = Decision.objects.filter(
            trace_id=self.decision.target_trace_id, verb="entry", state="approved"
        )
        return entries.exclude(orders__account_id=self.account_id).exists()


def held_by_entry(entry: Order) -> list[Held]:
    """Return what this entry has of open positions."""
    rows = Position.objects.filter(account=entry.account_id, closed_at__isnull=True)
    rows = rows.select_related("account", "decision", "order").order_by("id")
    if entry.account.margin_mode != "netting":
        return _held([_Part.whole(one) for one in rows.filter(order=entry)])
    return _held([part for one in rows for part in _shares(one) if part.entry == entry])


@dataclass(frozen=True, slots=True)
class _Part:
    """What one entry has of a position, and whether others have some of it too."""

    position: Position
    entry: Order | None
    decision: Decision | None
    trace_id: str
    lots: Decimal
    base_lots: Decimal
    others_lots: Decimal = Decimal(0)

    @classmethod
    def whole(cls, position: Position) -> _Part:
        return cls(
            position,
            position.order,
            position.decision,
            position.trace_id,
            position.lots_to_close,
            position.volume_base_lots,
        )

    @property
    def decision_id(self) -> int | None:
        return self.decision.pk if self.decision else None

    @property
    def strategy_id(self) -> int | None:
        return self.entry.strategy_id if self.entry else None


def _shares(position: Position) -> list[_Part]:
    total = position.lots_to_close
    return [
        _Part(
            position,
            entry,
            entry.decision,
            entry.trace_id,
            share.lots,
            share.base_lots,
            total - share.lots,
        )
        for entry, share in position_shares(position).items()
    ]


def _held(parts: list[_Part]) -> list[Held]:
    """Put together what the parts have of each position, less what is being closed of it already.

    All that is open may be asked to be closed twice: what is gone is closed no second time.
    """
    by_position: dict[int, list[_Part]] = {}
    for one in parts:
        by_position.setdefault(one.position.pk, []).append(one)
    found = []
    for many in by_position.values():
        position = many[0].position
        entries = tuple(one.entry for one in many if one.entry is not None)
        lots = sum((one.lots for one in many), Decimal(0))
        is_whole = lots >= many[0].lots + many[0].others_lots
        if not is_whole:
            lots -= lots_on_the_way(position, entries)
        if lots > 0:
            base_lots = sum((one.base_lots for one in many), Decimal(0))
            found.append(Held(position, entries, lots, base_lots, is_whole))
    return found


def _asked_at(held: _Part | Order) -> tuple[int, int]:
    """Place of the entry decision among all that were asked for; a foreign position comes first."""
    entry = held.decision
    return (entry.alert_id, entry.leg_no) if entry else (0, 0)
