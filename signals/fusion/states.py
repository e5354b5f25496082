"""Decision states and their legal edges. The database trigger holds the same table."""

from typing import Final

PROPOSED: Final = "proposed"
PENDING_REVIEW: Final = "pending_review"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
EXPIRED: Final = "expired"
SUPERSEDED: Final = "superseded"
ABSTAINED: Final = "abstained"

DECISION_EDGES: Final[dict[str, frozenset[str]]] = {
    PROPOSED: frozenset({PENDING_REVIEW, APPROVED, ABSTAINED, EXPIRED, SUPERSEDED}),
    PENDING_REVIEW: frozenset({APPROVED, REJECTED, EXPIRED, SUPERSEDED}),
    APPROVED: frozenset(),
    REJECTED: frozenset(),
    EXPIRED: frozenset(),
    SUPERSEDED: frozenset(),
    ABSTAINED: frozenset(),
}

UNDECIDED: Final = (PROPOSED, PENDING_REVIEW)
LIVE: Final = (PROPOSED, PENDING_REVIEW, APPROVED)
DECISION_STATES: Final = tuple(DECISION_EDGES)


def edge_is_legal(old: str, new: str) -> bool:
    """Return whether a decision may move from `old` to `new`."""
    return new in DECISION_EDGES.get(old, frozenset())
