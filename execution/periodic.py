"""Jobs by the clock: leases, late orders, asking again, both sides' books, silent executors."""

from execution.services.amends_followed import amends_follow_all
from execution.services.asking_again import ask_again_all
from execution.services.features import strategy_features_record
from execution.services.leases import lease_expire_all, order_expire_due
from execution.services.reconciling import account_reconcile_all
from execution.services.refolding import fold_check_due
from execution.services.signing import nonce_forget
from execution.services.silence import executor_watch
from execution.services.switches import strategies_tell
from execution.services.telemetry import heartbeat_forget, heartbeat_partitions_make
from execution.services.tradable import tradable_push_all
from execution.services.unresolved import orders_watch
from fusion_project.events.clock import now
from fusion_project.events.periodic import every


@every(seconds=2, name="execution.expire_leases")
def expire_leases() -> None:
    """An order whose lease ended unacknowledged becomes unknown."""
    lease_expire_all()


@every(seconds=2, name="execution.expire_orders")
def expire_orders() -> None:
    """A staged entry past its time expires."""
    order_expire_due()


@every(seconds=2, name="execution.ask_again")
def ask_again() -> None:
    """What lowers risk is ordered anew until the risk is gone."""
    ask_again_all()
    amends_follow_all()


@every(seconds=2, name="execution.watch_orders")
def watch_orders() -> None:
    """What is done without a deal is unknown; what stays unknown is a person's."""
    orders_watch()


@every(seconds=10, name="execution.reconcile")
def reconcile() -> None:
    """Compare our books with the last heartbeat."""
    account_reconcile_all()


@every(seconds=60, name="execution.check_folds")
def check_folds() -> None:
    """Fold anew what deals say, and compare with what positions and orders say."""
    fold_check_due()


@every(seconds=10, name="execution.push_tradable")
def push_tradable() -> None:
    """What each strategy can trade and whether it is on, also where other hands changed a row."""
    strategies_tell()
    tradable_push_all()


@every(seconds=60, name="execution.tell_features")
def tell_features() -> None:
    """Drawdown, exposure and health behind each strategy, for fusion."""
    strategy_features_record()


@every(seconds=43_200, name="execution.keep_heartbeats")
def keep_heartbeats() -> None:
    """Make the next months' partitions of heartbeats, and drop those that are too old."""
    heartbeat_partitions_make()
    heartbeat_forget()


@every(seconds=60, name="execution.forget_nonces")
def forget_nonces() -> None:
    """Forget the nonces of signed calls that are too old to come again."""
    nonce_forget(moment=now())


@every(seconds=5, name="execution.watch_executors", is_watch=True)
def watch_executors() -> None:
    """Open an incident for each executor that fell silent; close it when it is heard again."""
    executor_watch()
