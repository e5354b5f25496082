"""Which orders and positions belong to the trade that a decision means, by what intake stored."""

import json
from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import Q

from execution.models import Order, Position, Subscription
from execution.rules import states
from execution.rules.trades import position_side
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

_MEANT = """
    SELECT entry.id FROM signals_decision entry
     WHERE entry.id = ANY(%s)
       AND signals_means_entry(%s, %s, %s, %s, %s, %s, %s, %s, entry)
"""


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


class TradeOnAccount:
    """Open positions and entry orders of the trade that a decision means, on one account.

    The decision's scope says which. Where its target never became a position here, although its
    entry was staged, the newest trade alive here is meant: an exit must not close nothing because
    the newest entry was refused on this account. Read under the account's lock.
    """

    def __init__(self, *, decision: Decision, account_id: int) -> None:
        self.decision = decision
        self.account_id = account_id
        positions, entries = list(self._positions()), list(self._entries())
        found: list[Position | Order] = [*positions, *entries]
        meant = self._meant({one.decision_id for one in found})
        positions = [one for one in positions if one.decision_id in meant]
        entries = [one for one in entries if one.decision_id in meant]
        narrowed = self._narrow(positions, entries)
        self.positions = [one for one in positions if one.decision_id in narrowed]
        self.entries = [one for one in entries if one.decision_id in narrowed]

    @property
    def _is_named(self) -> bool:
        """A trade reference names the trade, so no other is ever meant."""
        return self.decision.scope == "trade" and bool(self.decision.trade_ref)

    def _held(self) -> Q:
        rows = Q(account_id=self.account_id, strategy_id=self.decision.strategy_id)
        side = position_side(self.decision.verb, self.decision.side)
        return rows & Q(side=side) if side else rows

    def _positions(self) -> Iterable[Position]:
        rows = Position.objects.filter(self._held(), closed_at__isnull=True)
        return rows.select_related("decision", "order").order_by("id")

    def _entries(self) -> Iterable[Order]:
        """Entry orders that may still open something: out, or ended with no position seen yet."""
        decision = self.decision
        out = ~Q(state__in=states.ORDER_ENDS)
        silent = Q(state__in=[states.DONE, states.CANCELLED], positions__isnull=True)
        silent &= (
            Q(trade_ref=decision.trade_ref)
            if self._is_named
            else Q(trace_id=decision.target_trace_id)
        )
        rows = Order.objects.filter(self._held(), out | silent, verb="entry")
        return rows.select_related("decision").order_by("id")

    def _meant(self, decision_ids: set[int | None]) -> set[int | None]:
        """Return those of the entry decisions that the scope covers.

        An id alone names one trade, but where that one is not held the last one is meant.
        """
        one = self.decision
        scope = one.scope if one.scope != "trade" or one.trade_ref else "last"
        values = [scope, one.target_trace_id, one.trade_ref, one.instrument, one.side, one.verb]
        with connection.cursor() as cursor:
            cursor.execute(_MEANT, [list(decision_ids), *values, one.alert_id, one.leg_no])
            return {row[0] for row in cursor.fetchall()}

    def _narrow(self, positions: list[Position], entries: list[Order]) -> set[int | None]:
        """Return the entry decisions meant of all that the scope covers."""
        found: list[Position | Order] = [*positions, *entries]
        if self._is_named or self.decision.scope in ("order", "symbol", "strategy"):
            return {one.decision_id for one in found}
        target = self.decision.target_trace_id
        of_target: set[int | None] = {one.decision_id for one in found if one.trace_id == target}
        if of_target or self._is_still_unstaged():
            return of_target
        alive = [one for one in found if isinstance(one, Position) or not one.has_ended]
        return {max(alive, key=_asked_at).decision_id} if alive else set()

    def _is_still_unstaged(self) -> bool:
        """The trade's own entry is decided but not staged here yet: no other trade is meant."""
        entries = Decision.objects.filter(
            trace_id=self.decision.target_trace_id, verb="entry", state="approved"
        )
        return entries.exclude(orders__account_id=self.account_id).exists()


def _asked_at(held: Position | Order) -> tuple[int, int]:
    """Place of the entry decision among all that were asked for; a foreign position comes first."""
    entry = held.decision
    return (entry.alert_id, entry.leg_no) if entry else (0, 0)
