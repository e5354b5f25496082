"""What the admin pages of signals show of other rows: links, decisions, intents in words."""

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from fusion_project.admin.links import DECISION, page_address
from fusion_project.text.formats import UNDEFINED
from signals.intake.reasons import DECISION_REASONS
from signals.intents.intent import Intent
from signals.intents.invalid import IntentInvalid
from signals.intents.words import intent_words
from signals.models import Decision


def run_shown(text: str, is_hidden: bool) -> SafeString | str:
    """A run of a body: plain text as it is, what hides by its name."""
    return format_html('<span class="f-control">{}</span>', text) if is_hidden else text


def delivery_link(delivery_id: int) -> SafeString:
    """A link to the page of a delivery."""
    address = reverse("admin:signals_delivery_change", args=[delivery_id])
    return format_html('<a href="{}">{}</a>', address, delivery_id)


def decision_links(alert_id: int | None) -> SafeString | str:
    """What was decided about each leg and why, each with its page."""
    if alert_id is None:
        return UNDEFINED
    found = Decision.objects.filter(alert_id=alert_id).order_by("leg_no", "version")
    lines = format_html_join(
        "",
        '<div><a href="{}">{} {} {}</a>: {}. {}</div>',
        (
            (
                page_address(DECISION, one.pk),
                one.verb,
                one.side,
                one.instrument,
                one.state.replace("_", " "),
                DECISION_REASONS.get(one.reason, one.reason) or "Not judged yet.",
            )
            for one in found
        ),
    )
    return lines or UNDEFINED


def intent_shown(intent: str) -> SafeString | str:
    """A stored intent in words, one line a leg, and as it is stored."""
    try:
        words = intent_words(Intent.from_json(intent))
    except (IntentInvalid, ValueError):
        words = []
    lines = format_html_join("", "<div>{}</div>", ((one,) for one in words))
    return format_html(
        "{}<details><summary>As JSON (df.intent)</summary>"
        '<pre class="f-raw" tabindex="0">{}</pre></details>',
        lines,
        intent,
    )
