"""Orders of which a person must say what became of them."""

from django.db.models import Q, QuerySet

from execution.models import Order
from execution.rules import states
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.models import Incident


def orders_unresolved() -> QuerySet[Order]:
    """Return what is unknown, and what is being cancelled and nobody can find, by number."""
    told = Incident.objects.filter(kind=kinds.ORDER_UNRESOLVED, closed_at=None)
    subjects = set(told.values_list("subject", flat=True))
    cancelled = Order.objects.filter(state=states.CANCEL_REQUESTED).values_list("id", flat=True)
    asked = [one for one in cancelled if subject_of(Order, one) in subjects]
    return Order.objects.filter(Q(state=states.UNKNOWN) | Q(id__in=asked)).order_by("id")
