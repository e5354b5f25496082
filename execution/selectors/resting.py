"""Which prices an entry has by now: as it was staged, and as amends of it have changed them."""

from django.db.models import Q

from execution.models import Order
from execution.rules import states
from execution.rules.amending import Levels, Stand
from execution.wire import ToldPending

# An amend that staging refused, or that found its entry over, changes nothing.
_REFUSED = Q(state=states.REJECTED, fence=0) | Q(state=states.CANCELLED)


def amends_of(entry_id: int) -> list[Order]:
    """Return the amends of the entry that still count, oldest first, each attempt of them."""
    rows = Order.objects.filter(target_order_id=entry_id, verb="amend").exclude(_REFUSED)
    return list(rows.select_related("decision").order_by("id"))


def is_amended(entry: Order) -> bool:
    """Whether an amend of it counts."""
    if entry.verb != "entry":
        return False
    return Order.objects.filter(target_order=entry, verb="amend").exclude(_REFUSED).exists()


def levels_wanted(entry: Order) -> Levels:
    """Return the prices that it shall have, whether or not the broker knows them already."""
    found = amends_of(entry.id)
    return levels_of(found[-1] if found else entry)


def order_in_force(entry: Order) -> Order:
    """Return the row whose prices the broker is told to have: the newest amend that is done."""
    rows = Order.objects.filter(target_order=entry, verb="amend", state=states.DONE)
    return rows.order_by("-id").first() or entry


def levels_of(order: Order) -> Levels:
    """Return the prices that an entry, or an amend of one, bears."""
    return Levels(
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        sl=Stand(order.sl, order.sl_distance, order.sl_unit),
        tp=Stand(order.tp, order.tp_distance, order.tp_unit),
    )


def levels_told(pending: ToldPending) -> Levels:
    """Return the prices that a resting order has at the broker."""
    sl, tp = Stand(pending.sl), Stand(pending.tp)
    if pending.kind.endswith("_stop_limit"):
        return Levels(pending.limit_price, pending.price, sl, tp)
    if pending.kind.endswith("_stop"):
        return Levels(None, pending.price, sl, tp)
    return Levels(pending.price, None, sl, tp)
