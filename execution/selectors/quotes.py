"""The latest quotes of accounts, those of the past, and who must have one."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from execution.models import BrokerAccount, Heartbeat, Order, Quote
from execution.risk.figures import QuoteFacts

# From this minor on an executor tells quotes with its heartbeat.
QUOTES_SINCE_MINOR = 2
# Heartbeats come every ten seconds at least: so far from a moment its quote was told.
_TOLD_WITHIN = timedelta(seconds=15)


def quotes_of(accounts: Sequence[int]) -> dict[tuple[int, str], QuoteFacts]:
    """Return what was told last, by account and instrument.

    A terminal whose clock runs ahead makes no quote younger than its receipt; a bid above its ask
    is no quote.
    """
    rows = Quote.objects.filter(symbol_map__account__in=accounts).values_list(
        "symbol_map__account", "symbol_map__instrument", "bid", "ask", "quoted_at", "heard_at"
    )
    return {
        (account_id, instrument): QuoteFacts(bid, ask, min(quoted_at, heard_at))
        for account_id, instrument, bid, ask, quoted_at, heard_at in rows
        if bid <= ask and bid + ask
    }


def quote_is_needed(account: BrokerAccount) -> bool:
    """Whether an entry is sized by our own price alone.

    A paper account whose executor cannot tell quotes goes by the alert's price, as it always did.
    """
    return account.book == "live" or account.instance_minor >= QUOTES_SINCE_MINOR


def quote_worst(*, order: Order, until: datetime) -> Decimal | None:
    """Return the dearest ask of a buy, the cheapest bid of a sell, between staging and `until`.

    From the heartbeats of that time and the newest quote; None where none of them told one.
    """
    since, until = order.staged_at - _TOLD_WITHIN, until + _TOLD_WITHIN
    rows = Heartbeat.objects.filter(account_id=order.account_id, at__gte=since, at__lte=until)
    prices = []
    for text in rows.exclude(quotes="").values_list("quotes", flat=True):
        told = json.loads(text).get(order.instrument)
        if told is not None:
            prices.append(Decimal(told[1 if order.side == "buy" else 0]))
    newest = quotes_of([order.account_id]).get((order.account_id, order.instrument))
    if newest is not None and since <= newest.at <= until:
        prices.append(newest.price_for(order.side))
    if not prices:
        return None
    return max(prices) if order.side == "buy" else min(prices)
