"""How often an alert fires: TradingView silently stops one above 15 fires in 3 minutes. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=3)
WARN_AT: Final = 12
# An open warning closes well below, or an alert that fires every fifteen seconds would open and
# close one all day.
CALM_BELOW: Final = 10
FIRES_MAX: Final = 15
# Fires already on their way when TradingView stops the alert still arrive.
_ON_THE_WAY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class FireRate:
    """Fires of one alert in the last three minutes.

    `is_stopped`: the newest fires were more than TradingView allows, and none came since.
    """

    count: int
    is_stopped: bool

    @property
    def is_high(self) -> bool:
        """Whether there is something to warn of."""
        return self.count >= WARN_AT or self.is_stopped

    @property
    def is_calm(self) -> bool:
        """Whether an open warning is over."""
        return self.count < CALM_BELOW and not self.is_stopped


def fire_rate(times: Collection[datetime], now: datetime) -> FireRate:
    """Return the rate at `now`; `times` reach back three minutes before the first that matters."""
    fires = sorted(one for one in times if one <= now)
    count = sum(1 for one in fires if one > now - WINDOW)
    overrun = [
        fires[place]
        for place in range(FIRES_MAX, len(fires))
        if fires[place - FIRES_MAX] > fires[place] - WINDOW
    ]
    is_stopped = bool(overrun) and fires[-1] <= overrun[-1] + _ON_THE_WAY
    return FireRate(count, is_stopped)
