"""Which trade an exit or cancel means. Pure; works on the few facts of decisions named here."""

from dataclasses import dataclass

from execution.rules.prices import OPPOSITE

CLOSING_EVENTS = ("exit", "close_all", "cancel", "cancel_all")
EXIT_EVENTS = ("exit", "partial_exit", "close_all")
CANCEL_EVENTS = ("cancel", "cancel_all")
WHOLE_STRATEGY = ("close_all", "cancel_all")


@dataclass(frozen=True, slots=True)
class LegFacts:
    """What is compared of a decision; `place` is (alert id, leg number), the order of asking."""

    event: str
    side: str
    instrument: str
    trade_ref: str
    place: tuple[int, int]


def position_side(closing: LegFacts) -> str:
    """Side of the positions meant; empty for both. An exit of a long says `sell`, as in FIX."""
    if closing.side == "any":
        return ""
    return closing.side if closing.event == "amend" else OPPOSITE[closing.side]


def ends_trade_of(closing: LegFacts, entry: LegFacts) -> bool:
    """Tell whether `closing`, decided already, means that `entry` must no longer be sent.

    A closing leg before the entry in the same alert is a reversal and means the former trade.
    With the same trade reference it counts however late the entry is handled, else only when it
    was asked after the entry.
    """
    if closing.event not in CLOSING_EVENTS:
        return False
    if closing.instrument and closing.instrument != entry.instrument:
        return False
    if position_side(closing) not in ("", entry.side):
        return False
    is_reversal = closing.place[0] == entry.place[0] and closing.place < entry.place
    if is_reversal:
        return False
    if closing.trade_ref and closing.event not in WHOLE_STRATEGY:
        return closing.trade_ref == entry.trade_ref
    return closing.place > entry.place
