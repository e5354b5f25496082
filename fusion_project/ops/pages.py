"""The staff pages that earlier places link to; registered when the app is ready."""

from django.urls import reverse

from fusion_project.admin import links


def pages_register() -> None:
    """Say where each of them is and which permissions it asks for."""
    links.page_register(links.LIFE_LINE, _life_line, "ops.view_life_line")
    links.page_register(links.DECISION, _decision, "signals.view_decision")
    links.page_register(
        links.DELIVERY_REPLAY, _replay, "signals.view_delivery", "execution.view_symbolmap"
    )
    links.page_register(links.STRATEGY_SECRETS, _secrets, "ops.manage_secret")
    links.page_register(links.SYMBOLS, _symbols, "execution.view_symbolmap")
    links.page_register(links.INCIDENT, _incident, "incidents.view_incident")


def _life_line(trace_id: str | int) -> str:
    return reverse("ops:trace", args=[trace_id])


def _decision(decision_id: str | int) -> str:
    return reverse("ops:decision", args=[decision_id])


def _replay(delivery_id: str | int) -> str:
    return f"{reverse('ops:alert_linter')}?delivery={delivery_id}"


def _secrets(slug: str | int) -> str:
    return reverse("ops:secret_list", args=[slug])


def _symbols(instrument: str | int) -> str:
    return reverse("ops:symbol_list")


def _incident(incident_id: str | int) -> str:
    return f"{reverse('ops:incident_list')}#incident-{incident_id}"
