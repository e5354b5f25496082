"""Our open positions against the broker's: two differences in a row halt the account."""

from django.db import transaction

from execution.models import BrokerAccount, Deal
from execution.selectors.positions import position_open_tickets
from execution.services.accounts import account_halt_by_rule, account_lock
from fusion_project.incidents import kinds

MISMATCHES_TO_HALT = 2


def account_reconcile_all() -> None:
    """Compare every account that a heartbeat has described since the last look."""
    for account_id in BrokerAccount.objects.filter(heartbeat_at__isnull=False).values_list(
        "id", flat=True
    ):
        account_reconcile(account_id=account_id)


@transaction.atomic
def account_reconcile(*, account_id: int) -> bool | None:
    """Return whether both sides agree; None where they cannot be compared yet.

    They can once our last deal is the one that the heartbeat named: before, or after it, one side
    has seen more than the other. One heartbeat counts once.
    """
    account = account_lock(account_id)
    if account.heartbeat_at is None or account.heartbeat_at == account.reconciled_heartbeat_at:
        return None
    if not _is_folded_to_watermark(account):
        return None
    ours = position_open_tickets(account_id=account_id)
    theirs = {int(ticket) for ticket in account.open_tickets}
    agrees = ours == theirs
    account.mismatches_in_row = 0 if agrees else account.mismatches_in_row + 1
    account.reconciled_heartbeat_at = account.heartbeat_at
    account.save(update_fields=["mismatches_in_row", "reconciled_heartbeat_at"])
    if account.mismatches_in_row >= MISMATCHES_TO_HALT:
        account_halt_by_rule(
            account_id=account_id,
            kind=kinds.POSITIONS_DIFFER,
            note=f"only here: {sorted(ours - theirs)}, only there: {sorted(theirs - ours)}",
        )
    return agrees


def _is_folded_to_watermark(account: BrokerAccount) -> bool:
    last = Deal.objects.filter(account=account).order_by("-time_msc", "-ticket").first()
    ours = (last.time_msc, last.ticket) if last else (0, 0)
    return ours == (account.watermark_time_msc, account.watermark_ticket)
