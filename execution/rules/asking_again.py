"""What lowers risk ends only when the risk is gone: when it is asked again, and for how much. Pure.

A chain is all that was ordered for one decision about one position, attempt by attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from execution.rules import states
from execution.rules.retcodes import PAUSE, retcode_action

MARKET_CLOSED: Final = 10018
# After the first, second … attempt; the last goes on for ever.
DELAYS: Final = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60))
PAUSED: Final = timedelta(seconds=60)
# 10009 comes up to a second before the position is gone, and its deal later still.
DEAL_COMES_WITHIN: Final = timedelta(seconds=30)
RESOLVED_BY_PERSON: Final = "resolved_by_person"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One order of a chain, as it stands."""

    verb: str
    state: str
    reason: str
    retcode: int | None
    volume_lots: Decimal
    filled_lots: Decimal
    was_handed_out: bool
    moved_at: datetime


def is_confirmed_by_word(last: Attempt) -> bool:
    """Whether a person has said what became of it; then nothing is asked again."""
    return last.state == states.DONE and last.reason == RESOLVED_BY_PERSON


def lots_left(chain: Sequence[Attempt], open_lots: Decimal, *, is_share: bool) -> Decimal:
    """Return what is still to be closed: all that the trade has open, or what is left of a share.

    `is_share`: that a part of the trade was asked for.
    """
    first = chain[0]
    if not is_share:
        return open_lots
    filled = sum((one.filled_lots for one in chain), Decimal(0))
    return max(Decimal(0), min(first.volume_lots - filled, open_lots))


def ask_again_at(
    chain: Sequence[Attempt], *, opens_at: datetime | None, closes_at_once: bool
) -> datetime | None:
    """Return when the next attempt is due; None while the last may still succeed, or ever.

    `opens_at`: the opening of the symbol's next session, where it is known. `closes_at_once`: the
    position is closed by its own number, so asking twice closes nothing twice.
    """
    last = chain[-1]
    if not last.was_handed_out and last.state == states.REJECTED:
        return None
    if last.state == states.UNKNOWN:
        # Looked up at each poll meanwhile; what may have been done is not done twice.
        is_harmless = closes_at_once and last.verb != "partial_exit"
        return last.moved_at + DEAL_COMES_WITHIN if is_harmless else None
    if last.state not in states.ORDER_ENDS or is_confirmed_by_word(last):
        return None
    if last.state == states.DONE and not last.filled_lots:
        # Its deal, or the position's new stop, is still to be told. What must fill is looked up.
        return last.moved_at + DEAL_COMES_WITHIN if last.verb == "amend" else None
    return _after_refusal(last, len(chain), opens_at)


def _after_refusal(last: Attempt, attempts: int, opens_at: datetime | None) -> datetime:
    if last.retcode == MARKET_CLOSED and opens_at is not None:
        return max(opens_at, last.moved_at + DELAYS[0])
    delay = DELAYS[min(attempts, len(DELAYS)) - 1]
    if last.retcode is not None and retcode_action(last.retcode) == PAUSE:
        delay = max(delay, PAUSED)
    return last.moved_at + delay
