"""The latest quotes of accounts, and who must have one."""

from collections.abc import Sequence

from execution.models import BrokerAccount, Quote
from execution.risk.figures import QuoteFacts

# From this minor on an executor tells quotes with its heartbeat.
QUOTES_SINCE_MINOR = 2


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
