"""What a closed position earns: points of DAI and DA, and the accrual of DCT."""

from dataclasses import dataclass, field
from fractions import Fraction

from tests.drills.sim.model.books import Books, Lines, shared
from tests.drills.sim.model.deals import Account
from tests.drills.sim.model.paying import POLICIES

POINT = 10**9
LEAST = POINT // 100
HALF_SLIPPAGE_BPS, UNKNOWN_LATENCY = 5, Fraction(1, 2)
POINTS = ("DAI", "DA")
SHARES = ("burn", "reward", "retained")


@dataclass(frozen=True)
class Closed:
    """One fold of a position. `p`: how likely its decision called a gain; slippage in bps."""

    revision: int
    is_closed: bool
    net: int
    p: Fraction
    slippage: Fraction


@dataclass
class Held:
    """A position, and the entries that stand for its last fold."""

    account: Account
    accrues: bool
    fold: Closed
    done: int = 0
    standing: dict[str, Lines] = field(default_factory=dict)


def points_of(fold: Closed) -> dict[str, int]:
    """Points of both tokens, in units of 10^-9, rounded half to even and never below 0.01."""
    missed = fold.p - (1 if fold.net > 0 else 0)
    slippage = Fraction(HALF_SLIPPAGE_BPS, 1) / (HALF_SLIPPAGE_BPS + fold.slippage)
    scores = {"DAI": 1 - missed * missed, "DA": slippage * UNKNOWN_LATENCY}
    return {code: max(LEAST, round(score * POINT)) for code, score in scores.items()}


class Tokens:
    """Awards of positions; a pool that cannot give back leaves a shortfall."""

    def __init__(self, books: Books) -> None:
        self.books = books

    def post(self, held: Held) -> None:
        """Bring what stands in line with the present fold."""
        if held.done == held.fold.revision:
            return
        book = held.account.book
        made = self._awards(held) if held.fold.is_closed else {}
        changes = {
            code: pool_change(made, code) - pool_change(held.standing, code) for code in POINTS
        }
        left = {code: -self.books.balance(book, pool(code)) for code in POINTS}
        for code, lines in held.standing.items():
            mirror = {account: -amount for account, amount in lines.items()}
            self.books.enter(book, f"{_kind(code)}.reversed", mirror)
        for code, lines in made.items():
            self.books.enter(book, _kind(code), lines)
        for code in POINTS:
            self._kept_whole(book, code, changes[code], left[code])
        held.standing, held.done = made, held.fold.revision

    def _awards(self, held: Held) -> dict[str, Lines]:
        made: dict[str, Lines] = {
            code: {f"Equity:Issued:{code}": points, pool(code): -points}
            for code, points in points_of(held.fold).items()
        }
        net = held.fold.net
        if held.accrues and net:
            own, sign = f"Equity:Accrual:DCT:{{}}:{held.account.currency}", -1 if net > 0 else 1
            parts = shared(abs(net), POLICIES["house"], SHARES)
            made["DCT"] = {own.format("Result"): net} | {
                own.format(share.capitalize()): sign * part for share, part in parts.items() if part
            }
        return made

    def _kept_whole(self, book: str, code: str, change: int, left: int) -> None:
        short = f"Equity:Shortfall:{code}"
        owed = self.books.balance(book, short)
        missing = max(0, -change - left) if change < 0 else -min(change, owed)
        if missing and change:
            self.books.enter(book, "token.shortfall", {short: missing, pool(code): -missing})


def pool(code: str) -> str:
    return f"Liabilities:Holders:{code}:Pool"


def pool_change(made: dict[str, Lines], code: str) -> int:
    """What the pool gets by these awards."""
    return -made[code].get(pool(code), 0) if code in made else 0


def _kind(code: str) -> str:
    return "token.dct_accrual" if code == "DCT" else f"token.{code.lower()}"
