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
    "size_mode_unknown": "Send lots, qty, notional, equity_pct, risk_pct or risk_money.",
    "below_lot_min": "Ask for more, risk more, or put the stop nearer.",
    "exposure_limit": "Close something, or raise the account's limit.",
    "order_notional_limit": "Ask for less, or raise the limit order_notional_max.",
    "leverage_limit": "Close something, or raise the limit leverage_max.",
    "open_risk_limit": "Close something or put stops nearer, or raise open_risk_pct_max.",
    "broker_volume_limit": "Close something: the broker limits the volume of this symbol.",
    "no_money": "Close something, or ask for less: the free margin does not pay for it.",
    # Limits; the refusal names limit, value and bound.
    "limits_missing": (
        "Set the account's limits with `risk_limits set`; a live account has none until then."
    ),
    "limit_not_measured": "Start the executor: what the limit bounds has not been told yet.",
    "reject_rate_limit": "Find out why the broker rejects; entries go on after a quiet minute.",
    "open_positions_limit": "Close something, or raise the limit open_positions_max.",
    "cooling_off": "Wait: it goes on after the pause that the limit asks for.",
    "same_order_again": "Nothing, if it was sent twice; else wait, or lower the limit.",
    "daily_loss_limit": "Nothing until the broker's next day; look at what lost.",
    "drawdown_limit": "Look at what lost; entries go on once equity is back, or it is raised.",
    "margin_limit": "Close something, or lower the limit margin_level_pct_min.",
    "equity_too_old": "Start the executor; it tells the equity with its heartbeat.",
    "outside_session": "Nothing: entries are taken within the session that the limits set.",
    "weekend_near": "Nothing: entries go on with the broker's Monday.",
    # The market's own price.
    "no_quote": "Start the executor, and let its market watch show the symbol.",
    "quote_too_old": "Look at the terminal: the market is closed, or its quotes stand still.",
    "price_too_far": "Compare the chart's feed and symbol with the broker's, or raise the limit.",
    "spread_too_wide": "Wait for a narrower spread, or raise the limit spread_bps_max.",
    # What the executor tells and nobody believes yet.
    "equity_in_doubt": "Compare it with the broker, then `executor_claims confirm`.",
    "sheet_in_doubt": "Compare the contract with the broker's, then `executor_claims confirm`.",
    "account_not_shown": "Nothing: what was approved did not order anything on this account.",
    # What the broker would refuse, by its own sheet.
    "trade_disabled": "Ask the broker; the symbol is not traded.",
    "only_long": "Nothing: the broker sells none of this symbol short.",
    "only_short": "Nothing: the broker takes no buys of this symbol.",
    "only_close": "Nothing: the broker takes no new positions in this symbol.",
    "order_type_refused": "Send another order type; the broker does not take this one.",
    "expiration_refused": "Send another `tif`; the broker does not take this one.",
    "filling_refused": "Send another `tif`; the broker does not fill in this way.",
    "market_closed": "Nothing: send it while the symbol is traded.",
    "stop_too_near": "Put stop and target further away than the broker's stops level.",
    "price_on_wrong_side": (
        "Put a limit on the better side of the market and a stop order on the worse one."
    ),
    "netting_in_use": (
        "On a netting account one strategy has an instrument: close what the other strategy, or"
        " somebody by hand, has there, or let this one follow another account."
    ),
    "netting_widens_stop": (
        "What is added to a netting position replaces its stop: send one that is as near or nearer."
    ),
    "plan_not_shared": (
        "On a netting account a trade with a plan has its position alone: close what is there"
        " first, such as by flatten_first, or trade it on a hedging account."
    ),
    "waits_for_exit": "Nothing: it goes out once the exit of the position has ended.",
    "waits_for_flat": "Nothing: it goes out once the trade that it reverses is closed.",
    # What lowers risk: exits, cancels and amends.
    "amend_widens_stop": "A stop is only ever tightened; close the trade instead.",
    "no_open_position": "Nothing, if the trade is over; else check its trade_id.",
    "no_resting_order": "Nothing, if it was filled; else check its trade_id or ref_id.",
    "order_lacks_that_price": "Amend the price that the order has: limit_price or stop_price.",
    "nothing_to_cancel": "Nothing: it was filled, cancelled or never placed.",
    "close_pct_missing": "Say how many percent to close.",
}
