"""Jobs that look at the clock: ended leases, late orders, and both sides of the positions."""

from execution.services.leases import lease_expire_all, order_expire_due
from execution.services.reconciling import account_reconcile_all
from execution.services.tradable import tradable_push_all
from fusion_project.events.periodic import every


@every(seconds=2, name="execution.expire_leases")
def expire_leases() -> None:
    """An order whose lease ended unacknowledged becomes unknown."""
    lease_expire_all()


@every(seconds=2, name="execution.expire_orders")
def expire_orders() -> None:
    """A staged entry past its time expires."""
    order_expire_due()


@every(seconds=10, name="execution.reconcile")
def reconcile() -> None:
    """Compare positions with the last heartbeat."""
    account_reconcile_all()


@every(seconds=10, name="execution.push_tradable")
def push_tradable() -> None:
    """What each strategy can trade, also where a row was changed by other hands."""
    tradable_push_all()
