"""Orders that rest at the broker: what a heartbeat shows of them against what was told."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from execution.models import BrokerAccount, Order
from execution.rules import states
from execution.services.asking_again import risk_stands
from execution.services.orders import order_move
from execution.wire import ToldPending

# A report and a heartbeat may cross on their way.
CROSSING = timedelta(seconds=5)


def pendings_reconcile(
    *, account: BrokerAccount, pendings: Mapping[int, ToldPending], heard_at: datetime
) -> list[str]:
    """Return what differs. Call under the account's lock.

    An entry that rests although it was told to be over is cancelled again until it is gone.
    """
    before = heard_at - CROSSING
    magics = {one.magic for one in pendings.values() if one.magic}
    words = []
    for order in Order.objects.filter(account=account, id__in=magics).order_by("id"):
        if order.has_ended and (order.state_at or order.staged_at) < before:
            words.append(f"order {order.id} is {order.state} here and rests there")
            if order_move(
                order=order, new=states.CANCEL_REQUESTED, actor="system", late=True, reason="rests"
            ):
                risk_stands(order=order, note="it rests at the broker although it was told over")
    # What closes is working while it is asked again; a market order may be placed and not filled.
    resting = Order.objects.filter(account=account, verb="entry").exclude(order_type="market")
    working = resting.filter(state=states.WORKING, state_at__lt=before)
    words += [
        f"order {order_id} rests here and not there"
        for order_id in working.exclude(id__in=magics).values_list("id", flat=True)
    ]
    return words
