"""Chart timeframes as TradingView writes them: `15` minutes, `5S`, `D`, `1W`, `3M`. Pure."""

from __future__ import annotations

import re
from typing import Final

_FORM: Final = re.compile(r"(?P<count>[1-9][0-9]{0,3})?(?P<unit>[SDWM]?)")
# A month is taken for thirty days: only the spacing of bars is asked of it.
_SECONDS: Final = {"S": 1, "": 60, "D": 86_400, "W": 604_800, "M": 2_592_000}
SECONDS_MAX: Final = 12 * _SECONDS["M"]


def timeframe_seconds(text: str) -> int | None:
    """Return how long a bar of the timeframe is, in seconds; None where the text names none."""
    found = _FORM.fullmatch(text.strip().upper())
    if found is None or not text.strip():
        return None
    seconds = int(found["count"] or 1) * _SECONDS[found["unit"]]
    return seconds if seconds <= SECONDS_MAX else None
