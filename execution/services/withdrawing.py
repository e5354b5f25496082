"""Entries that rest at the broker and are wanted no longer: each gets `cancel_requested`.

HALTED asks so at each poll, also for those that came to rest since; the dead man's switch when an
executor has fallen silent, so that its first poll after that tells it.
"""

from collections.abc import Iterable

from django.db import transaction

from execution.models import BrokerAccount, Order
from execution.rules import states
from execution.selectors.switches import Stops
from execution.services.accounts import account_lock
from execution.services.orders import order_move

_RESTING = (states.WORKING, states.PARTIALLY_FILLED)


def halted_withdraw(*, account: BrokerAccount) -> int:
    """Ask to cancel what rests where a switch is HALTED. Call under the account's lock."""
    resting = list(_resting(account.id))
    if not resting:
        return 0
    stops = Stops(order.spot for order in resting)
    halted = [order for order in resting if stops.is_halted(order.spot)]
    return _withdraw(halted, "halted")


@transaction.atomic
def silent_withdraw(*, account_id: int) -> int:
    """Ask to cancel whatever rests on an account whose executor has fallen silent."""
    account_lock(account_id)
    return _withdraw(_resting(account_id), "executor_silent")


def _resting(account_id: int) -> Iterable[Order]:
    rows = Order.objects.filter(account=account_id, verb="entry", state__in=_RESTING)
    return rows.exclude(order_type="market").order_by("id")


def _withdraw(orders: Iterable[Order], reason: str) -> int:
    moved = [
        order_move(order=order, new=states.CANCEL_REQUESTED, actor="system", reason=reason)
        for order in orders
    ]
    return sum(moved)
