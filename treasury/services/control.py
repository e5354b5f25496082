"""Control sums: the ledger's cash against what the broker says the account holds."""

from decimal import Decimal

from django.db import transaction

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.text.formats import exact_number
from treasury.models import CashCheck
from treasury.rules.accounts import broker_cash
from treasury.selectors.balances import account_balance
from treasury.selectors.completeness import account_is_posted_up_to_heartbeat, blind_reason

# A heartbeat and a deal may cross on their way; two differing heartbeats in a row may not.
MISMATCHES_MAX = 1
BLIND_SECONDS_MAX = 30


@transaction.atomic
def cash_check(*, account_id: int) -> CashCheck | None:
    """Compare once per heartbeat; None where there is nothing new or not yet all to compare.

    Compared at the account's digits. Opens an incident at the second difference in a row and
    settles it when the sums agree again. What could not be compared for half a minute is a
    difference too.
    """
    account = BrokerAccount.objects.get(id=account_id)
    last = CashCheck.objects.select_for_update().filter(account_id=account_id).first()
    if account.heartbeat_at is None or account.balance is None:
        return None
    if last is not None and last.heartbeat_at >= account.heartbeat_at:
        return None
    blind = ""
    if not account_is_posted_up_to_heartbeat(account=account):
        blind = blind_reason(account=account, older_than_seconds=BLIND_SECONDS_MAX)
        if not blind:
            return None
    cash = account_balance(book=account.book, code=broker_cash(account.server, account.login))
    difference = account.balance - cash.quantize(Decimal(1).scaleb(-account.currency_digits))
    agrees = difference == 0 and not blind
    in_row = 0 if agrees else 1 + (last.mismatches_in_row if last else 0)
    check, _ = CashCheck.objects.update_or_create(
        account_id=account_id,
        defaults={
            "heartbeat_at": account.heartbeat_at,
            "ledger_cash": cash,
            "broker_balance": account.balance,
            "difference": difference,
            "mismatches_in_row": in_row,
            "blind": blind[:200],
            "checked_at": now(),
        },
    )
    _incident_keep(check)
    return check


def _incident_keep(check: CashCheck) -> None:
    subject = subject_of(BrokerAccount, check.account_id)
    if check.agrees:
        incident_settle(
            kind=kinds.CASH_DIFFERS, subject=subject, note="ledger and broker agree again"
        )
    elif check.blind or check.mismatches_in_row > MISMATCHES_MAX:
        incident_open(
            kind=kinds.CASH_DIFFERS,
            subject=subject,
            note=f"broker balance {exact_number(check.broker_balance)}, "
            f"ledger cash {exact_number(check.ledger_cash)}, "
            f"difference {exact_number(check.difference)}" + (check.blind and f"; {check.blind}"),
        )
