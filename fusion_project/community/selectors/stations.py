"""How many finished facts have reached each station of the flow; what is open tells nothing."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from execution.models import Deal, Order, Position, Subscription
from execution.selectors.positions import traces_of_position
from fusion_project.community.moment import AsOf
from fusion_project.community.selectors.closed import closed_positions
from fusion_project.text.formats import whole
from signals.fusion.states import APPROVED, UNDECIDED
from signals.models import Alert, Decision
from treasury.models import Entry
from treasury.selectors.cash import CashBook


@dataclass(frozen=True, slots=True)
class Station:
    """One station of the flow with how many facts have reached it."""

    name: str
    count: int
    note: str


def stations(*, book: str, cash: CashBook, as_of: AsOf) -> list[Station]:
    """From the alert to the token posting. A trade's facts count once it is closed."""
    subscribed = Subscription.objects.filter(account__book=book, created_at__lte=as_of.at)
    strategies = subscribed.values("strategy_id")
    still_open = _traces_open(book=book, cash=cash, as_of=as_of)
    alerts = Alert.objects.filter(
        strategy__in=strategies, received_at__lte=as_of.at, kind="trade"
    ).exclude(trace_id__in=still_open)
    decisions = Decision.objects.filter(strategy__in=strategies, created_at__lte=as_of.at)
    decided = decisions.exclude(trace_id__in=still_open).aggregate(
        count=Count("id"),
        approved=Count("id", filter=Q(state=APPROVED, decided_at__lte=as_of.at)),
    )
    staged = Order.objects.filter(account__book=book, staged_at__lte=as_of.at)
    refused = Q(state="rejected", ended_at__lte=as_of.at)
    orders = staged.exclude(trace_id__in=still_open).aggregate(
        count=Count("id", filter=~refused), refused=Count("id", filter=refused)
    )
    posted = Entry.objects.filter(book=book, recorded_at__lte=as_of.at)
    entries = posted.exclude(trace_id__in=still_open).aggregate(
        count=Count("id"), tokens=Count("id", filter=Q(kind__startswith="token."))
    )
    deals = Deal.objects.filter(
        account__book=book, kind__in=("buy", "sell"), revision=1, recorded_at__lte=as_of.at
    ).exclude(trace_id__in=still_open)
    return [
        Station("Alerts", alerts.count(), "new and readable"),
        Station("Decisions", decided["count"], f"{whole(decided['approved'])} approved"),
        Station("Orders", orders["count"], f"{whole(orders['refused'])} more refused"),
        Station("Deals", deals.count(), "reported by the broker"),
        Station("Trades", sum(one.whole.trades for one in cash.lines), "positions closed"),
        Station("Ledger entries", entries["count"], f"{whole(entries['tokens'])} to tokens"),
    ]


def _traces_open(*, book: str, cash: CashBook, as_of: AsOf) -> list[str]:
    """Traces on which something was open at that moment: a position, an order, an undecided entry.

    An approved entry that has no order yet counts as open for as long as it may get one.
    """
    positions = Position.objects.filter(account__book=book).filter(
        Q(closed_at=None) | Q(id__in=cash.positions_later)
    )
    later = closed_positions(ids=cash.positions_later, as_of=as_of)
    known = {one.pk for one in later if one.order_id is not None}
    held = {trace for key, trace in positions.values_list("id", "trace_id") if key not in known}
    for shared in positions.filter(account__margin_mode="netting"):
        if shared.pk not in known:
            held |= traces_of_position(position=shared, recorded_until=as_of.at)
    staged = Order.objects.filter(account__book=book, staged_at__lte=as_of.at)
    out = staged.filter(Q(ended_at=None) | Q(ended_at__gt=as_of.at))
    entries = Decision.objects.filter(verb="entry", created_at__lte=as_of.at)
    ordered = Exists(staged.filter(decision=OuterRef("pk")))
    undecided = Q(state__in=UNDECIDED) | Q(decided_at__gt=as_of.at)
    waiting = entries.filter(valid_until__gt=as_of.at).filter(undecided | Q(state=APPROVED))
    late = entries.filter(undecided)
    return sorted(
        held
        | set(out.values_list("trace_id", flat=True))
        | set(late.values_list("trace_id", flat=True))
        | set(waiting.exclude(ordered).values_list("trace_id", flat=True))
    )
