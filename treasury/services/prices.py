"""Storing prices: one that is told, a file of them, or the newest that feeds tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from fusion_project.text.canonical import decimal_text as plain
from treasury.errors import PriceRefused
from treasury.models import Currency, PriceSnapshot
from treasury.rules.drafts import amount_check
from treasury.rules.prices import PRICE_HOURS_MAX, PriceRow, faults_of, prices_read
from treasury.rules.statements import FAULTS_MAX, Fault
from treasury.selectors.prices import Pair, price_newest
from treasury.services.turns import turn_take


class PricesRefused(DomainError):
    """Nothing was imported; `faults` say why, by line."""

    code = "prices_refused"
    status = 422

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults[:FAULTS_MAX])
        super().__init__("; ".join(str(one) for one in self.faults))


@dataclass(frozen=True, slots=True)
class PricesImported:
    """How many rows a file had, and how many of them were new."""

    read: int
    added: int


def price_record(
    *,
    book: str,
    base: str,
    quote: str,
    price: Decimal,
    priced_at: datetime,
    source: str,
    actor: str,
) -> PriceSnapshot:
    """Store what one `base` costs in `quote` at a moment; told again, it is the one that is there.

    Raises PriceRefused: a currency that the ledger does not know, a price that is none, a moment to
    come, or another price of that source for that moment.
    """
    _price_check(base, quote, price, priced_at)
    made: dict[str, Any] = {"price": price, "recorded_at": now, "recorded_by": actor}
    stored, _ = PriceSnapshot.objects.get_or_create(
        book=book,
        base_id=base,
        quote_id=quote,
        priced_at=priced_at,
        source=source,
        defaults=made,
    )
    if stored.price != price:
        raise PriceRefused(
            f"{source} told {plain(stored.price)} {quote} for a {base} at that time, now "
            f"{plain(price)}"
        )
    return stored


@transaction.atomic
def prices_import(*, book: str, raw: bytes, actor: str) -> PricesImported:
    """Store the prices of a CSV file, all or none; a second time nothing is added.

    Raises PricesRefused, which names each line that is not understood, is in a currency that the
    ledger does not know, or says otherwise than what the same source told for that moment.
    """
    # Two who import one file wait for each other; the second finds its prices known.
    turn_take(f"prices:{book}")
    rows, faults = prices_read(_text(raw))
    currencies = set(Currency.objects.values_list("code", flat=True))
    faults = faults or faults_of(rows, currencies=currencies, now=now())
    known = {} if faults else _known(book, rows)
    faults = faults or [
        Fault(row.line, f"{plain(known[_key(row)])} is stored, told for the same time")
        for row in rows
        if known.get(_key(row), row.told.price) != row.told.price
    ]
    if faults:
        raise PricesRefused(faults)
    moment = now()
    fresh = [row.told for row in rows if _key(row) not in known]
    PriceSnapshot.objects.bulk_create(
        [
            PriceSnapshot(
                book=book,
                base_id=one.base,
                quote_id=one.quote,
                price=one.price,
                priced_at=one.at,
                source=one.source,
                recorded_at=moment,
                recorded_by=actor,
            )
            for one in fresh
        ],
        batch_size=1_000,
    )
    return PricesImported(read=len(rows), added=len(fresh))


def price_fetch(*, book: str, pair: Pair, actor: str = "system") -> PriceSnapshot | None:
    """The newest price of the pair that may convert now, stored; None where nobody tells one."""
    moment = now()
    since = moment - timedelta(hours=PRICE_HOURS_MAX)
    told = price_newest(book=book, pair=pair, since=since, until=moment)
    if told is None:
        return None
    return price_record(
        book=book,
        base=told.base,
        quote=told.quote,
        price=told.price,
        priced_at=told.at,
        source=told.source,
        actor=actor,
    )


def _price_check(base: str, quote: str, price: Decimal, priced_at: datetime) -> None:
    known = set(Currency.objects.filter(code__in=(base, quote)).values_list("code", flat=True))
    for code in (base, quote):
        if code not in known:
            raise PriceRefused(f"the ledger has no currency {code}")
    if base == quote:
        raise PriceRefused(f"{base} has no price in itself")
    amount_check(price)
    if price < 0:
        raise PriceRefused(f"expected a price above zero, was {plain(price)}")
    if priced_at > now():
        raise PriceRefused(f"{priced_at.isoformat()} is yet to come")


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise PricesRefused([Fault(line, "this is no UTF-8")]) from error


def _key(row: PriceRow) -> tuple[str, str, datetime, str]:
    told = row.told
    return (told.base, told.quote, told.at, told.source)


def _known(book: str, rows: Sequence[PriceRow]) -> dict[tuple[str, str, datetime, str], Decimal]:
    """What is stored of these sources for the time of the file."""
    moments = [row.told.at for row in rows]
    stored = PriceSnapshot.objects.filter(
        book=book,
        source__in={row.told.source for row in rows},
        priced_at__gte=min(moments),
        priced_at__lte=max(moments),
    )
    return {
        (one.base_id, one.quote_id, one.priced_at, one.source): one.price
        for one in stored.iterator(chunk_size=2_000)
    }
