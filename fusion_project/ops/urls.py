"""Addresses of the staff pages beside the admin."""

from django.urls import path, re_path

from fusion_project.ops.views import (
    decisions,
    distributions,
    formats,
    handlings,
    incidents,
    ledger,
    linter,
    lobes,
    reports,
    requests,
    secrets,
    switches,
    symbols,
    traces,
    twins,
)

app_name = "ops"
_TRACE = r"(?P<trace_id>[0-9a-f]{32})"

urlpatterns = [
    path("traces/", traces.trace_list, name="trace_list"),
    re_path(rf"^trace/{_TRACE}/$", traces.trace, name="trace"),
    re_path(rf"^trace/{_TRACE}\.json$", traces.trace_json, name="trace_json"),
    path("decisions/", decisions.decision_list, name="decision_list"),
    path("decisions/<int:decision_id>/", decisions.decision, name="decision"),
    re_path(
        r"^decisions/(?P<decision_id>[0-9]{1,18})/(?P<verdict>approve|reject)$",
        decisions.decision_verdict,
        name="decision_verdict",
    ),
    path("handlings/", handlings.handling_list, name="handling_list"),
    path(
        "handlings/<int:handling_id>/retry", handlings.handling_retrying, name="handling_retrying"
    ),
    path("incidents/", incidents.incident_list, name="incident_list"),
    path("incidents/<int:incident_id>/close", incidents.incident_closing, name="incident_closing"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/distribution", distributions.distribution, name="distribution"),
    path(
        "ledger/distribution/propose",
        distributions.distribution_proposing,
        name="distribution_proposing",
    ),
    path("report/", reports.report, name="report"),
    path("lobes/", lobes.lobes, name="lobes"),
    path("alert-linter/", linter.alert_linter, name="alert_linter"),
    path("alert-linter/settle", linter.member_settling, name="member_settling"),
    path("alert-formats/<slug:slug>/", formats.alert_formats, name="alert_formats"),
    path("alert-formats/<slug:slug>/teach", formats.format_teaching, name="format_teaching"),
    path("alert-formats/<slug:slug>/forget", formats.format_forgetting, name="format_forgetting"),
    path("symbols/", symbols.symbol_list, name="symbol_list"),
    path(
        "symbols/<int:symbol_map_id>/confirm", symbols.symbol_confirming, name="symbol_confirming"
    ),
    path("symbols/<int:symbol_map_id>/revoke", symbols.symbol_revoking, name="symbol_revoking"),
    path("requests/", requests.request_list, name="request_list"),
    path("requests/<int:request_id>/", requests.request_page, name="request"),
    path(
        "requests/<int:request_id>/confirm", requests.request_confirming, name="request_confirming"
    ),
    path(
        "requests/<int:request_id>/withdraw",
        requests.request_withdrawing,
        name="request_withdrawing",
    ),
    path("switches/", switches.switch_page, name="switch_list"),
    path("switches/turn", switches.switch_turning, name="switch_turning"),
    path("switches/flatten", switches.flattening, name="flattening"),
    path("switches/close", switches.position_closing, name="position_closing"),
    path("twins/", twins.twin_list, name="twin_list"),
    path("secrets/", secrets.strategy_list, name="secret_strategies"),
    path("secrets/<slug:slug>/", secrets.secret_list_page, name="secret_list"),
    path("secrets/<slug:slug>/issue", secrets.secret_issuing, name="secret_issuing"),
    path(
        "secrets/<slug:slug>/<int:secret_id>/rotate",
        secrets.secret_rotating,
        name="secret_rotating",
    ),
    path(
        "secrets/<slug:slug>/<int:secret_id>/revoke",
        secrets.secret_revoking,
        name="secret_revoking",
    ),
]
