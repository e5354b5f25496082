"""Orders that the scripted server hands out, and what it was told of them."""

from dataclasses import dataclass, field
from typing import Any

from execution.wire import ExecutionReport, body_of
from execution.wire.answers import LeasedOrder
from execution.wire.fields import MomentText

ENDS = frozenset({"rejected", "never_sent", "cancelled", "expired", "done"})


@dataclass
class Handed:
    """One order: served until something of it is told, permitted until a case says otherwise."""

    id: int
    terms: dict[str, Any]
    fence: int = 1
    is_served: bool = True
    is_permitted: bool = True
    permit_fence: int | None = None
    reports: list[ExecutionReport] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
        """The kinds of what was told, each the first time that it came, in order."""
        return list(dict.fromkeys(one.kind for one in self.reports))

    @property
    def said(self) -> str:
        """All words that were told, between line ends."""
        return "\n".join(one.message for one in self.reports)

    @property
    def is_over(self) -> bool:
        return any(one.kind in ENDS and one.fence == self.fence for one in self.reports)

    def hand_out_again(self) -> None:
        """Under the next fence, as after a lease that nobody acknowledged."""
        self.fence += 1
        self.is_served = True

    def leased(self, lease_until: MomentText) -> dict[str, Any]:
        """The order as plain JSON; a case may bend any member."""
        plain = {
            "order_id": str(self.id),
            "fence": self.fence,
            "event": "entry",
            "broker_symbol": "EURUSD",
            "side": "buy",
            "order_type": "market",
            "volume_lots": "0.10",
            "limit_price": None,
            "stop_price": None,
            "sl": "1.09000",
            "tp": None,
            "position_ticket": "0",
            "trace_id": "a" * 32,
            "valid_until": None,
            "lease_until": lease_until,
            "needs_minor": 0,
            **self.terms,
        }
        return {name: value for name, value in plain.items() if value is not ABSENT}


class Absent:
    """Marks a member that an order does not have."""


ABSENT = Absent()


def reads(plain: dict[str, Any]) -> bool:
    """Whether the wire's struct takes the order: an honest server sends no other."""
    return isinstance(body_of(LeasedOrder, **plain), LeasedOrder)
