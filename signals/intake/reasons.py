"""Every reason code that signals gives: to senders, on decisions, and in reviews. Pure.

Each code maps to a sentence that says what to do. The codes are stable; the sentences may improve.
"""

from __future__ import annotations

from typing import Final

from signals.fusion.gating.names import GATE_REASONS
from signals.intake.refusals import DIALECT_REASONS

# Why a delivery cannot be read. The status says whether the bytes (400, 408, 413) or the meaning
# (422) is wrong. TradingView resends none of them.
UNREADABLE: Final[dict[str, tuple[int, str]]] = {
    "too_large": (413, "Send at most 16 KiB."),
    "late_body": (408, "Send the whole body within 5 seconds, without a pause of 2 seconds."),
    "incomplete_body": (400, "Send the whole body and its length as Content-Length."),
    "empty_body": (400, "Put the alert message into the request body."),
    "not_utf8": (400, "Send UTF-8 text."),
    "not_json": (400, "Send one JSON object; check quotes, commas and braces."),
    "too_deep": (400, "Nest at most 8 levels."),
    "too_many_keys": (400, "Send at most 64 members."),
    "duplicate_key": (400, "Name each member once."),
    "string_too_long": (400, "Keep names, and what is acted on, within 256 characters."),
    "number_range": (400, "Keep integers within 18 digits and decimals within 14.30 digits."),
    "not_a_number": (400, "NaN and Infinity are not JSON; send null instead."),
    "forbidden_character": (400, "Remove control and text-direction characters."),
    "lone_surrogate": (400, "Repair the half of a surrogate pair."),
    "unknown_dialect": (
        422,
        "Send df.signal or another known format: name a symbol and an action.",
    ),
    "dialect_not_allowed": (422, "Send one of the dialects that the strategy is pinned to."),
    "wrong_schema": (422, "Send schema df.signal with v 1."),
    "wrong_env": (422, "env must be live, paper or test."),
    "unknown_field": (422, "Remove or correct the member; one like a stop is never ignored."),
    "missing_field": (422, "Add the member that this dialect and event need."),
    "wrong_type": (422, "Send the documented type; numbers with a decimal point as text."),
    "not_a_decimal": (422, "Send a plain number such as 1.0842: no NaN, na, commas or units."),
    "not_a_time": (422, "Send epoch time, or ISO 8601 with Z or an offset."),
    "not_positive": (422, "Prices, sizes and percentages must be above zero."),
    "unknown_kind": (422, "The message must be a trade, a test or a bar."),
    "unknown_event": (422, "Use an action of the dialect, such as buy, sell, close or cancel."),
    "unknown_side": (422, "Use buy or sell."),
    "side_required": (422, "Say buy or sell; an entry's side is never guessed."),
    "unknown_order_type": (422, "Use market, limit, stop or stop_limit."),
    "unknown_size_mode": (
        422,
        "Size in lots, units, money, money at risk, percent of equity or of risk.",
    ),
    "unknown_target_kind": (422, "A stop or target must be one of the documented kinds."),
    "unknown_symbol": (422, "Send the chart's ticker, such as EURUSD or BINANCE:BTCUSDT.P."),
    "ambiguous_symbol": (422, "Name one symbol and contract, such as EURUSD or ES1!; no spreads."),
    "no_symbol": (422, "Name the symbol; it is never guessed."),
    "symbol_too_long": (422, "Keep the symbol within 64 characters."),
    "limit_price_mismatch": (422, "Send limit_price exactly with limit and stop_limit orders."),
    "stop_price_mismatch": (422, "Send stop_price exactly with stop and stop_limit orders."),
    "bracket_wrong_side": (422, "A buy needs sl below and tp above its price; a sell the mirror."),
    "close_pct_required": (422, "Say how many percent of the position to close, or close it all."),
    "close_pct_range": (422, "close_pct must be above 0 and at most 100."),
    "close_pct_misplaced": (422, "close_pct belongs to a partial exit only."),
    "percent_range": (422, "A stop in percent must be below 100."),
    "remove_has_value": (422, "A removed stop or target takes no value."),
    "nothing_to_remove": (422, "An entry has no stop or target to remove."),
    "nothing_to_amend": (422, "Say what the amend changes."),
    "position_mismatch": (
        422,
        "Action and position contradict each other; send TradingView's own placeholders.",
    ),
    "ref_length": (422, "Keep ids within 160 characters."),
    "no_legs": (422, "A trade alert must ask for something."),
    "too_many_legs": (422, "Ask for at most 8 things in one alert."),
    "unexpected_legs": (422, "Only a trade alert may ask for trades."),
    "no_bar": (422, "A bar alert must tell open, high, low and close."),
    "unexpected_bar": (422, "Only a bar alert tells a bar's prices."),
    "plan_misplaced": (422, "A plan belongs to an entry only."),
    "plan_empty": (422, "Say something in the plan, or leave it out."),
    "plan_targets": (422, "Name at most five targets."),
    "plan_two_targets": (422, "Send tp or the plan's targets, not both."),
    "plan_shares": (422, "The shares of the targets must not come to more than 100 percent."),
    "plan_target_twice": (422, "Name each target once, with its whole share."),
    "plan_target_order": (422, "Name the targets in the order in which they are reached."),
    "plan_units": (422, "Count all targets in one unit, and so the parts of one rule."),
    "plan_without_stop": (422, "Send a stop; targets and a moving stop need one to begin with."),
    "plan_stop_beyond_target": (422, "Put the stop on the losing side and the targets beyond."),
    "plan_break_even": (422, "Let the offset of the break-even be below its trigger."),
    "plan_absurd": (422, "Keep times and steps of a plan within their documented limits."),
    "plan_entry_distance": (
        422,
        "A distance from the market goes with limit or stop orders, and stops as distances.",
    ),
    "bar_prices": (422, "The low must be a bar's lowest price and the high its highest."),
    **DIALECT_REASONS,
}

# Why a readable alert is not acted on: answered 200, because sending it again changes nothing.
DUPLICATE_RULES: Final[dict[str, str]] = {
    "same_bytes": "The same message was received before.",
    "same_id": "An alert with this id was received before.",
    "same_intent": "An alert asking for the same thing on the same bar was received before.",
}
REFUSAL_RULES: Final[dict[str, str]] = {
    "id_conflict": "This id came before with another meaning; the first one counts.",
    "stale": "The entry is too old to act on; check the clock and the alert's delay.",
    "from_future": "The entry claims to be sent in the future; check the sender's clock.",
    "expired": "The entry's expires_at has passed.",
    "strategy_inactive": "The strategy is switched off; entries are refused, exits pass.",
    "trade_closed_already": "The trade's exit or cancel came before its entry: not opened.",
    "rate_limited": "More entries in a minute than the strategy allows; exits pass.",
}

# What the sender can do about each of these rules.
RULE_ADVICE: Final[dict[str, str]] = {
    "same_bytes": "Nothing: the first counts. If two were meant, send {{timenow}} or an id.",
    "same_id": "Nothing, if it was sent again; else give each alert an id of its own.",
    "same_intent": "Let the alert fire once per bar close; send an id if both are meant.",
    "id_conflict": (
        "Make the id from what the alert asks for, or from its time; the admin shows both meanings"
        " under Alert conflicts."
    ),
    "stale": (
        "Look at the alert's delay; send {{timenow}}, not a time of the past; or raise the"
        " strategy's stale_seconds."
    ),
    "from_future": "Set the sender's clock; send times in UTC or with an offset.",
    "expired": "Send it sooner, or raise max_lag or expires_at.",
    "strategy_inactive": (
        "Ask for it to be switched on with `./manage.py switch` or at /ops/switches/; a second"
        " person confirms."
    ),
    "trade_closed_already": (
        "Nothing, if alerts overtook each other; else give each trade a name of its own."
    ),
    "rate_limited": "Let the alert fire less often, or raise entries_per_minute_max.",
}

# Why a decision is what it is.
DECISION_REASONS: Final[dict[str, str]] = {
    "lowers_risk": "Lowers risk, so it never waits.",
    "edge_above_margin": "The expected result clears cost and margin.",
    "gate_closed": "A limit that knows no direction allows no size now.",
    "edge_below_margin": "The expected result does not clear cost and margin.",
    "size_zero": "The edge is too small to risk one basis point.",
    "no_lobe_awake": "No lobe had an answer.",
    "set_not_win_alone": "The set of outcomes that may be wrong so often holds a loss as well.",
    "quorum_missed": "Fewer lobes had an opinion than the policy asks for.",
    "quorum_smaller": "Fewer lobes than the policy asks for: a quarter of the risk, for more edge.",
    "quorum_asks": "Fewer lobes had an opinion than the policy asks for, so a person decides.",
    "lobes_away": "Nobody could ask the lobes that call out; those of the database decided.",
    "strategy_inactive": "The strategy was switched off before the decision.",
    "review_pending": "The edge is there; the policy asks for a person.",
    "review_approved": "Approved by the people that the policy asks for.",
    "review_rejected": "Rejected by a reviewer.",
    "too_late": "Decided after its valid_until.",
    "review_too_late": "No review came in time.",
    "later_alert": "A later alert of the same trade closed or cancelled it first.",
    **GATE_REASONS,
}

# Why a person approves or rejects, by verdict; the table of reviews takes no others.
REVIEW_REASONS: Final[dict[str, dict[str, str]]] = {
    "approve": {
        "agree_with_fusion": "I agree with the evidence",
        "checked_chart": "Checked against the chart",
        "within_plan": "Fits the trading plan",
        "other": "Other, see the note",
    },
    "reject": {
        "price_moved": "Price moved too far",
        "news_ahead": "News or event risk ahead",
        "too_much_exposure": "Too much exposure already",
        "outside_plan": "Does not fit the trading plan",
        "doubt_data": "Data or evidence looks wrong",
        "other": "Other, see the note",
    },
}

TOO_MANY_MESSAGE: Final = "Too many requests without a valid secret; wait before the next one."
UNAUTHENTICATED_MESSAGE: Final = "Unknown strategy or wrong secret."


def message_of(code: str) -> str:
    """Return the sentence for any code a sender may see."""
    if code in UNREADABLE:
        return UNREADABLE[code][1]
    return DUPLICATE_RULES.get(code) or REFUSAL_RULES.get(code) or code


def review_words(code: str) -> str:
    """Return the words of a review's reason; the code itself where no list has it any more."""
    known = (reasons[code] for reasons in REVIEW_REASONS.values() if code in reasons)
    return next(known, code.replace("_", " "))


def status_of(code: str) -> int:
    """Return the HTTP status for an unreadable delivery."""
    return UNREADABLE.get(code, (422, ""))[0]
