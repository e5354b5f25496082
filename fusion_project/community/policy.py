"""What the public may see, and how late. Open orders and open positions never appear."""

from typing import Final

from fusion_project.events import names

# A finished fact is public this long after it happened: followers' accounts may still be closing.
PUBLIC_DELAY_SECONDS: Final = 5
# Below this many closed trades a share of winners says nothing.
TRADES_MIN_FOR_SHARE: Final = 30
LINE_POINTS_MAX: Final = 500
TRADES_SHOWN: Final = 10
EVENTS_SHOWN: Final = 10
# Sentences exist for these facts, and for token entries; whatever is not listed is not public.
PUBLIC_EVENTS: Final = (
    names.POSITION_CLOSED,
    names.DECISION_ABSTAINED,
    names.DECISION_REJECTED,
    names.DECISION_EXPIRED,
)

BOOKS: Final = ("paper", "live")
BADGE_WORDS: Final = {"paper": "PAPER", "live": "LIVE"}
BADGE_MEANINGS: Final = {
    "paper": "orders are filled by a simulated broker; no money is at stake.",
    "live": "orders are filled by a real broker.",
}

UNIT_TITLES: Final = {
    "DAI": "DAI (Dynamic AI, internal units; not the stablecoin)",
    "DA": "DA (Dynamic Algo, internal units)",
    "DCT": "DCT (Dynamic Capital Token) accrual",
}
