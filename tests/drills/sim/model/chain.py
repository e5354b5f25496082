"""A bound token: what the chain holds, what the ledger holds, and the state that follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.drills.sim.model.books import Books

GREEN, LAGGING, UNKNOWN, DRIFT, FROZEN = "green", "lagging", "unknown", "drift", "frozen"
ISSUED, OURS = "Equity:Issued:DCT", "Liabilities:Holders:DCT:Treasury"
MARKET = "Liabilities:Holders:DCT:Market"
OPEN, MATCHED, POSTED, LAPSED = "open", "matched", "posted", "lapsed"
FRESH_SECONDS, DRIFTS_MAX = 300, 2
Pair = tuple[int, int]


@dataclass
class Intent:
    """What a person shall do; `done`: how much was moved, once that was seen."""

    number: int
    kind: str
    units: int
    other: str
    deadline: int
    state: str = OPEN
    done: int | None = None

    def change(self, units: int) -> Pair:
        """What it does to all units and to those of ours."""
        return {
            "burn": (-units, -units),
            "mint": (units, units),
            "payout": (0, -units),
            "buyback": (0, units),
        }[self.kind]


@dataclass
class Chain:
    """DCT of one book. `held`: supply and ours on the chain as it truly is."""

    book: str
    books: Books
    held: Pair
    state: str = UNKNOWN
    drifts: int = 0
    seen_at: int | None = None
    intents: dict[int, Intent] = field(default_factory=dict)

    @property
    def ledger(self) -> Pair:
        return self.books.balance(self.book, ISSUED), -self.books.balance(self.book, OURS)

    def is_ready(self, moment: int) -> bool:
        """Whether the book may be paid out: green, nothing open, and seen within five minutes."""
        is_fresh = self.seen_at is not None and moment - self.seen_at <= FRESH_SECONDS
        return self.state == GREEN and is_fresh and not self.pending()

    def pending(self) -> list[Intent]:
        return [one for one in self.intents.values() if one.state in (OPEN, MATCHED)]

    def bind(self, moment: int) -> None:
        """The first reading, which the ledger takes over."""
        supply, ours = self.held
        lines = {ISSUED: supply, OURS: -ours, MARKET: ours - supply}
        self.books.enter(self.book, "token.opening", lines)
        self.state, self.seen_at = GREEN, moment

    def fails(self, moment: int) -> None:
        """A source failed: nothing is known, and what was frozen stays so."""
        self.state = FROZEN if self.state == FROZEN else UNKNOWN
        self.seen_at = moment

    def looks(self, shown: Pair, done: Mapping[int, int], moment: int) -> None:
        """One reading: what the chain shows, and how much each intent that it shows done moved."""
        for one in self.pending():
            if one.state == OPEN and one.number in done:
                one.state, one.done = MATCHED, done[one.number]
            elif one.state == OPEN and one.deadline < moment:
                one.state = LAPSED
        self._judge(shown)
        matched = [one for one in self.pending() if one.state == MATCHED]
        if self.state == LAGGING and matched:
            for one in matched:
                self._book(one)
            self._judge(shown)
        self.seen_at = moment

    def _judge(self, shown: Pair) -> None:
        """Lagging: what is open explains the difference. Frozen: the second that nothing does."""
        if self.state == FROZEN:
            self.drifts += 1
            return
        may = {self.ledger}
        for one in self.pending():
            if one.done is not None:
                may = {_plus(pair, one.change(one.done)) for pair in may}
            elif one.kind != "buyback":
                may |= {_plus(pair, one.change(one.units)) for pair in may}
        if shown in may:
            self.state = LAGGING if self.pending() else GREEN
            self.drifts = 0
            return
        self.drifts += 1
        self.state = FROZEN if self.drifts >= DRIFTS_MAX else DRIFT

    def _book(self, one: Intent) -> None:
        assert one.done is not None
        units, others = one.done, {"burn": ISSUED, "mint": ISSUED, "buyback": MARKET}
        other = others.get(one.kind) or f"Liabilities:Holders:DCT:Holder-{one.other[2:].upper()}"
        gives = one.kind in ("burn", "payout")
        lines = {OURS: units, other: -units} if gives else {other: units, OURS: -units}
        self.books.enter(self.book, f"token.{one.kind}", lines)
        one.state = POSTED

    def released(self) -> None:
        self.state, self.drifts = UNKNOWN, 0


def _plus(one: Pair, other: Pair) -> Pair:
    return one[0] + other[0], one[1] + other[1]
