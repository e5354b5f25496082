"""The latest quotes of accounts, and who must have one."""

from collections.abc import Sequence

from execution.models import BrokerAccount, Quote
from execution.risk.figures import QuoteFacts

# From this minor on an executor tells quotes with its heartbeat.
QUOTES_SINCE_MINOR = 2


def quotes_of(accounts: Sequence[int]) -> dict[tuple[int, str], QuoteFacts]:
    """Return what was told last, by account and broker symbol."""
    rows = Quote.objects.filter(account__in=accounts)
    return {(row.account_id, row.broker_symbol): quote_facts(row) for row in rows}


def quote_facts(row: Quote) -> QuoteFacts:
    """Return what the rules may know of a quote."""
    return QuoteFacts(row.bid, row.ask, row.at)


def quote_is_needed(account: BrokerAccount) -> bool:
    """Whether an entry is sized by our own price alone.

    A paper account whose executor cannot tell quotes goes by the alert's price, as it always did.
    """
    return account.book == "live" or account.instance_minor >= QUOTES_SINCE_MINOR
