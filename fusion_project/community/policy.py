"""What the public may see, and how late. Open orders and open positions never appear."""

from typing import Final

from fusion_project.events import names

# A page shows the records as they stood this long ago: followers' accounts may still be closing.
PUBLIC_DELAY_SECONDS: Final = 5
# Below this many closed trades a share of winners says nothing.
TRADES_MIN_FOR_SHARE: Final = 30
# A line has no more points than this, and the table beside it the same ones.
LINE_POINTS_MAX: Final = 120
# How long one reading of a whole book may take; its viewers share it.
READING_SECONDS_MAX: Final = 20
TRADES_SHOWN: Final = 10
# Of so many of the latest closed trades the speed of the flow is told.
TRADES_TIMED: Final = 100
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

SEALED_LOG_TITLES: Final = {"events": "Event log", "treasury": "Ledger"}

UNIT_TITLES: Final = {
    "DAI": "DAI (Dynamic AI, internal units; not the stablecoin)",
    "DA": "DA (Dynamic Algo, internal units)",
    "DCT": "DCT (Dynamic Capital Token) accrual",
}
UNIT_WORDS: Final = {
    "DAI": "Points for the quality of the decision behind each closed trade.",
    "DA": "Points for the quality of its execution: slippage and delay.",
    "DCT": "A signed share of each closed trade's net result, in account currency, by a versioned "
    "rule. It records what a later distribution may use; it is no payment and moves no DCT.",
}
