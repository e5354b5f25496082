"""Controls that run again and again: accounts against brokers, and deals that were never posted."""

from execution.models import BrokerAccount
from fusion_project.events.periodic import every
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from treasury.selectors.completeness import deals_without_posting
from treasury.services.checkpoints import cash_keep, checkpoint_make, posted_mark_raise
from treasury.services.control import account_check
from treasury.services.conversions import conversions_complete_due
from treasury.services.holds import hold_lapse_due

LATE_SECONDS = 120
LATE_SUBJECT = "treasury.completeness"
# Of a ledger that was never checkpointed; the others are done in the next turns.
CHECKPOINTS_MAX = 4


@every(seconds=15, name="treasury.check_accounts")
def check_accounts() -> None:
    """The ledger says what the broker says, for every account with a new heartbeat."""
    for account_id in BrokerAccount.objects.order_by("id").values_list("id", flat=True):
        account_check(account_id=account_id)


@every(seconds=30, name="treasury.check_completeness")
def check_completeness() -> None:
    """No deal stays without an entry: an incident while one does, settled afterwards."""
    for account in BrokerAccount.objects.order_by("id"):
        posted_mark_raise(account=account)
    late = deals_without_posting(older_than_seconds=LATE_SECONDS, limit=100)
    if not late:
        incident_settle(
            kind=kinds.DEALS_UNPOSTED, subject=LATE_SUBJECT, note="every deal is posted"
        )
        return
    incident_open(
        kind=kinds.DEALS_UNPOSTED,
        subject=LATE_SUBJECT,
        note=f"{len(late)} deals have no entry after {LATE_SECONDS} s, first id {late[0].pk}",
    )


@every(seconds=60, name="treasury.keep_checkpoints")
def keep_checkpoints() -> None:
    """What is final gets its sums, so that no read adds up all of history."""
    for _ in range(CHECKPOINTS_MAX):
        if not checkpoint_make():
            return


@every(seconds=15, name="treasury.keep_cash")
def keep_cash() -> None:
    """Closed trades and other bookings become steps, so that no line sums all of history."""
    for _ in range(CHECKPOINTS_MAX):
        if not cash_keep():
            return


@every(seconds=30, name="treasury.lapse_holds")
def lapse_holds() -> None:
    """What was held for an entry that did not come is free again."""
    hold_lapse_due()


@every(seconds=30, name="treasury.complete_conversions")
def complete_conversions() -> None:
    """What waits for a price goes on once one has come."""
    conversions_complete_due()
