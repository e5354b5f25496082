"""What a judgement of one entry on one account knows. Pure; `selectors.entry_facts` gathers it."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from execution.risk.figures import Desk, Figure
from execution.risk.limits import Breach
from execution.rules.prices import PriceScale
from execution.rules.sizing import ContractSheet, Room
from execution.rules.terms import SymbolTerms
from signals.intents.legs import Leg


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """The account's map of the instrument; without `scale` and `sheet` nothing can be counted."""

    broker_symbol: str
    is_confirmed: bool
    scale: PriceScale | None
    sheet: ContractSheet | None
    terms: SymbolTerms = field(default_factory=SymbolTerms)


@dataclass(frozen=True, slots=True)
class Netting:
    """What an entry would share its one position with, on a netting account.

    `is_of_others`: another strategy, or somebody by hand, holds or orders some of it. `stop`: the
    tightest of ours on the entry's side, which the entry's own would replace. `is_closing`: all
    that is open is being closed. `is_shared`: anything is there; `plan_is_there`: with a plan.
    """

    is_of_others: bool = False
    stop: Decimal | None = None
    is_closing: bool = False
    is_shared: bool = False
    plan_is_there: bool = False


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """Everything that a rule may look at, as of `desk.at`.

    The entry's own order is in none of it: neither in the room that is left, nor among the entries
    of the last minute, nor among what a reversal waits for. So an order at its claim never counts
    against itself, and the same facts serve before there is one.
    """

    desk: Desk
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
    is_trade_closed: bool
    is_flat: bool
    # What bounds it beside its size: a figure for each limit, those that a live account lacks, and
    # what of the executor's claims nobody believes yet.
    figures: tuple[Figure, ...] = ()
    limits_missing: tuple[str, ...] = ()
    doubts: tuple[Breach, ...] = ()
    quote_is_needed: bool = False
    is_shown: bool = True
    # How the account follows the strategy: a mode of `SIZE_MODES` or '', and its number.
    account_size: tuple[str, Decimal] = ("", Decimal(0))
    netting: Netting = field(default_factory=Netting)

    @property
    def has_plan(self) -> bool:
        """Whether an executor has something to do once it is filled."""
        return self.leg.plan is not None and self.leg.plan.carried_out is not None

    @property
    def at(self) -> datetime:
        return self.desk.at
