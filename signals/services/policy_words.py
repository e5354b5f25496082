"""What the tables ask of a strategy and its policy, in words for who set it."""

from typing import Final

POLICY_RULES: Final[dict[str, str]] = {
    "signals_strategy_slug": "Another strategy has this slug already.",
    "signals_strategy_version_positive": "A version starts at 1.",
    "signals_policy_version_once": "Somebody changed it at the same time; look, then repeat.",
    "signals_policy_version_positive": "A version starts at 1.",
    "signals_policy_approval_known": "approval is automatic, one or two.",
    "signals_policy_prior_between_0_and_1": "prior_p is a chance: above 0 and below 1.",
    "signals_policy_numbers_positive": (
        "prior_strength and payoff_r must be above 0, cost_r at least 0."
    ),
    "signals_policy_risk_1_to_1000_bps": "risk_bps is from 1 to 1000 basis points (0.01 to 10 %).",
    "signals_policy_times_positive": (
        "review_seconds, entry_seconds and stale_seconds must be at least 1."
    ),
    "signals_policy_live_grade_known": "live_grade_min is A, B, C or D.",
    "signals_policy_stop_known": "stop is required or optional.",
    "signals_policy_entries_1_to_10000": "entries_per_minute_max is from 1 to 10000.",
    "signals_policy_outage_known": "outage is abstain, smaller or ask.",
    "signals_policy_learning_in_range": (
        "quorum is at least 1, horizon_seconds from 60 to 7776000, lobe_share_max above 0 and at"
        " most 1, miss_max at least 0 and below 1."
    ),
    "signals_policy_gates": "A gate is unknown, or what is not known of it would count as good.",
    "signals_policy_formats": "A format has a name of its own and at least one example.",
    "signals_policy_members": "A member is harmless, a credential or means another, and says why.",
    "signals_policy_actor_form": "It must be known who sets it.",
}
