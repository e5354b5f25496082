"""The latest quote of each of an account's symbols, as its executor tells them by heartbeat."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from execution.errors import QuoteInvalid
from fusion_project.events.clock import now

_KEEP = """
    INSERT INTO execution_quote (account_id, broker_symbol, bid, ask, at, told_at)
    SELECT %(account)s, told.symbol, told.bid, told.ask, told.at, %(now)s
      FROM unnest(%(symbols)s::text[], %(bids)s::numeric[], %(asks)s::numeric[],
                  %(ats)s::timestamptz[]) AS told (symbol, bid, ask, at)
    ON CONFLICT (account_id, broker_symbol) DO UPDATE
       SET bid = excluded.bid, ask = excluded.ask, at = excluded.at, told_at = excluded.told_at
     WHERE execution_quote.at <= excluded.at
"""


@dataclass(frozen=True, slots=True)
class QuoteTold:
    """One symbol's quote; `at` is when the terminal saw it, in UTC."""

    broker_symbol: str
    bid: Decimal
    ask: Decimal
    at: datetime


@transaction.atomic
def quotes_record(*, account_id: int, quotes: Iterable[QuoteTold]) -> None:
    """Keep the newest quote of each symbol; one older than what is kept changes nothing.

    A terminal's clock that runs ahead makes no quote younger than its receipt. Raises QuoteInvalid
    for a bid above its ask: then nothing is kept.
    """
    moment = now()
    newest: dict[str, QuoteTold] = {}
    for one in quotes:
        if one.bid > one.ask or one.ask == 0:
            raise QuoteInvalid(f"{one.broker_symbol}: bid {one.bid}, ask {one.ask}")
        if one.broker_symbol not in newest or newest[one.broker_symbol].at <= one.at:
            newest[one.broker_symbol] = one
    if not newest:
        return
    values = {
        "account": account_id,
        "now": moment,
        "symbols": list(newest),
        "bids": [one.bid for one in newest.values()],
        "asks": [one.ask for one in newest.values()],
        "ats": [min(one.at, moment) for one in newest.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, values)
