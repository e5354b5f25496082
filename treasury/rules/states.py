"""Legal edges of a deal's posting state; the trigger `treasury_dealposting_edge` holds the same."""

POSTED = "posted"
NOTHING = "nothing"
QUARANTINED = "quarantined"

DEAL_POSTING_EDGES: dict[str, frozenset[str]] = {
    QUARANTINED: frozenset({POSTED, NOTHING}),
    POSTED: frozenset(),
    NOTHING: frozenset(),
}


def edge_is_legal(before: str, after: str) -> bool:
    """Whether a posting may go from one state to the other."""
    return after in DEAL_POSTING_EDGES[before]
