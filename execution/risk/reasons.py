"""Every reason why a decision becomes no order, with what a person can do about it.

`docs/alerts-reference.md` is made from it; `docs/examples/reasons.jsonl` has an example of each.
"""

from typing import Final

ADVICE: Final[dict[str, str]] = {
    # Entries, by the rules of `execution.risk.rules`.
    "all_stopped": "Find out at /ops/switches/ who stopped everything and why; two people allow.",
    "account_stopped": "Find the cause in the incident or at /ops/switches/; two people allow it.",
    "strategy_stopped": "Ask at /ops/switches/ for the strategy to be allowed again.",
    "instrument_stopped": "Ask at /ops/switches/ for the instrument to be allowed again.",
    "executor_silent": "Start the account's executor; it has said nothing for half a minute.",
    "made_for_paper": (
        "Set the script's Environment to live when the alert is meant to trade money."
    ),
    "provenance_too_low": (
        "Send it by a surer road, or lower the strategy's live_grade_min;"
        " see how sure we are of the sender."
    ),
    "stop_required": (
        "Send a stop, or declare one in the strategy's defaults; its policy may say that a stop"
        " is optional, and then the loss is not limited."
    ),
    "too_late": "Review sooner, or raise review_seconds or entry_seconds.",
    "trade_already_closed": "Nothing: the trade is over.",
    "entry_rate_limit": "Send fewer, or raise the account's limit.",
    "symbol_not_mapped": (
        "Let the executor report the broker's symbol, then confirm the map in /ops/symbols/; where"
        " its name differs, say so by symbol_map propose."
    ),
    "symbol_not_confirmed": "Compare the contract and confirm it in /ops/symbols/.",
    "no_contract_sheet": "Start the executor; it sends the sheet with hello.",
    "no_reference_price": (
        "Send the price, such as {{close}}; without one a stop in points or pips and a size in lots"
        " or units pass."
    ),
    "stop_kind_unknown": "Send a price, points, pips or percent.",
    "stop_below_zero": "Correct the distance or its unit.",
    "stop_on_wrong_side": (
        "Put the stop of a buy below its price and the target above; a sell the mirror."
    ),
    "stop_at_price": "Put the stop at least one tick away.",
    "risk_size_without_stop": "Send a stop, or a size in lots or units.",
    "equity_unknown": "Start the executor; it tells the equity with its heartbeat.",
    "size_mode_unknown": "Send lots, qty, notional, equity_pct or risk_pct.",
    "below_lot_min": "Ask for more, risk more, or put the stop nearer.",
    "exposure_limit": "Close something, or raise the account's limit.",
    "waits_for_flat": "Nothing: it goes out once the trade that it reverses is closed.",
    # What lowers risk: exits, cancels and amends.
    "amend_widens_stop": "A stop is only ever tightened; close the trade instead.",
    "no_open_position": "Nothing, if the trade is over; else check its trade_id.",
    "nothing_to_cancel": "Nothing: it was filled, cancelled or never placed.",
    "close_pct_missing": "Say how many percent to close.",
}
