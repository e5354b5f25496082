"""Which decisions, orders and positions belong to one trade on one account."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from execution.models import Order, Position, Subscription
from execution.rules import states
from execution.rules.trades import (
    CLOSING_EVENTS,
    WHOLE_STRATEGY,
    LegFacts,
    ends_trade_of,
    position_side,
)
from signals.models import Decision

# A leg of these before an entry of the same alert makes the entry a reversal.
CLOSES_FIRST = ("exit", "close_all")


def leg_facts(decision: Decision) -> LegFacts:
    """Return what the pure trade rules compare of a decision."""
    return LegFacts(
        event=decision.event,
        side=decision.side,
        instrument=decision.instrument,
        trade_ref=decision.trade_ref,
        place=(decision.alert_id, decision.leg_no),
    )


def closed_entries(entries: Collection[Decision]) -> set[tuple[int, int]]:
    """Return the places of those entries that a decided exit or cancel says not to send any more.

    One query for all of them. A place is (alert id, leg number), since a dry run has no row.
    """
    if not entries:
        return set()
    asked = Q(alert_id__gte=min(one.alert_id for one in entries))
    asked |= Q(trade_ref__in={one.trade_ref for one in entries} - {""})
    closings = Decision.objects.filter(
        asked,
        strategy_id__in={one.strategy_id for one in entries},
        state="approved",
        event__in=CLOSING_EVENTS,
    )
    of_strategy: dict[int, list[LegFacts]] = {}
    for closing in closings:
        of_strategy.setdefault(closing.strategy_id, []).append(leg_facts(closing))
    return {
        facts.place
        for entry in entries
        for facts in [leg_facts(entry)]
        if any(ends_trade_of(one, facts) for one in of_strategy.get(entry.strategy_id, []))
    }


def is_reversal_entry(entry: Decision) -> bool:
    """Tell whether the alert asks to close something before this entry."""
    return Decision.objects.filter(
        alert_id=entry.alert_id, leg_no__lt=entry.leg_no, event__in=CLOSES_FIRST
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

    A trade reference says which. Without one it is the trade whose trace the decision bears, else
    the strategy's last one on the symbol that is still open here. Read under the account's lock.
    """

    def __init__(self, *, decision: Decision, account_id: int) -> None:
        self.decision = decision
        self.account_id = account_id
        positions = list(self._positions())
        entries = list(self._entries())
        decision_ids = self._narrow(positions, entries)
        if decision_ids is not None:
            positions = [one for one in positions if one.decision_id in decision_ids]
            entries = [one for one in entries if one.decision_id in decision_ids]
        self.positions = positions
        self.entries = entries

    def _base(self) -> Q:
        facts = leg_facts(self.decision)
        rows = Q(account_id=self.account_id, strategy_id=self.decision.strategy_id)
        if facts.instrument:
            rows &= Q(instrument=facts.instrument)
        if side := position_side(facts):
            rows &= Q(side=side)
        if self._by_reference:
            return rows & Q(trade_ref=facts.trade_ref)
        alert_id, leg_no = facts.place
        earlier = Q(decision__alert_id__lt=alert_id)
        return rows & (earlier | Q(decision__alert_id=alert_id, decision__leg_no__lt=leg_no))

    @property
    def _by_reference(self) -> bool:
        decision = self.decision
        return bool(
            decision.trade_ref and decision.event not in WHOLE_STRATEGY and not _reverses(decision)
        )

    def _positions(self) -> Iterable[Position]:
        rows = Position.objects.filter(self._base(), closed_at__isnull=True)
        return rows.select_related("decision", "order").order_by("id")

    def _entries(self) -> Iterable[Order]:
        """Entry orders that may still open something: out, or ended with no position seen yet."""
        rows = Order.objects.filter(self._base(), event="entry")
        out = ~Q(state__in=states.ORDER_ENDS)
        silent = Q(state__in=[states.DONE, states.CANCELLED], positions__isnull=True)
        if not self._by_reference:
            silent &= Q(trace_id=self.decision.trace_id)
        return rows.filter(out | silent).select_related("decision").order_by("id")

    def _narrow(self, positions: list[Position], entries: list[Order]) -> set[int | None] | None:
        """Return the entry decisions meant; None where everything found is meant."""
        decision = self.decision
        if self._by_reference or decision.event in WHOLE_STRATEGY or _reverses(decision):
            return None
        found: list[Position | Order] = [*positions, *entries]
        of_trace = {one.decision_id for one in found if one.trace_id == decision.trace_id}
        if of_trace:
            return of_trace
        if self._is_still_unstaged():
            return set()
        alive = [one for one in found if isinstance(one, Position) or not one.has_ended]
        if not alive:
            return set()
        return {max(alive, key=_asked_at).decision_id}

    def _is_still_unstaged(self) -> bool:
        """The trade's own entry is decided but not staged here yet: no other trade is meant."""
        entries = Decision.objects.filter(
            trace_id=self.decision.trace_id, event="entry", state="approved"
        )
        return entries.exclude(orders__account_id=self.account_id).exists()


def _asked_at(held: Position | Order) -> tuple[int, int]:
    """Place of the entry decision among all that were asked for; a foreign position comes first."""
    entry = held.decision
    return (entry.alert_id, entry.leg_no) if entry else (0, 0)


def _reverses(decision: Decision) -> bool:
    """A closing leg before an entry leg of one alert: it means the former trade."""
    return Decision.objects.filter(
        alert_id=decision.alert_id, leg_no__gt=decision.leg_no, event="entry"
    ).exists()
