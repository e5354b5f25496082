"""Why a dialect refuses a message it knows: codes beyond those of `reasons`. Pure data.

The form is that of `reasons.UNREADABLE`: code to HTTP status and what the sender should change.
"""

from __future__ import annotations

from typing import Final

DIALECT_REASONS: Final[dict[str, tuple[int, str]]] = {
    "unresolved_placeholder": (
        422,
        "A {{placeholder}} was not filled in; use one that this kind of alert has.",
    ),
    "escaped_text": (422, "Put real line breaks between the fields, not the characters \\n."),
    "malformed_text": (422, "Write the fields in the documented order, each as key=value."),
    "several_commands": (422, "Ask for one thing in one message."),
    "unsupported_command": (422, "This command cannot be carried out here; see the list."),
    "unsupported_order": (422, "Send a market, limit, stop or stop-limit order on the symbol."),
    "unknown_member": (
        422,
        "Settle the member once for the strategy, on the delivery's page or with ./manage.py"
        " strategy_format; or take it out of the message.",
    ),
    "not_in_format": (
        422,
        "Send every member that the strategy's format needs; or teach another at"
        " /ops/alert-formats/.",
    ),
    "report": (422, "Nothing to do: it tells what has happened. Else send an action."),
    "unsupported_option": (422, "Remove the option; ignoring it would change the trade."),
    "several_targets": (422, "Send one target; take partial profits with partial exits."),
    "conflicting_sides": (422, "The message asks for two directions at once; send one."),
    "conflicting_sizes": (422, "The message names two different sizes; send one."),
    "conflicting_fields": (422, "The message says the same thing twice and differently."),
    "unit_unclear": (
        422,
        "Name the unit in the field, such as sl_pips or sl_price, or declare it on the strategy.",
    ),
    "relative_needs_price": (422, "Send the chart's price beside a distance in money."),
    "wrong_defaults": (
        422,
        "The strategy's defaults cannot be read; correct them with ./manage.py strategy_policy.",
    ),
}
