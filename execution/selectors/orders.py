"""Order lists for people and pages."""

from django.db.models import QuerySet

from execution.models import Order
from execution.rules import states


def order_list_out() -> QuerySet[Order]:
    """Return the orders that are not over yet, oldest first."""
    rows = Order.objects.exclude(state__in=states.ORDER_ENDS)
    return rows.select_related("account", "strategy").order_by("id")


def order_list_unknown() -> QuerySet[Order]:
    """Return the orders that wait for a look-up or a person."""
    return order_list_out().filter(state=states.UNKNOWN)
