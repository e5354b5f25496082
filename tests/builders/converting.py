"""Pools in two currencies, prices between them, and conversions that two people wanted."""

import datetime as dt
from decimal import Decimal

from fusion_project.events.clock import now
from tests.builders.second_person import request_confirmed
from tests.builders.treasury import broker_account_make, ledger_accounts_make
from tests.factories.treasury import draft_of
from treasury.models import Conversion, PriceSnapshot
from treasury.services.conversions import conversion_complete, conversion_open
from treasury.services.ledger import post
from treasury.services.prices import price_record

POOL_EUR = "Liabilities:Pool:House:Reward:EUR"
POOL_USD = "Liabilities:Pool:House:Reward:USD"


def pools_make(*, book: str = "paper", amount: str = "1000") -> None:
    """So much EUR in a pool, and accounts at brokers in EUR and USD."""
    for currency in ("EUR", "USD"):
        broker_account_make(book=book, currency=currency)
        ledger_accounts_make(f"Assets:Paid-{currency}", currency=currency, book=book)
    ledger_accounts_make(POOL_EUR, currency="EUR", book=book, floor=Decimal(0))
    lines = ("Assets:Paid-EUR", "EUR", amount), (POOL_EUR, "EUR", f"-{amount}")
    post(drafts=[draft_of(f"pool:{book}", *lines, book=book)])


def price_told(
    price: str = "1.08",
    *,
    base: str = "EUR",
    quote: str = "USD",
    book: str = "paper",
    hours_ago: int = 0,
    source: str = "import:test",
) -> PriceSnapshot:
    return price_record(
        book=book,
        base=base,
        quote=quote,
        price=Decimal(price),
        priced_at=now() - dt.timedelta(hours=hours_ago),
        source=source,
        actor="system",
    )


def conversion_made(
    amount: str = "100",
    *,
    book: str = "paper",
    from_code: str = POOL_EUR,
    to_code: str = POOL_USD,
    currency: str = "USD",
) -> Conversion:
    """Wanted by two people, opened, and tried once."""
    payload = {"book": book, "to": to_code, "currency": currency, "amount": amount}
    payload["from"] = from_code
    conversion = conversion_open(payload, request_confirmed("conversion.make", **payload))
    conversion_complete(conversion_id=conversion.pk)
    conversion.refresh_from_db()
    return conversion
