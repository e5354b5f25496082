"""Units of an account that investors hold: issued, redeemed, and paid out, as two people want it.

The price is that of the moment when it is carried out, and is rounded against whoever moves, so
that nobody else's value falls. Each request makes one entry, whose key is the request's.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Max

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.canonical import decimal_text as plain
from treasury import errors
from treasury.models import INVESTOR, UnitSeries
from treasury.rules.allocation import split
from treasury.rules.drafts import EntryDraft, LineDraft, PostedEntry, digits_of, lines_summed
from treasury.rules.places import UnitBook
from treasury.rules.units import (
    FEE,
    FIRST_PRICE,
    UNIT_DIGITS,
    Series,
    gain_of,
    issue_price,
    money_for,
    unit_price,
    units_for,
)
from treasury.selectors.balances import account_balance
from treasury.selectors.green import not_green
from treasury.selectors.nav import nav_get, series_list, unit_book, units_outstanding
from treasury.selectors.policies import policy_code_of, policy_get, version_in_force
from treasury.services.ledger import currency_ensure, post
from treasury.services.pools import paying_accounts_ensure
from treasury.services.turns import turn_take

UNITS_ISSUE: Final = "units.issue"
UNITS_REDEEM: Final = "units.redeem"
UNITS_PAY: Final = "units.pay"
# Whose the money is that stood in the account before the first investor came.
OWN_HOLDER: Final = "house"
HOLDER_LENGTH_MAX = 40


def issue_ask(
    *, account: BrokerAccount, holder: str, amount: Decimal, reason: str, actor: str
) -> Request:
    """Ask to issue units for a deposit that has reached the account. Raises as `issue_check`."""
    payload = {"account_id": account.pk, "holder": holder, "amount": amount}
    return _ask(UNITS_ISSUE, account, payload, reason, actor)


def redeem_ask(
    *, account: BrokerAccount, number: int, units: Decimal, reason: str, actor: str
) -> Request:
    """Ask to take back units of a series; what they are worth is then owed to its holder."""
    payload = {"account_id": account.pk, "series": number, "units": units}
    return _ask(UNITS_REDEEM, account, payload, reason, actor)


def pay_ask(
    *, account: BrokerAccount, number: int, amount: Decimal, reason: str, actor: str
) -> Request:
    """Ask to book a withdrawal from the account as the payment of what a series is owed."""
    payload = {"account_id": account.pk, "series": number, "amount": amount}
    return _ask(UNITS_PAY, account, payload, reason, actor)


def issue_check(payload: Payload) -> None:
    """Raises UnitsRefused: no such policy, an amount that no deposit covers, no green account."""
    account, amount = _account(payload), Decimal(payload["amount"])
    names = _ready(account)
    _money_check(amount, account)
    holder = payload["holder"]
    if not 0 < len(holder) <= HOLDER_LENGTH_MAX or not holder.replace("-", "").isalnum():
        raise errors.UnitsRefused("a holder is a reference of letters, digits and dashes")
    waits = -account_balance(book=account.book, code=names.transit)
    if amount > waits:
        raise errors.UnitsRefused(
            f"deposits of {plain(waits)} wait for units, asked {plain(amount)}"
        )
    if units_for(amount, _price_in(account)) <= 0:
        raise errors.UnitsRefused(f"{plain(amount)} buys no unit")
    _opening(account)


def issue_words(payload: Payload) -> str:
    """In one sentence what will be issued to whom."""
    account, amount = _account(payload), Decimal(payload["amount"])
    return (
        f"Issue units of {account.name} to {payload['holder']} for {plain(amount)} "
        f"{account.currency}, at their price then (now {plain(_price_in(account))})."
    )


@transaction.atomic
def issue_carry_out(payload: Payload, request: Request) -> str:
    """A further series with a mark of its own: the price at which it came in."""
    account, amount = _locked(payload), Decimal(payload["amount"])
    issue_check(payload)
    names, price = unit_book(account), _price_in(account)
    units = units_for(amount, price)
    opening = _opening(account)
    taken = [(OWN_HOLDER, opening)] if opening else []
    taken.append((payload["holder"], units))
    first = _next_number(account)
    lines = [
        LineDraft(names.transit, account.currency, amount),
        LineDraft(names.capital, account.currency, -amount),
    ]
    for number, (_, count) in enumerate(taken, start=first):
        lines.append(LineDraft(names.issued, names.currency, count))
        lines.append(LineDraft(names.held_by(number), names.currency, -count))
    posted = _post(account, request, UNITS_ISSUE, lines)
    for number, (holder, _) in enumerate(taken, start=first):
        UnitSeries.objects.create(
            account=account,
            number=number,
            holder=holder,
            mark=price,
            entry_id=posted.id,
            issued_at=now(),
        )
    return f"{plain(units)} units at {plain(price)} by entry {posted.id}"


def redeem_check(payload: Payload) -> None:
    """Raises UnitsRefused: no such series or units, no green account."""
    account, units = _account(payload), Decimal(payload["units"])
    _ready(account)
    if not units.is_finite() or units <= 0 or digits_of(units) > UNIT_DIGITS:
        raise errors.UnitsRefused(f"expected units above zero, {UNIT_DIGITS} digits, was {units}")
    series = _series(account, payload["series"])
    if units > series.units:
        raise errors.UnitsRefused(f"series {series.number} holds {plain(series.units)} units")


def redeem_words(payload: Payload) -> str:
    """In one sentence what will be taken back from whom."""
    account, units = _account(payload), Decimal(payload["units"])
    return (
        f"Take back {plain(units)} units of series {payload['series']} of {account.name}, at their "
        f"price then (now {plain(_price_out(account))}); their gain above the mark pays the fee."
    )


@transaction.atomic
def redeem_carry_out(payload: Payload, request: Request) -> str:
    """Owe the holder what the units are worth, less the fee on their gain above the mark."""
    account, units = _locked(payload), Decimal(payload["units"])
    redeem_check(payload)
    names, price, digits = unit_book(account), _price_out(account), account.currency_digits
    series = replace(_series(account, payload["series"]), units=units)
    worth = money_for(units, price, digits=digits)
    bps = version_in_force(policy=policy_get(INVESTOR), at=now()).bps
    fee = split(gain_of(series, price, digits=digits), bps, digits=digits)[FEE]
    lines = [
        LineDraft(names.capital, account.currency, worth),
        LineDraft(names.payable(series.number), account.currency, fee - worth),
        LineDraft(names.place.pool(FEE), account.currency, -fee),
        LineDraft(names.held_by(series.number), names.currency, units),
        LineDraft(names.issued, names.currency, -units),
    ]
    posted = _post(account, request, UNITS_REDEEM, lines)
    return (
        f"{plain(worth - fee)} {account.currency} are owed by entry {posted.id}, fee {plain(fee)}"
    )


def pay_check(payload: Payload) -> None:
    """Raises UnitsRefused where less is owed, or no withdrawal of that much has been told."""
    account, amount = _account(payload), Decimal(payload["amount"])
    names = unit_book(account)
    _money_check(amount, account)
    owed = -account_balance(book=account.book, code=names.payable(payload["series"]))
    if amount > owed:
        raise errors.UnitsRefused(f"series {payload['series']} is owed {plain(owed)}")
    left = account_balance(book=account.book, code=names.transit)
    if amount > left:
        raise errors.UnitsRefused(
            f"withdrawals of {plain(left)} wait to be booked, asked {plain(amount)}"
        )


def pay_words(payload: Payload) -> str:
    """In one sentence what will count as paid."""
    account, amount = _account(payload), Decimal(payload["amount"])
    return (
        f"Book {plain(amount)} {account.currency} withdrawn from {account.name} as paid to "
        f"series {payload['series']}."
    )


@transaction.atomic
def pay_carry_out(payload: Payload, request: Request) -> str:
    """The debt to the holder goes, and so does the withdrawal that was on its way."""
    account, amount = _locked(payload), Decimal(payload["amount"])
    pay_check(payload)
    names = unit_book(account)
    lines = [
        LineDraft(names.payable(payload["series"]), account.currency, amount),
        LineDraft(names.transit, account.currency, -amount),
    ]
    return f"paid by entry {_post(account, request, UNITS_PAY, lines).id}"


def _ask(kind: str, account: BrokerAccount, payload: Payload, reason: str, actor: str) -> Request:
    return request_ask(
        kind=kind,
        subject=f"units of {account.name}",
        payload=payload,
        reason=reason,
        actor=actor,
    )


def _account(payload: Payload) -> BrokerAccount:
    return BrokerAccount.objects.get(id=payload["account_id"])


def _locked(payload: Payload) -> BrokerAccount:
    """Units and distributions of investors wait for each other, and for whoever books the money."""
    turn_take(f"policy:{INVESTOR}")
    return BrokerAccount.objects.select_for_update(no_key=True).get(id=payload["account_id"])


def _ready(account: BrokerAccount) -> UnitBook:
    if policy_code_of(account_id=account.pk, at=now()) != INVESTOR:
        raise errors.UnitsRefused(f"{account.name} is not under the policy {INVESTOR}")
    reason = not_green(account)
    if reason:
        raise errors.UnitsRefused(f"the account has no price now: {reason}")
    return unit_book(account)


def _price_in(account: BrokerAccount) -> Decimal:
    return issue_price(nav_get(account=account), units_outstanding(account=account))


def _price_out(account: BrokerAccount) -> Decimal:
    return unit_price(nav_get(account=account), units_outstanding(account=account))


def _opening(account: BrokerAccount) -> Decimal:
    """Units of the house for what stood in the account before its first investor, at 1 each."""
    if units_outstanding(account=account) != 0:
        return Decimal(0)
    own = nav_get(account=account)
    if own < 0:
        raise errors.UnitsRefused(f"{account.name} stands at {plain(own)}; clear that first")
    return units_for(own, FIRST_PRICE)


def _series(account: BrokerAccount, number: int) -> Series:
    for one in series_list(account=account):
        if one.number == number:
            return one
    raise errors.UnitsRefused(f"{account.name} has no series {number}")


def _next_number(account: BrokerAccount) -> int:
    last = UnitSeries.objects.filter(account=account).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _money_check(amount: Decimal, account: BrokerAccount) -> None:
    digits = account.currency_digits
    if not amount.is_finite() or amount <= 0 or digits_of(amount) > digits:
        raise errors.UnitsRefused(f"expected an amount above zero, {digits} digits, was {amount}")


def _post(
    account: BrokerAccount, request: Request, kind: str, lines: Iterable[LineDraft]
) -> PostedEntry:
    currency_ensure(code=unit_book(account).currency, scale=UNIT_DIGITS)
    draft = EntryDraft(
        idem_key=f"{kind}:{request.pk}",
        kind=kind,
        book=account.book,
        event_at=request.asked_at,
        source=subject_of(Request, request.pk),
        trace_id=request.trace_id,
        lines=lines_summed(lines),
        note=request.reason,
    )
    paying_accounts_ensure(drafts=[draft])
    return post(drafts=[draft], actor=request.requester)[0]
