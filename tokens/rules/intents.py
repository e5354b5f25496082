"""What is intended on the chain: its kinds, states, what each changes, and which transaction it is.

A person carries it out; nothing here sends anything. `tokens/sql/intents.sql` holds the same.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from tokens.chain.answers import Moved
from tokens.rules.chain_states import Held, Pending

BURN: Final = "burn"
MINT: Final = "mint"
PAYOUT: Final = "payout"
BUYBACK: Final = "buyback"
KINDS: Final = (BURN, MINT, PAYOUT, BUYBACK)

OPEN: Final = "open"
MATCHED: Final = "matched"
POSTED: Final = "posted"
LAPSED: Final = "lapsed"
WITHDRAWN: Final = "withdrawn"
INTENT_EDGES: Final[dict[str, frozenset[str]]] = {
    OPEN: frozenset({MATCHED, LAPSED, WITHDRAWN}),
    # The chain has it; only the ledger is behind.
    MATCHED: frozenset({POSTED}),
    POSTED: frozenset(),
    LAPSED: frozenset(),
    WITHDRAWN: frozenset(),
}
PENDING: Final = (OPEN, MATCHED)
DEADLINE_MAX: Final = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An open intent as it is matched. `other`: raw, '' for anybody; `told`: a hash, or ''."""

    id: int
    kind: str
    units: int
    other: str
    opened_at: dt.datetime
    deadline: dt.datetime
    told: str


def change_of(kind: str, units: int) -> Held:
    """What it does to all units and to those in the treasury's wallet."""
    return {
        BURN: Held(-units, -units),
        MINT: Held(units, units),
        PAYOUT: Held(0, -units),
        BUYBACK: Held(0, units),
    }[kind]


def pending_of(kind: str, units: int, *, matched_units: int | None) -> Pending:
    """How an intent counts in a verdict.

    What a purchase brings is not known before, so one that was not seen explains nothing.
    """
    if matched_units is not None:
        return Pending(change_of(kind, matched_units), is_matched=True)
    known = Held(0, 0) if kind == BUYBACK else change_of(kind, units)
    return Pending(known, is_matched=False)


def matched(
    wanted: Sequence[Wanted], moved: Sequence[Moved], *, master: str, used: Collection[str]
) -> dict[int, Moved]:
    """Which transaction is which intent's, by its number; each serves one intent.

    Those whose hash somebody told come first, then the oldest; equal intents are served in turn.
    """
    taken = set(used)
    found: dict[int, Moved] = {}
    for one in sorted(wanted, key=lambda intent: (not intent.told, intent.id)):
        for row in sorted(moved, key=lambda each: each.lt):
            if row.transaction not in taken and fits(one, row, master=master):
                found[one.id] = row
                taken.add(row.transaction)
                break
    return found


def fits(one: Wanted, row: Moved, *, master: str) -> bool:
    """Whether the transaction is what is wanted: kind, amount, other side, and in its time."""
    way, other_fits = {
        BURN: ("burn", True),
        MINT: ("in", row.other == master),
        PAYOUT: ("out", row.other == one.other),
        BUYBACK: ("in", row.other != master and one.other in ("", row.other)),
    }[one.kind]
    enough = row.units >= one.units if one.kind == BUYBACK else row.units == one.units
    # The chain tells whole seconds.
    in_time = one.opened_at.replace(microsecond=0) <= row.at <= one.deadline
    hash_fits = one.told in ("", row.transaction)
    return row.kind == way and other_fits and enough and in_time and hash_fits
