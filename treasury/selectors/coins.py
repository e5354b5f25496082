"""How many digits the coins of a currency have."""

from django.db.models import Min

from execution.models import BrokerAccount
from treasury.models import RevenueStream


def coin_digits(currency: str) -> int | None:
    """The fewest digits of any account or stream that is kept in it; None where none is.

    The SQL function `treasury_coin_digits` says the same.
    """
    accounts = BrokerAccount.objects.filter(currency=currency)
    streams = RevenueStream.objects.filter(currency_id=currency)
    told = (
        accounts.aggregate(least=Min("currency_digits"))["least"],
        streams.aggregate(least=Min("digits"))["least"],
    )
    return min((digits for digits in told if digits is not None), default=None)
