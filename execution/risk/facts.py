"""What a judgement of one entry on one account knows. Pure; `selectors.entry_facts` gathers it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from execution.rules.prices import PriceScale
from execution.rules.sizing import ContractSheet, Room
from signals.intents.legs import Leg


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """The account's map of the instrument; without `scale` and `sheet` nothing can be counted."""

    broker_symbol: str
    is_confirmed: bool
    scale: PriceScale | None
    sheet: ContractSheet | None


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """Everything that a rule may look at, as of `at`.

    The entry's own order is in none of it: neither in the room that is left, nor among the entries
    of the last minute, nor among what a reversal waits for. So an order at its claim never counts
    against itself, and the same facts serve before there is one.
    """

    at: datetime
    # Why a switch stops it, or ''; whether the account's executor has said nothing for too long.
    stopped_by: str
    executor_is_silent: bool
    valid_until: datetime | None
    # What the decision asks for; `grade` and `env` are '' where they are not known.
    instrument: str
    side: str
    leg: Leg
    ref_price: Decimal | None
    risk_bps: int
    size_factor: Decimal
    lots_default: Decimal
    stop_is_required: bool
    grade: str
    env: str
    waits_for_flat: bool
    # What stands beside it.
    book: str
    live_grade_min: str
    symbol: SymbolFacts | None
    room: Room
    entries_last_minute: int
    entries_per_minute_max: int
    is_trade_closed: bool
    is_flat: bool
