"""The made world: its accounts, its clock, its chance, and the model of what must follow."""

import datetime as dt
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection

from execution.models import BrokerAccount, Order
from tests.drills.sim.crash import Crashes
from tests.drills.sim.model.books import Books, Cut
from tests.drills.sim.model.chain import Chain, Intent, Pair
from tests.drills.sim.model.converting import Converting
from tests.drills.sim.model.deals import Account, Deals, Ticket, Told
from tests.drills.sim.model.paying import Paying, Source
from tests.drills.sim.model.tokens import Held, Tokens

if TYPE_CHECKING:
    from tests.drills.sim.late import Late
    from tokens.models import ChainBinding

BEGINS = dt.datetime(2027, 1, 4, tzinfo=dt.UTC)
RECENT, OLD = 2_000, 400
CRASH_SHARE = 0.06


class Differs(Exception):
    """What was found is not what the model says."""


@dataclass
class Desk:
    """A broker account as the world knows it: its row, its last heartbeat, its last deal."""

    row: BrokerAccount
    account: Account
    newest: tuple[int, int] = (0, 0)
    told_at: int | None = None
    is_wrong: bool = False
    is_blind: bool = False
    is_trading: bool = True
    is_fund: bool = False
    accrues: bool = True
    opened: set[int] = field(default_factory=set)


@dataclass(eq=False)
class Known:
    """A ticket that may be restated; `is_away`: a transaction that is still open has it."""

    desk: Desk
    number: int
    ticket: Ticket
    time_msc: int
    position_ticket: int = 0
    order_id: int | None = None
    price: str = "1.1"
    ids: list[int] = field(default_factory=list)
    is_away: bool = False


@dataclass(eq=False)
class Trade:
    """A position of one of our orders."""

    desk: Desk
    order: Order
    held: Held
    position_ticket: int
    opening: Known
    closing: list[Known]


@dataclass(eq=False)
class Act:
    """One intent carried out on the chain, by a person, at some second."""

    number: int
    intent: Intent
    units: int
    seconds: int
    is_undone: bool = False


Pending = tuple[Known, Told]


@dataclass
class World:
    """Everything that one run knows. `seconds`: of the clock, which we move."""

    seed: int
    chance: random.Random = field(init=False)
    crashes: Crashes = field(init=False)
    books: Books = field(default_factory=Books)
    deals: Deals = field(init=False)
    paying: Paying = field(init=False)
    tokens: Tokens = field(init=False)
    chain: Chain = field(init=False)
    converting: Converting = field(init=False)
    desks: dict[str, Desk] = field(default_factory=dict)
    streams: dict[int, Source] = field(default_factory=dict)
    people: tuple[str, str] = ("", "")
    bound: "ChainBinding" = field(init=False)
    history: list[tuple[Pair, int]] = field(default_factory=list)
    shown: int = 0
    acts: list[Act] = field(default_factory=list)
    acts_made: int = 0
    late: "Late | None" = None
    seconds: int = 0
    numbers: int = 0
    flush_at: int = 1
    pending: list[Pending] = field(default_factory=list)
    waiting: dict[int, Known] = field(default_factory=dict)
    on_hold: list[Known] = field(default_factory=list)
    recent: deque[Known] = field(default_factory=deque)
    old: list[Known] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    trades: deque[Trade] = field(default_factory=lambda: deque(maxlen=60))
    folded: dict[int, Trade] = field(default_factory=dict)
    sealed: Cut = field(init=False)
    did: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.crashes = Crashes(self.chance, CRASH_SHARE)
        self.deals, self.paying = Deals(self.books), Paying(self.books)
        self.tokens = Tokens(self.books)
        self.converting = Converting("paper", self.books)
        self.sealed = self.books.now()

    def number(self) -> int:
        """The next number of anything."""
        self.numbers += 1
        return self.numbers

    @property
    def now(self) -> dt.datetime:
        return BEGINS + dt.timedelta(seconds=self.seconds)

    def passes(self, seconds: int = 1) -> None:
        """Move the clock on."""
        self.seconds += seconds
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE test_only.test_clock SET frozen_at = %s, shift = '0'", [self.now]
            )

    def of_book(self, book: str) -> list[Desk]:
        return [one for one in self.desks.values() if one.account.book == book]

    def chosen(self, share: float) -> bool:
        return self.chance.random() < share

    def expect(self, what: str, wanted: object, found: object) -> None:
        """Raise Differs where the two are not the same."""
        if wanted != found:
            raise Differs(f"{what}: the model says {wanted}, found {found}")

    def remember(self, one: Known) -> None:
        """Keep it for a later restatement; of those long past a few."""
        self.recent.append(one)
        if len(self.recent) > RECENT:
            passed = self.recent.popleft()
            if len(self.old) < OLD:
                self.old.append(passed)
            elif self.chosen(0.05):
                self.old[self.chance.randrange(OLD)] = passed
