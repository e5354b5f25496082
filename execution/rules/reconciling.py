"""The broker's open positions and resting orders against ours, in words where they differ. Pure.

A stop that is missing or wider at the broker risks more than was decided; a tighter one risks less
and is recorded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from execution.rules.prices import widens_stop
from execution.wire.fields import number_text as text

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class HeldPosition:
    """A position as one side has it.

    `tick`: what stops are rounded to at the broker. `stop_is_ours`: whether we ever set its stop
    and no change of it is on its way.
    """

    side: str
    volume_lots: Decimal
    sl: Decimal | None
    tp: Decimal | None = None
    tick: Decimal = NOTHING
    stop_is_ours: bool = True


def positions_differ(
    ours: Mapping[int, HeldPosition], theirs: Mapping[int, HeldPosition]
) -> list[str]:
    """Return what differs, by ticket; tickets on one side only come first."""
    words = tickets_differ(ours, theirs)
    for ticket in sorted(ours.keys() & theirs.keys()):
        words += [f"position {ticket}: {one}" for one in _differs(ours[ticket], theirs[ticket])]
    return words


def tickets_differ(ours: Iterable[int], theirs: Iterable[int]) -> list[str]:
    """Return the open positions that one side alone has."""
    here, there = set(ours), set(theirs)
    words = []
    if here - there:
        words.append(f"only here: {sorted(here - there)}")
    if there - here:
        words.append(f"only there: {sorted(there - here)}")
    return words


def _differs(ours: HeldPosition, theirs: HeldPosition) -> list[str]:
    words = []
    if ours.side != theirs.side:
        words.append(f"{ours.side} here, {theirs.side} there")
    if ours.volume_lots != theirs.volume_lots:
        words.append(f"{text(ours.volume_lots)} lots here, {text(theirs.volume_lots)} there")
    if ours.stop_is_ours and ours.sl is not None and stop_is_wider(ours, theirs.sl):
        told = "none" if theirs.sl is None else text(theirs.sl)
        words.append(f"stop {text(ours.sl)} here, {told} there")
    return words


def stop_is_wider(ours: HeldPosition, told: Decimal | None) -> bool:
    """Whether the stop told risks more than ours, by more than a tick; none always does."""
    if told is None or ours.sl is None:
        return ours.sl is not None
    if abs(told - ours.sl) <= ours.tick:
        return False
    return widens_stop(side=ours.side, current=ours.sl, wanted=told)


def stop_is_tighter(ours: HeldPosition, told: Decimal | None) -> bool:
    """Whether the stop told risks less than ours, by more than a tick."""
    if told is None:
        return False
    if ours.sl is None:
        return True
    is_other = abs(told - ours.sl) > ours.tick
    return is_other and not widens_stop(side=ours.side, current=ours.sl, wanted=told)


def equity_differs(
    *,
    balance: Decimal,
    credit: Decimal,
    floating: Decimal,
    equity: Decimal,
    digits: int,
    positions: int,
) -> list[str]:
    """Return what is wrong with an equity that is not what its parts add up to.

    Each position's gain may be rounded once.
    """
    off = abs(balance + credit + floating - equity)
    if off <= Decimal(1).scaleb(-digits) * (positions + 1):
        return []
    parts = f"balance {text(balance)} + credit {text(credit)} + open {text(floating)}"
    return [f"equity {text(equity)}, {parts}"]
