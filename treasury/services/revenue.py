"""Income beside trading: streams such as subscriptions, and what came in, as two people want it."""

from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.canonical import decimal_text as plain
from treasury import errors
from treasury.models import Entry, RevenueStream
from treasury.rules.drafts import EntryDraft, LineDraft, amount_check, digits_of
from treasury.selectors.distributions import revenue_account, revenue_money
from treasury.services.ledger import accounts_ensure, currency_ensure, post
from treasury.services.turns import turn_take

REVENUE_RECORD: Final = "revenue.record"


@transaction.atomic
def stream_open(*, book: str, name: str, currency: str, digits: int, actor: str) -> RevenueStream:
    """A stream of revenue; under the house's policy until it is bound to another.

    Raises RevenueRefused where there is one of that name, or the name is no part of a code.
    """
    try:
        with transaction.atomic():
            currency_ensure(code=currency)
            return RevenueStream.objects.create(
                book=book,
                name=name,
                currency_id=currency,
                digits=digits,
                created_at=now(),
                created_by=actor,
            )
    except IntegrityError as error:
        raise errors.RevenueRefused(
            f"{name!r} in {currency!r}: a name is new, of letters, digits and dashes, and begins "
            "with a capital or a digit; a currency is of capitals and digits"
        ) from error


def revenue_ask(
    *, stream: RevenueStream, amount: Decimal, reference: str, reason: str, actor: str
) -> Request:
    """Ask to book what came in; `reference` names the payment, so that it counts once."""
    payload = {"stream_id": stream.pk, "amount": amount, "reference": reference.strip()}
    return request_ask(
        kind=REVENUE_RECORD,
        subject=f"revenue {stream.name} {reference.strip()}",
        payload=payload,
        reason=reason,
        actor=actor,
    )


def revenue_check(payload: Payload) -> None:
    """Raises AmountNotExact, and RevenueRefused without a reference or for one that is booked."""
    stream, amount = _stream(payload), Decimal(payload["amount"])
    amount_check(amount)
    if amount < 0 or digits_of(amount) > stream.digits:
        raise errors.AmountNotExact(
            f"expected an amount above zero with {stream.digits} digits, was {plain(amount)}"
        )
    if not payload["reference"]:
        raise errors.RevenueRefused("name the payment, so that it counts once")
    if _booked(stream, payload["reference"]).exists():
        raise errors.RevenueRefused(f"{_note(stream, payload['reference'])} is booked already")


def revenue_words(payload: Payload) -> str:
    """In one sentence what will be booked."""
    stream, amount = _stream(payload), Decimal(payload["amount"])
    told = f"{plain(amount)} {stream.currency_id} of {stream.name}"
    return f"Book {told} ({payload['reference']}) as income of the {stream.book} book."


@transaction.atomic
def revenue_carry_out(payload: Payload, request: Request) -> str:
    """Income of the stream, against an account of its own for the money."""
    # Two requests for one payment wait for each other; the second finds it booked.
    turn_take(f"stream:{payload['stream_id']}")
    revenue_check(payload)
    stream, amount = _stream(payload), Decimal(payload["amount"])
    draft = EntryDraft(
        idem_key=f"{REVENUE_RECORD}:{request.pk}",
        kind=REVENUE_RECORD,
        book=stream.book,
        event_at=request.asked_at,
        source=subject_of(Request, request.pk),
        trace_id=request.trace_id,
        lines=(
            LineDraft(revenue_money(stream), stream.currency_id, amount),
            LineDraft(revenue_account(stream), stream.currency_id, -amount),
        ),
        note=_note(stream, payload["reference"]),
    )
    accounts_ensure(drafts=[draft])
    return f"booked by entry {post(drafts=[draft], actor=request.requester)[0].id}"


def _stream(payload: Payload) -> RevenueStream:
    return RevenueStream.objects.get(id=payload["stream_id"])


def _note(stream: RevenueStream, reference: str) -> str:
    return f"{stream.name} {reference}"


def _booked(stream: RevenueStream, reference: str) -> QuerySet[Entry]:
    booked = Entry.objects.filter(book=stream.book, kind=REVENUE_RECORD, reversed_by=None)
    return booked.filter(note=_note(stream, reference))
