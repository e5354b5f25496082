"""Legal moves of a request. `sql/requests.sql` holds the same table."""

from typing import Final

ASKED: Final = "asked"
CONFIRMED: Final = "confirmed"
DONE: Final = "done"
REFUSED: Final = "refused"
WITHDRAWN: Final = "withdrawn"
LAPSED: Final = "lapsed"

REQUEST_EDGES: Final[dict[str, frozenset[str]]] = {
    ASKED: frozenset({CONFIRMED, WITHDRAWN, LAPSED}),
    # Confirmed it can still be withdrawn, or lapse, while nobody has carried it out.
    CONFIRMED: frozenset({DONE, REFUSED, WITHDRAWN, LAPSED}),
    DONE: frozenset(),
    REFUSED: frozenset(),
    WITHDRAWN: frozenset(),
    LAPSED: frozenset(),
}
OPEN: Final = (ASKED, CONFIRMED)
