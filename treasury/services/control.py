"""Control sums: what the ledger says of an account against what its broker says, kind by kind."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from execution.models import BrokerAccount
from execution.selectors.positions import position_open_tickets
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.text.formats import exact_number
from treasury.models import AccountCheck
from treasury.rules import checking
from treasury.rules.accounts import broker_cash, broker_credit
from treasury.rules.checking import Finding, Ours, Told, findings_of
from treasury.selectors.balances import account_balance
from treasury.selectors.completeness import account_is_posted_up_to_heartbeat, blind_reason
from treasury.selectors.transit import transit_balance, transit_items

# A heartbeat and a deal may cross on their way; two differing heartbeats in a row may not.
MISMATCHES_MAX = 1
BLIND_SECONDS_MAX = 30
# Paid in by a simulated broker: there is nobody who could answer for it.
_BOOK_OF_NOBODY = "paper"


@transaction.atomic
def account_check(*, account_id: int) -> list[AccountCheck]:
    """Compare once per heartbeat; nothing where nothing is new or not yet all to compare.

    Opens an incident of a kind at its second difference in a row and settles it when both sides
    agree again. What could not be compared for half a minute is a difference too.
    """
    last = checks_of(account_id=account_id)
    account = BrokerAccount.objects.get(id=account_id)
    if account.heartbeat_at is None or account.balance is None:
        return []
    seen = last.get(checking.CASH)
    compared_at = seen.heartbeat_at if seen else None
    if compared_at is not None and compared_at >= account.heartbeat_at:
        return []
    found = findings_of(_told(account), _ours(account), moment=now())
    if not account_is_posted_up_to_heartbeat(account=account):
        words = blind_reason(account=account, older_than_seconds=BLIND_SECONDS_MAX)
        if not words:
            return []
        found = [_blind(one, words) for one in found]
    return [finding_keep(account=account, finding=one, last=last.get(one.kind)) for one in found]


def finding_keep(
    *, account: BrokerAccount, finding: Finding, last: AccountCheck | None
) -> AccountCheck:
    """Store the outcome of one kind, with its incident; call it in a transaction."""
    moment = now()
    is_against = finding.state in (checking.DIFFERS, checking.BLIND)
    check, _ = AccountCheck.objects.update_or_create(
        account_id=account.pk,
        kind=finding.kind,
        defaults={
            "state": finding.state,
            "ours": finding.ours,
            "theirs": finding.theirs,
            "difference": finding.difference,
            "note": finding.note[:500],
            "mismatches_in_row": 1 + (last.mismatches_in_row if last else 0) if is_against else 0,
            "heartbeat_at": _heartbeat_of(account, finding),
            "since_at": last.since_at if last and last.state == finding.state else moment,
            "checked_at": moment,
        },
    )
    _incident_keep(check)
    return check


def checks_of(*, account_id: int) -> dict[str, AccountCheck]:
    """The last checks by kind, locked: two comparisons of one account take turns."""
    BrokerAccount.objects.select_for_update(no_key=True).get(id=account_id)
    return {one.kind: one for one in AccountCheck.objects.filter(account_id=account_id)}


def _told(account: BrokerAccount) -> Told:
    assert account.balance is not None
    return Told(
        balance=account.balance,
        equity=account.equity,
        credit=account.credit,
        floating=account.floating,
        tickets=frozenset(account.open_tickets),
        digits=account.currency_digits,
    )


def _ours(account: BrokerAccount) -> Ours:
    def balance(code: str) -> Decimal:
        return account_balance(book=account.book, code=code)

    return Ours(
        cash=balance(broker_cash(account.server, account.login)),
        credit=balance(broker_credit(account.server, account.login)),
        tickets=frozenset(position_open_tickets(account_id=account.pk)),
        transit=transit_balance(account=account),
        items=transit_items(account=account),
        items_may_stay=account.book == _BOOK_OF_NOBODY,
    )


def _blind(finding: Finding, words: str) -> Finding:
    """What is not told is not compared, blind or not."""
    if finding.state == checking.NOT_TOLD:
        return finding
    return Finding(
        finding.kind, checking.BLIND, finding.ours, finding.theirs, finding.difference, words
    )


def _heartbeat_of(account: BrokerAccount, finding: Finding) -> datetime | None:
    return None if finding.kind == checking.STATEMENT else account.heartbeat_at


def _incident_keep(check: AccountCheck) -> None:
    is_cash = check.kind == checking.CASH
    kind = kinds.CASH_DIFFERS if is_cash else kinds.BOOKS_DIFFER
    subject = subject_of(BrokerAccount, check.account_id, "" if is_cash else check.kind)
    if check.mismatches_in_row == 0:
        incident_settle(kind=kind, subject=subject, note="ledger and broker agree again")
    elif check.state == checking.BLIND:
        # One cause makes all of them blind; that of cash tells it.
        if is_cash:
            incident_open(kind=kind, subject=subject, note=_words(check))
    elif check.mismatches_in_row > _mismatches_max(check):
        incident_open(kind=kind, subject=subject, note=_words(check))


def _mismatches_max(check: AccountCheck) -> int:
    """A statement does not cross with anything, and money that waited for days has waited."""
    is_at_once = check.kind in (checking.STATEMENT, checking.TRANSIT)
    return 0 if is_at_once else MISMATCHES_MAX


def _words(check: AccountCheck) -> str:
    return (
        f"{check.kind}: broker {exact_number(check.theirs)}, ledger {exact_number(check.ours)}, "
        f"difference {exact_number(check.difference)}" + (check.note and f"; {check.note}")
    )[:500]
