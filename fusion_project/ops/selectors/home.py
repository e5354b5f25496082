"""The numbers of the staff home page that say “fine” or “look here”, each with its list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse

from execution.models import BrokerAccount, Order
from execution.rules.switches import account_target
from execution.selectors.switches import switch_states
from fusion_project.events.life import SILENCE_SECONDS_MAX, drain_seen_at
from fusion_project.events.selectors import handling_counts
from fusion_project.incidents.models import Incident
from fusion_project.text.formats import clock_text, seconds_between, span, time_to, whole
from signals.models import Alert, Decision
from signals.selectors.deliveries import refusals_since
from treasury.selectors.balances import ledger_is_balanced


@dataclass(frozen=True, slots=True)
class Figure:
    """One tile: `tone` is fine, warn, bad or quiet; an empty `href` means no list to open."""

    label: str
    value: str
    note: str
    tone: str
    href: str


def home_figures(*, at: datetime, allowed: Callable[[str], bool]) -> list[Figure]:
    """Figures in order of urgency; those whose list the user may not read are left out."""
    sources: list[tuple[str, Callable[[datetime], Figure]]] = [
        ("signals.view_decision", _pending_reviews),
        ("incidents.view_incident", _open_incidents),
        ("execution.view_brokeraccount", _executor),
        ("execution.view_order", _unknown_orders),
        ("events.view_handling", _handlings),
        ("events.view_handling", _drain),
        ("signals.view_alert", _last_alert),
        ("signals.view_delivery", _refusals),
        ("ops.view_ledger", _ledger),
    ]
    return [make(at) for permission, make in sources if allowed(permission)]


def _pending_reviews(at: datetime) -> Figure:
    pending = Decision.objects.filter(state="pending_review").aggregate(
        count=Count("id"), nearest=Min("valid_until")
    )
    href = reverse("ops:decision_list")
    if not pending["count"]:
        return Figure("Reviews waiting", "0", "nothing to decide", "fine", href)
    left = time_to(seconds_between(at, pending["nearest"]))
    verb = "expires" if pending["nearest"] > at else "expired"
    return Figure(
        "Reviews waiting", whole(pending["count"]), f"nearest {verb} {left}", "warn", href
    )


def _open_incidents(at: datetime) -> Figure:
    latest = Incident.objects.filter(closed_at=None).order_by("-opened_at").first()
    href = reverse("ops:incident_list")
    if latest is None:
        return Figure("Open incidents", "0", "none", "fine", href)
    count = Incident.objects.filter(closed_at=None).count()
    return Figure("Open incidents", whole(count), f"latest: {latest.kind}", "bad", href)


def _executor(at: datetime) -> Figure:
    href = reverse("admin:execution_brokeraccount_changelist")
    accounts = list(BrokerAccount.objects.order_by("name"))
    if not accounts:
        return Figure("Executor heartbeat", "—", "no broker account yet", "quiet", href)
    seen = [(one.last_seen_at, one.name) for one in accounts if one.last_seen_at is not None]
    silent = [one.name for one in accounts if one.last_seen_at is None]
    if silent:
        return Figure("Executor heartbeat", "—", f"never seen: {_few(silent)}", "warn", href)
    oldest_at, oldest = min(seen)
    age = seconds_between(oldest_at, at)
    stopped = switch_states([account_target(one.pk) for one in accounts])
    halted = [one.name for one in accounts if account_target(one.pk) in stopped]
    tone = "bad" if halted or age > SILENCE_SECONDS_MAX else "fine"
    note = f"stopped: {_few(halted)}" if halted else oldest
    return Figure("Executor heartbeat", f"{span(age)} ago", note, tone, href)


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more


def _unknown_orders(at: datetime) -> Figure:
    href = f"{reverse('admin:execution_order_changelist')}?state__exact=unknown"
    count = Order.objects.filter(state="unknown").count()
    if not count:
        return Figure("Orders unknown", "0", "every order's fate is known", "fine", href)
    return Figure("Orders unknown", whole(count), "look them up at the broker", "bad", href)


def _handlings(at: datetime) -> Figure:
    href = reverse("ops:handling_list")
    counts = handling_counts()
    if counts.parked:
        note = f"{counts.parked} parked after failing each time"
        return Figure("Handlings undone", whole(counts.undone + counts.parked), note, "bad", href)
    if counts.overdue:
        note = f"{counts.overdue} overdue by more than 10 s"
        return Figure("Handlings undone", whole(counts.undone), note, "warn", href)
    return Figure(
        "Handlings undone", whole(counts.undone), "none overdue, none parked", "fine", href
    )


def _drain(at: datetime) -> Figure:
    href = reverse("admin:events_lifesign_changelist")
    seen_at = drain_seen_at()
    if seen_at is None:
        return Figure("Drain", "—", "not seen yet; start ./manage.py drain", "bad", href)
    age = seconds_between(seen_at, at)
    tone = "fine" if age <= SILENCE_SECONDS_MAX else "bad"
    return Figure("Drain", f"{span(age)} ago", "last at work", tone, href)


def _last_alert(at: datetime) -> Figure:
    href = reverse("admin:signals_alert_changelist")
    latest = Alert.objects.order_by("-id").values("received_at").first()
    if latest is None:
        return Figure("Last alert", "—", "none yet; the first comes by webhook", "quiet", href)
    received_at = latest["received_at"]
    age = span(seconds_between(received_at, at))
    return Figure("Last alert", f"{age} ago", f"at {clock_text(received_at)} UTC", "quiet", href)


def _refusals(at: datetime) -> Figure:
    since = at - timedelta(days=1)
    query = urlencode(
        {"verdict": "not_acted_on", "received_at__gte": f"{since:%Y-%m-%d %H:%M:%S}+00:00"}
    )
    href = f"{reverse('admin:signals_delivery_changelist')}?{query}"
    found = refusals_since(since)
    apart = f"; {found.on_purpose} more on purpose, by drills" if found.on_purpose else ""
    if not found.count:
        note = f"no alert refused or unreadable{apart}"
        return Figure("Refused in a day", "0", note, "fine", href)
    note = f"most often {found.most_frequent}{apart}"
    return Figure("Refused in a day", whole(found.count), note, "warn", href)


def _ledger(at: datetime) -> Figure:
    href = reverse("ops:ledger")
    if ledger_is_balanced():
        return Figure("Ledger", "balanced", "sums to zero in every currency", "fine", href)
    return Figure("Ledger", "NOT balanced", "stop and run ./manage.py ledger_check", "bad", href)
