"""Number columns of execution: money with 18 places, prices and lots with 10."""

from typing import Any

from django.db import models


def money_field(**options: Any) -> models.DecimalField:
    """Amount in the account's currency."""
    return models.DecimalField(max_digits=38, decimal_places=18, **options)


def price_field(**options: Any) -> models.DecimalField:
    """Price of the symbol."""
    return models.DecimalField(max_digits=28, decimal_places=10, **options)


def lots_field(**options: Any) -> models.DecimalField:
    """Volume in the broker's lots."""
    return models.DecimalField(max_digits=28, decimal_places=10, **options)
