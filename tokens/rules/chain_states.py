"""Is a token in step with its chain? The states, their legal edges, and the verdict of a reading.

`tokens/sql/chain.sql` holds the same edges and asks the same of whatever allows a payout.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

GREEN: Final = "green"
LAGGING: Final = "lagging"
UNKNOWN: Final = "unknown"
DRIFT: Final = "drift"
FROZEN: Final = "frozen"

CHAIN_EDGES: Final[dict[str, frozenset[str]]] = {
    UNKNOWN: frozenset({GREEN, LAGGING, DRIFT, FROZEN}),
    GREEN: frozenset({LAGGING, UNKNOWN, DRIFT, FROZEN}),
    LAGGING: frozenset({GREEN, UNKNOWN, DRIFT, FROZEN}),
    DRIFT: frozenset({GREEN, LAGGING, UNKNOWN, FROZEN}),
    # Thawed by two people alone, and then looked at anew.
    FROZEN: frozenset({UNKNOWN}),
}
# How old a reading may be that payouts rest on, and how old its block when it was read.
FRESH: Final = dt.timedelta(minutes=5)
BLOCK_AGE_MAX: Final = dt.timedelta(minutes=5)
# Reads that find the same unexplained difference, until the token is frozen.
DRIFTS_MAX: Final = 2
INTENTS_OPEN_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Held:
    """Base units: all that there are, and what lies in the treasury's wallet. Also a change."""

    supply: int
    balance: int

    def __add__(self, other: "Held") -> "Held":
        return Held(self.supply + other.supply, self.balance + other.balance)


@dataclass(frozen=True, slots=True)
class Pending:
    """What an open intent will change; `is_matched`: its transaction was seen."""

    change: Held
    is_matched: bool


@dataclass(frozen=True, slots=True)
class Pins:
    """What about a contract must stay as it was when it was bound."""

    admin: str
    mintable: bool
    wallet: str
    wallet_code: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A state and why; the reason of GREEN is empty."""

    state: str
    reason: str


def verdict(
    *,
    chain: Held,
    ledger: Held,
    pending: Sequence[Pending],
    changed: str,
    drifts_in_row: int,
    was: str,
) -> Verdict:
    """The state that follows from what both sources agree on.

    `changed`: what differs from its pins, in words. `drifts_in_row`: unexplained readings before
    this one. The tolerance is zero: units are whole numbers.
    """
    if was == FROZEN:
        return Verdict(FROZEN, "frozen until two people release it")
    if changed:
        return Verdict(FROZEN, changed)
    if chain in reachable(ledger, pending):
        if pending:
            return Verdict(LAGGING, waiting_words(pending))
        return Verdict(GREEN, "")
    state = FROZEN if drifts_in_row + 1 >= DRIFTS_MAX else DRIFT
    return Verdict(state, drift_words(chain, ledger))


def reachable(ledger: Held, pending: Iterable[Pending]) -> set[Held]:
    """What the chain may hold: all that was matched is done there, of the rest any part may be."""
    found = {ledger}
    for one in pending:
        done = {held + one.change for held in found}
        found = done if one.is_matched else found | done
    return found


def changed_words(pinned: Pins, told: Pins) -> str:
    """What about the contract is another than when it was bound; empty where nothing is."""
    names = {
        "admin": "the jetton's admin",
        "mintable": "whether the jetton can be minted",
        "wallet": "the address of our wallet",
        "wallet_code": "the code of its wallets",
    }
    differing = [
        words for name, words in names.items() if getattr(pinned, name) != getattr(told, name)
    ]
    return f"changed since it was bound: {', '.join(differing)}" if differing else ""


def drift_words(chain: Held, ledger: Held) -> str:
    """The difference in base units."""
    return (
        f"unexplained: on the chain {chain.supply} in all, {chain.balance} ours; "
        f"in the ledger {ledger.supply} and {ledger.balance} (base units)"
    )


def waiting_words(pending: Sequence[Pending]) -> str:
    """How many intents are open, and how many of them were seen done."""
    seen = sum(one.is_matched for one in pending)
    return f"{len(pending)} open, of which {seen} were seen on the chain"
