"""Money on its way to or from brokers, item by item: what nobody has answered for yet."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Sum

from execution.models import BrokerAccount
from treasury.models import Line
from treasury.rules.accounts import broker_transit
from treasury.rules.checking import TransitItem, transit_open
from treasury.selectors.balances import account_balance

_CHUNK = 50


def transit_balance(*, account: BrokerAccount) -> Decimal:
    """Below zero what came in, above it what went out."""
    return account_balance(book=account.book, code=broker_transit(account.server, account.login))


def transit_items(*, account: BrokerAccount) -> list[TransitItem]:
    """The open items of the account, oldest first; reads no more of the past than they reach."""
    return transit_open(transit_balance(account=account), _newest_first(account))


def _newest_first(account: BrokerAccount) -> Iterator[TransitItem]:
    code = broker_transit(account.server, account.login)
    lines = Line.objects.filter(account__book=account.book, account__code=code)
    standing = lines.filter(entry__reverses=None, entry__reversed_by=None)
    rows = standing.values("entry_id", "entry__event_at").annotate(moved=Sum("amount"))
    for row in rows.order_by("-entry_id").iterator(chunk_size=_CHUNK):
        yield TransitItem(row["entry_id"], row["moved"], row["entry__event_at"])
