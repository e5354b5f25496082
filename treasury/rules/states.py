"""Legal edges of deals' postings, holds and conversions; triggers of their tables hold the same."""

from typing import Final

POSTED = "posted"
NOTHING = "nothing"
QUARANTINED = "quarantined"

PENDING: Final = "pending"
RELEASED: Final = "released"
LAPSED: Final = "lapsed"

WAITING: Final = "waiting"
DONE: Final = "done"
WITHDRAWN: Final = "withdrawn"

DEAL_POSTING_EDGES: dict[str, frozenset[str]] = {
    QUARANTINED: frozenset({POSTED, NOTHING}),
    POSTED: frozenset(),
    NOTHING: frozenset(),
}


# A hold ends once: its entry takes it, somebody lets it go, or its time is over.
HOLD_EDGES: Final[dict[str, frozenset[str]]] = {
    PENDING: frozenset({POSTED, RELEASED, LAPSED}),
    POSTED: frozenset(),
    RELEASED: frozenset(),
    LAPSED: frozenset(),
}

# A conversion waits for its price; people may call it off until then.
CONVERSION_EDGES: Final[dict[str, frozenset[str]]] = {
    WAITING: frozenset({DONE, WITHDRAWN}),
    DONE: frozenset(),
    WITHDRAWN: frozenset(),
}


def edge_is_legal(before: str, after: str) -> bool:
    """Whether a posting may go from one state to the other."""
    return after in DEAL_POSTING_EDGES[before]
