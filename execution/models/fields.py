"""Number columns of execution: money with 18 places, prices and lots with 10."""

from __future__ import annotations

from typing import Any

from django.db import models


def money_field(**options: Any) -> models.DecimalField[Any, Any]:
    """Amount in the account's currency."""
    return models.DecimalField(max_digits=38, decimal_places=18, **options)


def price_field(**options: Any) -> models.DecimalField[Any, Any]:
    """Price of the symbol."""
    return models.DecimalField(max_digits=28, decimal_places=10, **options)


def lots_field(**options: Any) -> models.DecimalField[Any, Any]:
    """Volume in the broker's lots."""
    return models.DecimalField(max_digits=28, decimal_places=10, **options)
