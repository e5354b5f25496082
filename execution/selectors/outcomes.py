"""What became of a decision's orders, in words: one text for lists and pages."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from execution.models import Order
from execution.risk.reasons import ADVICE
from execution.rules import states
from execution.selectors.tradable import NO_ACCOUNT
from fusion_project.text.formats import plain_number
from signals.intents.words import NO_STOP
from signals.models import Decision
from signals.selectors.strategies import outlook_of

_STATES = {
    states.STAGED: "staged",
    states.LEASED: "handed to the executor",
    states.ACKNOWLEDGED: "with the executor",
    states.WORKING: "waits at the broker",
    states.CANCEL_REQUESTED: "is being cancelled",
    states.UNKNOWN: "unknown: a person must look",
    states.FILLED: "filled",
    states.DONE: "done",
    states.CANCELLED: "cancelled",
    states.EXPIRED: "expired",
}
_UNDECIDED = ("proposed", "pending_review")


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """One order: what it asked for (nothing where it was refused) and what became of it."""

    order: Order
    headline: str
    became: str
    is_bad: bool
    advice: str = ""


def order_outcome(order: Order) -> OrderOutcome:
    """Return the words for one order."""
    became = _became(order)
    if _is_refused(order):
        return OrderOutcome(order, became, became, True, ADVICE.get(order.reason, ""))
    lots = f" {plain_number(order.volume_lots)} lots" if order.volume_lots else ""
    headline = f"{_verb(order)}{lots} {order.broker_symbol or order.instrument}"
    if order.verb == "entry" and not order.has_stop:
        headline = f"{headline}, {NO_STOP}"
    return OrderOutcome(order, headline, became, order.state in (states.REJECTED, states.UNKNOWN))


def outcomes_of(decisions: Iterable[Decision]) -> dict[int, str]:
    """Return for each decision, by its id, what became of its orders, or why there is none."""
    rows = list(decisions)
    prefetch_related_objects(rows, "orders", "strategy__tradable")
    return {one.pk: _outcome(one, list(one.orders.all())) for one in rows}


def _outcome(decision: Decision, found: list[Order]) -> str:
    if not found:
        return _without_order(decision)
    words = [_became(one) for one in sorted(found, key=lambda one: one.id)]
    counts = {one: words.count(one) for one in dict.fromkeys(words)}
    return "; ".join(f"{one} ({count} ×)" if count > 1 else one for one, count in counts.items())


def _is_refused(order: Order) -> bool:
    """Staging refused it, so it never asked anybody for anything."""
    return order.state == states.REJECTED and order.fence == 0


def _became(order: Order) -> str:
    if _is_refused(order):
        return f"refused: {order.reason.replace('_', ' ')}"
    if order.state == states.REJECTED:
        why = order.reason or order.message
        return f"rejected: {why.replace('_', ' ')}" if why else "rejected"
    if order.state == states.PARTIALLY_FILLED:
        filled, asked = plain_number(order.filled_lots), plain_number(order.volume_lots)
        return f"{filled} of {asked} lots filled"
    words = _STATES[order.state]
    ended_early = order.state in (states.CANCELLED, states.EXPIRED) and order.reason
    return f"{words}: {order.reason.replace('_', ' ')}" if ended_early else words


def _without_order(decision: Decision) -> str:
    if decision.state in _UNDECIDED:
        return ""
    if decision.state != "approved":
        return "no order"
    if decision.verb != "entry":
        return "no order: nothing to act on"
    outlook = outlook_of(decision.strategy)
    if outlook is not None and outlook.otherwise == NO_ACCOUNT:
        return "no order: no account follows the strategy"
    return "no order yet"


def _verb(order: Order) -> str:
    verb = order.verb.replace("_", " ")
    return order.side.capitalize() if order.verb == "entry" else f"{verb.capitalize()} {order.side}"
