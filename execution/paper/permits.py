"""Which entries may be sent at this moment, by a monotonic clock."""

import math
from collections.abc import Callable

from execution.wire.answers import Permit

SECONDS_MAX = 3


class Permits:
    """A permit counts from the sending of its poll; that of the next poll replaces it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = -math.inf
        self._listed: frozenset[tuple[int, int]] = frozenset()
        self.entries_allowed = True

    def renew(self, permit: Permit, *, asked_at: float, is_killed: bool) -> None:
        """Take over what a poll answered; no entry goes out while it says `kill`."""
        self.entries_allowed = permit.entries_allowed and not is_killed
        seconds = min(permit.seconds, SECONDS_MAX) if self.entries_allowed else 0
        self._until = asked_at + seconds
        self._listed = frozenset((one.order_id, one.fence) for one in permit.orders)

    def end(self) -> None:
        """There is none until the next poll."""
        self._listed = frozenset()

    def allow(self, order_id: int, fence: int) -> bool:
        """Whether this entry may be sent now, under this fence."""
        return (order_id, fence) in self._listed and self._monotonic() < self._until
