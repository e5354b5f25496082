"""Leaves a server alone that fails again and again, and looks whether it is back. Pure.

One for each process that asks; the time is told to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FAILURES_MAX: Final = 5
REST_SECONDS: Final = 60.0


@dataclass(slots=True)
class Breaker:
    """Open after so many failures in a row; one call a rest is let through until one succeeds."""

    failures: int = 0
    rests_until: float = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether a call may be made now; one that may, while it is open, is the look."""
        if self.failures < FAILURES_MAX:
            return True
        if now < self.rests_until:
            return False
        self.rests_until = now + REST_SECONDS
        return True

    def tell(self, *, is_fine: bool, now: float) -> None:
        """How a call ended."""
        if is_fine:
            self.failures = 0
            return
        self.failures += 1
        if self.failures == FAILURES_MAX:
            self.rests_until = now + REST_SECONDS
