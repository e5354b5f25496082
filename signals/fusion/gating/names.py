"""The gates by name, and what each says of itself in words."""

from __future__ import annotations

from typing import Final

DRAWDOWN: Final = "drawdown"
EXPOSURE: Final = "exposure"
CORRELATION: Final = "correlation"
SESSION: Final = "session"
NEWS: Final = "news"
SPREAD: Final = "spread"
VOLATILITY: Final = "volatility"
DATA_QUALITY: Final = "data_quality"
ACCOUNT_HEALTH: Final = "account_health"

SHRINKS, CLOSED, ABSENT, STALE = "shrinks", "closed", "absent", "stale"

_WHAT: Final = {
    DRAWDOWN: "The worst account's drawdown",
    EXPOSURE: "The worst account's exposure",
    CORRELATION: "What is open and moves alike",
    SESSION: "The hour of the week",
    NEWS: "News of its currencies",
    SPREAD: "The spread",
    VOLATILITY: "The market's volatility",
    DATA_QUALITY: "The quality of its bars",
    ACCOUNT_HEALTH: "The health of its accounts",
}
_HOW: Final = {
    SHRINKS: "makes the entry smaller.",
    CLOSED: "lets no entry pass now.",
    ABSENT: "is not known; the policy's factor for that counts.",
    STALE: "was told too long ago; the policy's factor for that counts.",
}
# In the order in which they are judged and told.
GATES: Final = tuple(_WHAT)
GATE_REASONS: Final[dict[str, str]] = {
    f"{gate}_{code}": f"{what} {how}" for gate, what in _WHAT.items() for code, how in _HOW.items()
}
