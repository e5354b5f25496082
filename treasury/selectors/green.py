"""Whether what the ledger says of an account, or of a book, can be believed now."""

from collections.abc import Iterable
from datetime import timedelta

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from treasury.models import AccountCheck, LedgerAccount
from treasury.rules import checking
from treasury.rules.accounts import broker_cash
from treasury.selectors.completeness import deals_quarantined, deals_without_posting

FRESH_SECONDS_MAX = 120
_LISTED = 5


def not_green(account: BrokerAccount) -> str:
    """Why the account's figures cannot be counted on, or ''.

    Green: everything that its broker tells was compared within the last two minutes, and agrees;
    so does the last statement. An account that has never moved any money is green.
    """
    checks = {one.kind: one for one in AccountCheck.objects.filter(account=account)}
    cash = checks.get(checking.CASH)
    if cash is None or cash.heartbeat_at is None:
        code = broker_cash(account.server, account.login)
        if LedgerAccount.objects.filter(book=account.book, code=code).exists():
            return f"{account.name} was never compared with its broker"
        return ""
    if cash.heartbeat_at < now() - timedelta(seconds=FRESH_SECONDS_MAX):
        return f"{account.name} has told nothing since {cash.heartbeat_at:%Y-%m-%d %H:%M:%S} UTC"
    return "; ".join(f"{account.name}: {one}" for one in _in_words(checks.values()))


def book_not_green(*, book: str) -> list[str]:
    """Every reason why the book's figures cannot be counted on now, in words; none: it is green."""
    held = deals_quarantined().filter(deal__account__book=book)
    reasons = [
        f"deal {one.deal.ticket} of {one.deal.account.name} is in quarantine: {one.reason}"
        for one in held[:_LISTED]
    ]
    late = deals_without_posting(older_than_seconds=0, limit=50)
    accounts = {one.pk: one for one in BrokerAccount.objects.filter(book=book).order_by("id")}
    missing = [one for one in late if one.account_id in accounts]
    reasons += [f"deal {deal.ticket} is not posted yet" for deal in missing[:_LISTED]]
    return reasons + [reason for one in accounts.values() if (reason := not_green(one))]


def check_words(check: AccountCheck) -> str:
    """What a check says against the account, or ''."""
    if check.state == checking.DIFFERS:
        return f"{check.kind} differs by {check.difference:f}" + (check.note and f" ({check.note})")
    if check.state == checking.BLIND:
        return f"{check.kind} cannot be compared: {check.note}"
    return f"{check.kind}: {check.note}" if check.note else ""


def _in_words(checks: Iterable[AccountCheck]) -> list[str]:
    """What is not told is nothing against it, unless the ledger holds some of it."""
    found = sorted(checks, key=lambda one: one.kind)
    against = (checking.DIFFERS, checking.BLIND)
    return [
        check_words(one)
        for one in found
        if one.state in against or (one.state == checking.NOT_TOLD and one.ours)
    ]
