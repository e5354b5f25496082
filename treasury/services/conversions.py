"""Passing an amount into another currency: asked, confirmed, and booked once there is a price.

Without a price it waits, with an incident; the job `treasury.complete_conversions` goes on with it.
"""

from decimal import Decimal
from typing import Final

from django.db import transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.canonical import decimal_text as plain
from treasury import errors
from treasury.models import Conversion, LedgerAccount
from treasury.rules.accounts import account_kind
from treasury.rules.conversions import Leg, conversion_draft, is_convertible
from treasury.rules.drafts import amount_check, digits_of
from treasury.rules.prices import PRICE_HOURS_MAX, converted
from treasury.rules.states import DONE, WAITING, WITHDRAWN
from treasury.selectors.balances import account_balance
from treasury.selectors.coins import coin_digits
from treasury.selectors.prices import conversions_waiting
from treasury.services.ledger import accounts_ensure, currency_ensure, post, refusals_named
from treasury.services.pools import paying_account_ensure
from treasury.services.prices import price_fetch
from treasury.services.turns import turn_take

CONVERSION_MAKE: Final = "conversion.make"


def conversion_ask(
    *,
    book: str,
    from_code: str,
    to_code: str,
    to_currency: str,
    amount: Decimal,
    reason: str,
    actor: str,
) -> Request:
    """Ask to convert so much of what stands on one account into what stands on another.

    `amount`: above zero, in the currency and the direction of `from_code`. Raises as
    `conversion_check` and `request_ask`.
    """
    payload = {
        "book": book,
        "from": from_code,
        "to": to_code,
        "currency": to_currency,
        "amount": amount,
    }
    return request_ask(
        kind=CONVERSION_MAKE,
        subject=f"conversion of {from_code} ({book})",
        payload=payload,
        reason=reason,
        actor=actor,
    )


def conversion_check(payload: Payload) -> None:
    """Raises AccountUnknown, AmountNotExact, AccountMismatch, ConversionRefused."""
    source, amount = _source(payload), Decimal(payload["amount"])
    to_code, to_currency = payload["to"], payload["currency"]
    amount_check(amount)
    if amount < 0 or digits_of(amount) > source.currency.scale:
        raise errors.AmountNotExact(
            f"expected an amount above zero, {source.currency.scale} digits, was {plain(amount)}"
        )
    if not (is_convertible(source.code) and is_convertible(to_code)):
        raise errors.ConversionRefused(f"nothing is converted from {source.code} to {to_code}")
    if account_kind(to_code) != source.kind or to_currency == source.currency_id:
        raise errors.ConversionRefused("expected two accounts of one kind, in two currencies")
    for code in (source.currency_id, to_currency):
        if coin_digits(code) is None:
            raise errors.ConversionRefused(f"no account at a broker and no stream is in {code}")
    there = LedgerAccount.objects.filter(book=payload["book"], code=to_code).first()
    if there is not None and there.currency_id != to_currency:
        raise errors.AccountMismatch(f"{to_code} is in {there.currency_id}, not {to_currency}")


def conversion_words(payload: Payload) -> str:
    """In one sentence what will pass where, and at which price."""
    amount = f"{plain(Decimal(payload['amount']))} {_source(payload).currency_id}"
    return (
        f"Convert {amount} of {payload['from']} into {payload['currency']} on {payload['to']} "
        f"({payload['book']} book), at the newest price then, at most {PRICE_HOURS_MAX} hours old."
    )


@transaction.atomic
def conversion_carry_out(payload: Payload, request: Request) -> str:
    """Store it, and book it at once where there is a price."""
    conversion = conversion_open(payload, request)
    conversion_complete(conversion_id=conversion.pk)
    conversion.refresh_from_db()
    if conversion.state == WAITING:
        return f"conversion {conversion.pk} waits: {conversion.waits_for}"
    return f"converted by entry {conversion.entry_id}"


@transaction.atomic
def conversion_open(payload: Payload, request: Request) -> Conversion:
    """The conversion that a confirmed request wants, waiting. Raises as `conversion_check`."""
    conversion_check(payload)
    currency_ensure(code=payload["currency"])
    conversion = Conversion.objects.create(
        book=payload["book"],
        source=_source(payload),
        target=paying_account_ensure(
            book=payload["book"], code=payload["to"], currency=payload["currency"]
        ),
        amount=Decimal(payload["amount"]),
        request=request,
        asked_at=now(),
    )
    _record(names.CONVERSION_OPENED, conversion, request.requester)
    return conversion


@transaction.atomic
def conversion_complete(*, conversion_id: int) -> bool:
    """Book a conversion that waits, where a price and the accounts let it; whether it is done.

    What keeps it waiting is an incident that closes with the conversion. Runs twice as once.
    """
    rows = Conversion.objects.select_for_update(no_key=True, of=("self",))
    conversion = rows.select_related("source", "target", "request").get(id=conversion_id)
    if conversion.state != WAITING:
        return conversion.state == DONE
    try:
        with transaction.atomic():
            _book(conversion)
    except errors.LedgerRefused as refusal:
        return _waits(conversion, str(refusal)[:300])
    _settle(conversion, "converted")
    return True


def conversions_complete_due() -> int:
    """Try every conversion that waits, each by itself; return how many are done now."""
    waiting = list(conversions_waiting().values_list("id", flat=True))
    return sum(conversion_complete(conversion_id=one) for one in waiting)


@transaction.atomic
def conversion_withdraw(*, conversion_id: int, actor: str) -> Conversion:
    """Call a waiting conversion off; one person may. Raises ConversionNotFound, ConversionEnded."""
    waiting = Conversion.objects.filter(id=conversion_id, state=WAITING)
    ended = waiting.update(state=WITHDRAWN, waits_for="", ended_by=actor, ended_at=now())
    conversion = Conversion.objects.filter(id=conversion_id).first()
    if conversion is None:
        raise errors.ConversionNotFound(f"no conversion {conversion_id}")
    if not ended:
        raise errors.ConversionEnded(f"conversion {conversion_id} is {conversion.state} already")
    _record(names.CONVERSION_WITHDRAWN, conversion, actor)
    _settle(conversion, "withdrawn")
    return conversion


def _book(conversion: Conversion) -> None:
    source, target = conversion.source, conversion.target
    price = price_fetch(book=conversion.book, pair=(source.currency_id, target.currency_id))
    if price is None:
        raise errors.PriceMissing(f"no price is at most {PRICE_HOURS_MAX} hours old")
    _room_check(conversion)
    digits = coin_digits(target.currency_id)
    assert digits is not None
    is_inverse = price.base_id == target.currency_id
    received = converted(conversion.amount, price.price, is_inverse=is_inverse, digits=digits)
    if received == 0:
        raise errors.ConversionRefused("it comes to less than the smallest coin; withdraw it")
    draft = conversion_draft(
        number=conversion.pk,
        book=conversion.book,
        taken=Leg(source.code, source.currency_id, conversion.amount),
        brought=Leg(target.code, target.currency_id, received),
        at=now(),
        source=subject_of(Conversion, conversion.pk),
        trace_id=conversion.request.trace_id,
    )
    accounts_ensure(drafts=[draft])
    posted = post(drafts=[draft], actor="system")[0]
    with refusals_named():
        Conversion.objects.filter(id=conversion.pk, state=WAITING).update(
            state=DONE,
            waits_for="",
            price=price,
            received=received,
            entry_id=posted.id,
            ended_by="system",
            ended_at=now(),
        )
    conversion.refresh_from_db()
    _record(names.CONVERSION_MADE, conversion, "system")


def _room_check(conversion: Conversion) -> None:
    """Not every account has a floor; two conversions of one account see each other."""
    source = conversion.source
    turn_take(f"conversion:{source.pk}")
    sign = 1 if source.kind == "asset" else -1
    stands = account_balance(book=source.book, code=source.code) * sign
    if conversion.amount > stands:
        raise errors.ConversionRefused(f"{source.code} holds {plain(stands)}")


def _waits(conversion: Conversion, words: str) -> bool:
    if conversion.waits_for != words:
        Conversion.objects.filter(id=conversion.pk, state=WAITING).update(waits_for=words)
    pair = f"{conversion.source.currency_id} to {conversion.target.currency_id}"
    incident_open(
        kind=kinds.CONVERSION_WAITS,
        subject=subject_of(Conversion, conversion.pk),
        note=f"{plain(conversion.amount)}, {pair}: {words}"[:500],
        trace_id=conversion.request.trace_id,
    )
    return False


def _settle(conversion: Conversion, note: str) -> None:
    subject = subject_of(Conversion, conversion.pk)
    incident_settle(kind=kinds.CONVERSION_WAITS, subject=subject, note=note)


def _source(payload: Payload) -> LedgerAccount:
    rows = LedgerAccount.objects.select_related("currency")
    account = rows.filter(book=payload["book"], code=payload["from"]).first()
    if account is None:
        raise errors.AccountUnknown(f"no account {payload['from']} in book {payload['book']}")
    return account


def _record(name: str, conversion: Conversion, actor: str) -> None:
    record(
        name,
        subject=subject_of(Conversion, conversion.pk),
        trace_id=conversion.request.trace_id,
        actor=actor,
        detail={
            "book": conversion.book,
            "from": conversion.source.code,
            "to": conversion.target.code,
            "amount": conversion.amount,
            "received": conversion.received,
            "price_id": conversion.price_id,
            "entry_id": conversion.entry_id,
        },
    )
