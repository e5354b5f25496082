"""Legal moves of an order. `sql/orders.sql` holds the same table. Pure."""

from decimal import Decimal

STAGED = "staged"
LEASED = "leased"
ACKNOWLEDGED = "acknowledged"
WORKING = "working"
PARTIALLY_FILLED = "partially_filled"
CANCEL_REQUESTED = "cancel_requested"
UNKNOWN = "unknown"
FILLED = "filled"
DONE = "done"
REJECTED = "rejected"
CANCELLED = "cancelled"
EXPIRED = "expired"

# What was told last about an order; facts that come later still win.
ORDER_ENDS = frozenset({FILLED, DONE, REJECTED, CANCELLED, EXPIRED})
_OUT_OF_THE_QUEUE = frozenset(
    {PARTIALLY_FILLED, CANCEL_REQUESTED, UNKNOWN, FILLED, DONE, CANCELLED, EXPIRED}
)

ORDER_EDGES: dict[str, frozenset[str]] = {
    # A deal for a staged order contradicts the executor's "never sent"; the deal is the truth.
    STAGED: frozenset({LEASED, CANCELLED, EXPIRED, PARTIALLY_FILLED, FILLED}),
    LEASED: _OUT_OF_THE_QUEUE | {STAGED, ACKNOWLEDGED, WORKING, REJECTED},
    ACKNOWLEDGED: _OUT_OF_THE_QUEUE | {STAGED, WORKING, REJECTED},
    WORKING: _OUT_OF_THE_QUEUE | {REJECTED},
    PARTIALLY_FILLED: _OUT_OF_THE_QUEUE - {PARTIALLY_FILLED},
    # No way back to staged: what somebody asked to cancel is never handed out again.
    CANCEL_REQUESTED: frozenset({FILLED, DONE, REJECTED, CANCELLED, EXPIRED}),
    UNKNOWN: _OUT_OF_THE_QUEUE - {UNKNOWN} | {STAGED, ACKNOWLEDGED, WORKING, REJECTED},
    # What is over moves by deals or their absence, and where the broker shows that it still rests.
    FILLED: frozenset(),
    DONE: frozenset({FILLED, UNKNOWN, CANCEL_REQUESTED}),
    REJECTED: frozenset({FILLED, DONE, CANCEL_REQUESTED}),
    CANCELLED: frozenset({FILLED, CANCEL_REQUESTED}),
    EXPIRED: frozenset({FILLED, CANCEL_REQUESTED}),
}

# Somewhere between our queue and the broker: it may still become a position.
ORDER_OUT = frozenset({LEASED, ACKNOWLEDGED, WORKING, PARTIALLY_FILLED, CANCEL_REQUESTED, UNKNOWN})


def sources_of(new: str, *, late: bool = False) -> frozenset[str]:
    """States from which an order may reach `new`; the filter of a conditional update.

    An order that is over is moved by what comes `late` alone.
    """
    found = frozenset(old for old, edges in ORDER_EDGES.items() if new in edges)
    return found if late else found - ORDER_ENDS


def state_by_fills(was: str, *, filled: Decimal, ordered: Decimal) -> str:
    """Return where deals take an order, so that any order of reports and deals ends alike.

    A part keeps an order that is over, being cancelled or unknown where it is: what is left of it
    is told by reports. One that was told as rejected, and was not, is done.
    """
    if filled <= 0:
        return was
    if filled >= ordered:
        return FILLED
    if was == REJECTED:
        return DONE
    return was if was in ORDER_ENDS | {CANCEL_REQUESTED, UNKNOWN} else PARTIALLY_FILLED


def state_by_report(told: str, *, filled: Decimal) -> str:
    """Return where a report takes an order of which so many lots are filled already."""
    if filled <= 0:
        return told
    if told == REJECTED:
        return DONE
    return PARTIALLY_FILLED if told in (ACKNOWLEDGED, WORKING) else told
