"""What the named fields of a message say about time. Pure."""

from __future__ import annotations

from signals.dialects import vocabulary as words
from signals.dialects.base import StrategyDefaults
from signals.dialects.defaults import default_timeframe
from signals.dialects.named_fields import NamedFields
from signals.dialects.values import Times, times


def read_times(fields: NamedFields, defaults: StrategyDefaults) -> Times:
    """Return the times of a message; its interval may be the strategy's."""
    return times(
        either=fields.first(words.TIME_EITHER),
        bar=fields.first(words.TIME_BAR),
        sent=fields.first(words.TIME_SENT),
        interval=fields.first(words.INTERVAL) or default_timeframe(defaults),
    )
