"""Sums of every account and how many entries there are of each kind."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

RESULT_ROOTS = ("Income:", "Expenses:")
Lines = dict[str, int]
Place = tuple[str, str]


@dataclass(frozen=True)
class Cut:
    """The books as they stood when nothing that came earlier was still on its way."""

    index: int
    sums: Mapping[Place, int]

    def under(self, book: str, root: str) -> int:
        """The sum of `root` and of all accounts below it."""
        below = f"{root}:"
        return sum(
            amount
            for (of_book, code), amount in self.sums.items()
            if of_book == book and (code == root or code.startswith(below))
        )


@dataclass
class Books:
    """Debit and credit turnover by book and account, both above zero."""

    debit: Counter[Place] = field(default_factory=Counter)
    credit: Counter[Place] = field(default_factory=Counter)
    kinds: Counter[Place] = field(default_factory=Counter)
    index: int = 0
    _cut: Cut | None = None

    def enter(self, book: str, kind: str, lines: Mapping[str, int]) -> int:
        """Write one entry; lines of zero are none. Returns its place in the order of entries."""
        self.index += 1
        told = {code: amount for code, amount in lines.items() if amount}
        assert len(told) > 1, (book, kind, lines)
        self.kinds[book, kind] += 1
        for code, amount in told.items():
            (self.debit if amount > 0 else self.credit)[book, code] += abs(amount)
        return self.index

    def balance(self, book: str, code: str) -> int:
        return self.debit[book, code] - self.credit[book, code]

    def under(self, book: str, root: str) -> int:
        return self.now().under(book, root)

    def now(self) -> Cut:
        """The books as they stand."""
        places = self.debit.keys() | self.credit.keys()
        return Cut(self.index, {one: self.debit[one] - self.credit[one] for one in places})

    def sealed(self) -> Cut:
        """Up to where the seal can reach: what came before the transaction that is still open."""
        return self._cut or self.now()

    def somebody_begins(self) -> None:
        """A transaction is open from here on; nothing after this can be sealed."""
        self._cut = self.now()

    def everybody_is_done(self) -> None:
        self._cut = None


def result_of(lines: Mapping[str, int]) -> int:
    """What an entry adds to the result; a gain is above zero."""
    return -sum(amount for code, amount in lines.items() if code.startswith(RESULT_ROOTS))


def shared(total: int, shares: Mapping[str, int], ties: Iterable[str]) -> dict[str, int]:
    """Split whole units by basis points: what is left over goes to the largest remainders.

    `ties`: the names in the order in which equal remainders are served.
    """
    parts = {name: total * bps // 10_000 for name, bps in shares.items()}
    order = list(ties)
    by_remainder = sorted(
        order, key=lambda name: (-(total * shares[name] % 10_000), order.index(name))
    )
    for name in by_remainder[: total - sum(parts.values())]:
        parts[name] += 1
    return parts
