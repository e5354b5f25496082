"""Legal moves of an order. `sql/orders.sql` holds the same table."""

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

ORDER_EDGES: dict[str, frozenset[str]] = {
    # A deal for a staged order contradicts the executor's "never sent"; the deal is the truth.
    STAGED: frozenset({LEASED, CANCELLED, EXPIRED, PARTIALLY_FILLED, FILLED}),
    LEASED: frozenset(
        {
            STAGED,
            ACKNOWLEDGED,
            WORKING,
            PARTIALLY_FILLED,
            CANCEL_REQUESTED,
            UNKNOWN,
            FILLED,
            DONE,
            REJECTED,
            CANCELLED,
        }
    ),
    ACKNOWLEDGED: frozenset(
        {
            STAGED,
            WORKING,
            PARTIALLY_FILLED,
            CANCEL_REQUESTED,
            UNKNOWN,
            FILLED,
            DONE,
            REJECTED,
            CANCELLED,
        }
    ),
    WORKING: frozenset(
        {
            PARTIALLY_FILLED,
            CANCEL_REQUESTED,
            UNKNOWN,
            FILLED,
            DONE,
            REJECTED,
            CANCELLED,
            EXPIRED,
        }
    ),
    PARTIALLY_FILLED: frozenset({CANCEL_REQUESTED, UNKNOWN, FILLED, DONE, CANCELLED}),
    # No way back to staged: what somebody asked to cancel is never handed out again.
    CANCEL_REQUESTED: frozenset({FILLED, DONE, REJECTED, CANCELLED, EXPIRED}),
    UNKNOWN: frozenset(
        {
            STAGED,
            ACKNOWLEDGED,
            WORKING,
            PARTIALLY_FILLED,
            CANCEL_REQUESTED,
            FILLED,
            DONE,
            REJECTED,
            CANCELLED,
        }
    ),
    FILLED: frozenset(),
    DONE: frozenset(),
    REJECTED: frozenset(),
    CANCELLED: frozenset(),
    EXPIRED: frozenset(),
}

ORDER_ENDS = frozenset(state for state, edges in ORDER_EDGES.items() if not edges)
# Somewhere between our queue and the broker: it may still become a position.
ORDER_OUT = frozenset({LEASED, ACKNOWLEDGED, WORKING, PARTIALLY_FILLED, CANCEL_REQUESTED, UNKNOWN})


def sources_of(new: str) -> frozenset[str]:
    """States from which an order may reach `new`; the filter of a conditional update."""
    return frozenset(old for old, edges in ORDER_EDGES.items() if new in edges)
