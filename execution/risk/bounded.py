"""The rules about limits: which figures each looks at, and what it says of a broken one. Pure."""

from dataclasses import dataclass
from typing import Final

from execution.risk.facts import EntryFacts
from execution.risk.limits import Breach, breach


@dataclass(frozen=True, slots=True)
class LimitRules:
    """Limits that are asked together, in this order: limit → reason."""

    reason_of: dict[str, str]

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.reason_of.values()))

    def judge(self, facts: EntryFacts) -> str | Breach:
        """Return the first broken one, '' for none."""
        for limit, reason in self.reason_of.items():
            for figure in facts.figures:
                if figure.bound.limit == limit and figure.is_broken:
                    return figure.breach(reason)
        return ""


# Counted while it is staged, under the account's lock.
COUNTS: Final = LimitRules(
    {
        "entries_per_minute_max": "entry_rate_limit",
        "rejects_per_minute_max": "reject_rate_limit",
        "open_positions_max": "open_positions_limit",
        "cool_off_seconds_min": "cooling_off",
        "same_order_seconds_min": "same_order_again",
    }
)
MONEY: Final = LimitRules(
    {
        "daily_loss_pct_max": "daily_loss_limit",
        "drawdown_pct_max": "drawdown_limit",
        "margin_level_pct_min": "margin_limit",
    }
)
EQUITY_AGE: Final = LimitRules(
    {
        "equity_age_seconds_max": "equity_too_old",
    }
)
TIMES: Final = LimitRules(
    {
        "session_from_minute_min": "outside_session",
        "session_until_minute_max": "outside_session",
        "weekend_minutes_min": "weekend_near",
    }
)
QUOTE_AGE: Final = LimitRules(
    {
        "quote_age_seconds_max": "quote_too_old",
    }
)
DRIFT: Final = LimitRules(
    {
        "price_drift_bps_max": "price_too_far",
    }
)
SPREAD: Final = LimitRules(
    {
        "spread_bps_max": "spread_too_wide",
    }
)


def limits_missing(facts: EntryFacts) -> str | Breach:
    """A live account without limits of its own is never taken for one without bounds."""
    if not facts.limits_missing:
        return ""
    names = ", ".join(facts.limits_missing)
    return breach("limits_missing", names, "not set", "each is required of a live account")


def doubted(facts: EntryFacts) -> str | Breach:
    """The first claim of the executor that nobody believes yet."""
    return facts.doubts[0] if facts.doubts else ""


def not_measured(facts: EntryFacts) -> str | Breach:
    """A live account's limit counts as broken where what it bounds is not known."""
    if facts.book != "live":
        return ""
    unknown = (one for one in facts.figures if one.value is None)
    return next((one.breach("limit_not_measured") for one in unknown), "")
