"""Who is paid what: policies and their windows, distributions, and units of investors."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.drills.sim.model.books import Books, Cut, Lines, shared
from tests.drills.sim.model.deals import CASH, Account, Payout

CENT = 10**6
PRICE = 10**12
POLICIES: dict[str, dict[str, int]] = {
    "house": {"burn": 2_000, "reward": 3_000, "retained": 5_000},
    "investor": {"payout": 6_400, "reinvest": 1_600, "fee": 2_000},
    "subscription": {"operations": 4_800, "invest": 3_200, "burn": 2_000},
}
KEPT = {"house": ("retained",), "investor": ("reinvest",), "subscription": ()}
INVESTOR = "investor"


@dataclass
class Window:
    """A time under a policy: what had been earned, and how many entries there were, at its ends."""

    policy: str
    since: tuple[int, int] | None = None
    until: tuple[int, int] | None = None


@dataclass
class Source:
    """An account, or a stream of revenue, whose results somebody gets.

    `name`: of one that may be brought under another policy; `reference`: its last payment.
    """

    book: str
    currency: str
    roots: Sequence[str]
    account: Account | None = None
    name: str = ""
    reference: int = 0
    windows: list[Window] = field(default_factory=lambda: [Window("house")])

    @property
    def policy(self) -> str:
        return self.windows[-1].policy

    def earned(self, cut: Cut) -> int:
        return -sum(cut.under(self.book, root) for root in self.roots)

    def earned_under(self, policy: str, cut: Cut) -> int:
        """What was recorded while the policy held, of entries up to the cut."""
        total = 0
        for one in self.windows:
            if one.policy == policy:
                total += self._until(one.until, cut) - (
                    self._until(one.since, cut) if one.since else 0
                )
        return total

    def _until(self, end: tuple[int, int] | None, cut: Cut) -> int:
        return end[0] if end is not None and end[1] <= cut.index else self.earned(cut)

    def bind(self, policy: str, books: Books) -> None:
        now = books.now()
        moment = (self.earned(now), now.index)
        self.windows[-1].until = moment
        self.windows.append(Window(policy, since=moment))


@dataclass
class Series:
    """Units that one holder took at one time, and the price above which they have earned."""

    number: int
    mark: int


@dataclass
class Fund:
    """An account of investors."""

    account: Account
    series: list[Series] = field(default_factory=list)
    moved: int = 0

    @property
    def place(self) -> str:
        return f"Investor:{self.account.part}"

    @property
    def issued(self) -> str:
        return f"Equity:Units:{self.account.part}"

    @property
    def transit(self) -> str:
        return f"Assets:Transit:{self.account.part}"

    @property
    def fees(self) -> str:
        return f"Liabilities:Pool:{self.place}:Fee:{self.account.currency}"

    @property
    def capital(self) -> str:
        return f"Equity:Capital:{self.place}:{self.account.currency}"

    def held(self, number: int) -> str:
        return f"Liabilities:Units:{self.account.part}:S{number}"

    def payable(self, number: int) -> str:
        return f"Liabilities:Pool:{self.place}:Payout:S{number}:{self.account.currency}"

    def worth(self, cut: Cut, floating: int) -> int:
        """Net asset value: cash and what is open, less deposits without units and what is owed."""
        book = self.account.book
        owed = cut.under(book, f"Liabilities:Pool:{self.place}")
        cash, transit = (cut.under(book, one) for one in (self.account.code(CASH), self.transit))
        return cash + transit + owed + floating

    def units(self, cut: Cut) -> dict[int, int]:
        book = self.account.book
        found = {one.number: -cut.under(book, self.held(one.number)) for one in self.series}
        return {number: units for number, units in found.items() if units > 0}


@dataclass
class Pay:
    """One distribution as it would be made: its lines and the marks that follow."""

    lines: Lines
    marks: dict[tuple[int, int], int]
    places: dict[int, tuple[str, str]]


class Paying:
    """Everybody who earns, and what is paid to whom."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.sources: list[Source] = []
        self.funds: dict[int, Fund] = {}

    def distribution(
        self, book: str, policy: str, cut: Cut, losses: Mapping[int, int]
    ) -> Pay | None:
        """What would be paid now; None where that is nothing."""
        of_policy = [
            one
            for one in self.sources
            if one.book == book and any(window.policy == policy for window in one.windows)
        ]
        lines: Counter[str] = Counter()
        marks: dict[tuple[int, int], int] = {}
        if policy == INVESTOR:
            for one in of_policy:
                if one.account is not None and one.policy == policy:
                    self._units(self.funds[one.account.number], cut, losses, lines, marks)
        else:
            for currency in sorted({one.currency for one in of_policy}):
                own = [one for one in of_policy if one.currency == currency]
                self._results(policy, book, currency, own, cut, losses, lines)
        told = {code: amount for code, amount in lines.items() if amount}
        places = {
            one.account.number: (
                f"Investor:{one.account.part}" if policy == INVESTOR else policy.capitalize(),
                one.currency,
            )
            for one in of_policy
            if one.account is not None
        }
        return Pay(told, marks, places) if told else None

    def _results(
        self,
        policy: str,
        book: str,
        currency: str,
        sources: Sequence[Source],
        cut: Cut,
        losses: Mapping[int, int],
        lines: Counter[str],
    ) -> None:
        place = f"{policy.capitalize()}:{currency}"
        paid, short, dust = (
            f"Equity:{name}:{place}" for name in ("Distributed", "Shortfall", "Dust")
        )
        open_loss = sum(
            losses.get(one.account.number, 0)
            for one in sources
            if one.account is not None and one.policy == policy
        )
        shortfall, kept = self.books.balance(book, short), -self.books.balance(book, dust)
        left = sum(one.earned_under(policy, cut) for one in sources)
        left += kept + open_loss - self.books.balance(book, paid) - shortfall
        whole = left // CENT if left > 0 else 0
        if whole == 0:
            return
        _move(lines, paid, short, shortfall)
        shares = POLICIES[policy]
        for share, cents in shared(whole, shares, sorted(shares)).items():
            root = "Equity:Retained" if share in KEPT[policy] else "Liabilities:Pool"
            name = f"{root}:{policy.capitalize()}:{share.capitalize()}:{currency}"
            _move(lines, paid, name, cents * CENT)
        _move(lines, paid, dust, left - whole * CENT - kept)

    def _units(
        self,
        fund: Fund,
        cut: Cut,
        losses: Mapping[int, int],
        lines: Counter[str],
        marks: dict[tuple[int, int], int],
    ) -> None:
        number, currency = fund.account.number, fund.account.currency
        units, worth = fund.units(cut), fund.worth(cut, losses.get(number, 0))
        price = worth * PRICE // sum(units.values()) if units and worth > 0 else 0
        paid = f"Equity:Distributed:{fund.place}:{currency}"
        has_lines = False
        for one in fund.series:
            gain = gain_of(units.get(one.number, 0), price, one.mark)
            if gain == 0:
                continue
            parts = shared(gain // CENT, POLICIES[INVESTOR], sorted(POLICIES[INVESTOR]))
            kept = f"Equity:Retained:{fund.place}:Reinvest:{currency}"
            _move(lines, paid, fund.payable(one.number), parts["payout"] * CENT)
            _move(lines, paid, kept, parts["reinvest"] * CENT)
            _move(lines, paid, fund.fees, parts["fee"] * CENT)
            leaves = (parts["payout"] + parts["fee"]) * CENT
            cancelled = min(units[one.number], -(-leaves * PRICE // price))
            _move(lines, fund.held(one.number), fund.issued, cancelled)
            marks[number, one.number] = price
            has_lines = True
        if has_lines:
            short = f"Equity:Shortfall:{fund.place}:{currency}"
            _move(lines, paid, short, self.books.balance(fund.account.book, short))

    def paid(self, book: str, pay: Pay, cut: Cut) -> None:
        """The distribution is made: its entry, the marks, and who was counted up to where."""
        index = self.books.enter(book, "distribution", pay.lines)
        for (number, series), mark in pay.marks.items():
            fund = self.funds[number]
            fund.moved = index
            for one in fund.series:
                one.mark = max(one.mark, mark) if one.number == series else one.mark
        for source in self.sources:
            if source.account is not None and source.account.number in pay.places:
                place, currency = pay.places[source.account.number]
                source.account.payouts.append(Payout(cut.index, place, currency))
                del source.account.payouts[:-50]

    def moved_after(self, book: str, cut: Cut) -> bool:
        """Whether units of any fund were issued or cancelled after the cut."""
        return any(
            fund.moved > cut.index and fund.account.book == book and fund.units(cut)
            for fund in self.funds.values()
        )


def gain_of(units: int, price: int, mark: int) -> int:
    """What units have earned above their mark, in whole cents."""
    return units * max(0, price - mark) // (PRICE * CENT) * CENT


def _move(lines: Counter[str], debit: str, credit: str, amount: int) -> None:
    lines[debit] += amount
    lines[credit] -= amount
