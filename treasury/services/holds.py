"""Setting an amount apart until its entry comes: made here, taken by `post`, or let go.

An entry whose idempotency key is a hold's `entry_key` takes it; that is the second phase.
"""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.text.canonical import decimal_text as plain
from treasury import errors
from treasury.models import Entry, Hold, LedgerAccount
from treasury.rules.drafts import amount_check, digits_of
from treasury.rules.states import LAPSED, PENDING, RELEASED
from treasury.selectors.holds import available_get
from treasury.services.ledger import refusals_named


@transaction.atomic
def hold_make(
    *,
    book: str,
    account_code: str,
    amount: Decimal,
    entry_key: str,
    expires_at: datetime,
    reason: str,
    actor: str,
) -> Hold:
    """Set `amount` apart, in the account's own direction, for the entry with this key.

    The same hold asked again is the one that is there. Raises AccountUnknown, HoldRefused (no
    floor, too late, its entry is posted, or another amount under the same key), HoldEnded (let go
    or lapsed), AmountNotExact, FloorBreached.
    """
    account = _account(book, account_code)
    _amount_fits(account, amount)
    known = Hold.objects.filter(account=account, entry_key=entry_key).first()
    if known is not None:
        return _same(known, amount)
    if expires_at <= now():
        raise errors.HoldRefused(f"expected a time to come, was {expires_at.isoformat()}")
    if Entry.objects.filter(idem_key=entry_key).exists():
        raise errors.HoldRefused(f"entry {entry_key} is posted already")
    if not reason.strip():
        raise errors.HoldRefused("say why it is held")
    left = available_get(account=account)
    if amount > left:
        raise errors.FloorBreached(
            f"{account_code} ({book}) has {plain(left)} left, asked {plain(amount)}"
        )
    hold = Hold(
        account=account,
        entry_key=entry_key,
        amount=amount,
        reason=reason.strip()[:300],
        made_by=actor,
        made_at=now(),
        expires_at=expires_at,
    )
    if not _insert(hold):
        return _same(Hold.objects.get(account=account, entry_key=entry_key), amount)
    _record(names.HOLD_MADE, hold, actor)
    return hold


@transaction.atomic
def hold_release(*, hold_id: int, reason: str, actor: str) -> Hold:
    """Let go of what is held. Raises HoldNotFound, HoldEnded."""
    hold = Hold.objects.filter(id=hold_id).first()
    if hold is None:
        raise errors.HoldNotFound(f"no hold {hold_id}")
    if not _end(hold, RELEASED, actor):
        raise errors.HoldEnded(f"hold {hold_id} is {hold.state} already")
    _record(names.HOLD_RELEASED, hold, actor, reason)
    return hold


def hold_lapse_due() -> int:
    """End holds whose time is over; return how many."""
    late = Hold.objects.filter(state=PENDING, expires_at__lte=now()).order_by("id")
    return sum(_lapse(hold) for hold in late)


@transaction.atomic
def _lapse(hold: Hold) -> bool:
    if not _end(hold, LAPSED, "system"):
        return False
    _record(names.HOLD_LAPSED, hold, "system")
    return True


def _end(hold: Hold, state: str, actor: str) -> bool:
    """False where it has ended before; then `hold` says how."""
    pending = Hold.objects.filter(id=hold.pk, state=PENDING)
    ended = pending.update(state=state, ended_by=actor, ended_at=now())
    hold.refresh_from_db()
    return ended == 1


def _insert(hold: Hold) -> bool:
    """False where another was first."""
    try:
        with refusals_named(), transaction.atomic():
            hold.save(force_insert=True)
    except IntegrityError as error:
        if "treasury_hold_once_for_an_entry" not in str(error):
            raise
        return False
    return True


def _account(book: str, code: str) -> LedgerAccount:
    account = LedgerAccount.objects.filter(book=book, code=code).first()
    if account is None:
        raise errors.AccountUnknown(f"no account {code} in book {book}")
    if account.floor is None:
        raise errors.HoldRefused(f"{code} has no floor, so nothing can be held on it")
    return account


def _amount_fits(account: LedgerAccount, amount: Decimal) -> None:
    amount_check(amount)
    if amount < 0:
        raise errors.HoldRefused(f"expected an amount above zero, was {plain(amount)}")
    scale = account.currency.scale
    if digits_of(amount) > scale:
        raise errors.AmountNotExact(f"expected at most {scale} digits, was {plain(amount)}")


def _same(known: Hold, amount: Decimal) -> Hold:
    if known.state in (RELEASED, LAPSED):
        raise errors.HoldEnded(f"the hold for {known.entry_key} is {known.state}")
    if known.amount != amount:
        raise errors.HoldRefused(
            f"{plain(known.amount)} is held for {known.entry_key} already, asked {plain(amount)}"
        )
    return known


def _record(name: str, hold: Hold, actor: str, reason: str = "") -> None:
    record(
        name,
        subject=subject_of(Hold, hold.pk),
        trace_id="",
        actor=actor,
        detail={
            "account": hold.account.code,
            "book": hold.account.book,
            "amount": hold.amount,
            "entry_key": hold.entry_key,
            "reason": reason or hold.reason,
        },
    )
