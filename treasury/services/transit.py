"""Money on its way to an account is answered for: asked by one person, confirmed by another."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from django.db import transaction

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.formats import plain_number
from treasury.errors import TransitRefused
from treasury.rules.accounts import broker_transit, capital_paid_in
from treasury.rules.drafts import EntryDraft, LineDraft
from treasury.selectors.transit import transit_balance
from treasury.services.ledger import accounts_ensure, post

TRANSIT_CLEAR: Final = "transit.clear"
_KIND: Final = "transit.cleared"


def clearing_ask(*, account: BrokerAccount, amount: Decimal, reason: str, actor: str) -> Request:
    """Ask to book so much as paid in (below zero: paid out); `reason` says by which bank or chain.

    Raises TransitRefused where that much is not on its way, and as `request_ask`.
    """
    return request_ask(
        kind=TRANSIT_CLEAR,
        subject=f"transit of {account.name}",
        payload={"account_id": account.pk, "amount": f"{amount:f}"},
        reason=reason,
        actor=actor,
    )


def clearing_check(payload: Payload) -> None:
    """Raises TransitRefused where the amount is not on its way."""
    account, amount = _account(payload), Decimal(payload["amount"])
    waits = -transit_balance(account=account)
    if amount == 0 or (amount > 0) != (waits > 0) or abs(amount) > abs(waits):
        raise TransitRefused(
            f"{account.name}: {waits:f} {account.currency} are on their way in, asked {amount:f}"
        )


def clearing_words(payload: Payload) -> str:
    """In one sentence what will be booked."""
    account, amount = _account(payload), Decimal(payload["amount"])
    word = "paid into" if amount > 0 else "paid out of"
    return f"Book {plain_number(abs(amount))} {account.currency} as {word} {account.name}."


@transaction.atomic
def clearing_carry_out(payload: Payload, request: Request) -> str:
    """Move the amount from the account's transit into its capital."""
    # Its row lock lets two clearings of one account see each other.
    account = BrokerAccount.objects.select_for_update(no_key=True).get(id=payload["account_id"])
    clearing_check(payload)
    amount = Decimal(payload["amount"])
    draft = EntryDraft(
        idem_key=f"transit:{request.pk}",
        kind=_KIND,
        book=account.book,
        event_at=now(),
        source=subject_of(Request, request.pk),
        trace_id=request.trace_id,
        lines=(
            LineDraft(broker_transit(account.server, account.login), account.currency, amount),
            LineDraft(capital_paid_in(account.server, account.login), account.currency, -amount),
        ),
        note=request.reason,
    )
    accounts_ensure(drafts=[draft])
    posted = post(drafts=[draft], actor=request.requester)[0]
    return f"booked by entry {posted.id}"


def _account(payload: Payload) -> BrokerAccount:
    return BrokerAccount.objects.get(id=payload["account_id"])
