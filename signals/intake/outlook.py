"""What is known beforehand of the orders of an entry, from what was pushed and its stop. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from signals.intake.provenance import grade_reaches
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.intents.symbols import instrument_of

STOP_REQUIRED: Final = "stop_required"
NO_PRICE: Final = "no_reference_price"
FOR_PAPER: Final = "made_for_paper"
LOW_GRADE: Final = "provenance_too_low"
# Rules about the alert itself, whatever the accounts trade.
OF_THE_ALERT: Final = frozenset({STOP_REQUIRED, NO_PRICE})
# Why nothing is ordered, as the answer of the webhook says it; {} is the instrument.
_WORDS: Final[dict[str, str]] = {
    STOP_REQUIRED: "not ordered: the entry names no stop",
    NO_PRICE: (
        "not ordered: the entry names no price, and its stop, target or size counts from one"
    ),
    FOR_PAPER: "not ordered: it is made for paper, and each account that follows is a live one",
    LOW_GRADE: (
        "not ordered: each account that follows is a live one, and who sent it is less sure than"
        " the strategy's live_grade_min asks"
    ),
    "no_account": "no account follows the strategy yet",
    "all_stopped": "entries are stopped everywhere",
    "account_stopped": "entries are stopped on each account that follows the strategy",
    "strategy_stopped": "entries of the strategy are stopped",
    "instrument_stopped": "entries on {} are stopped",
    "symbol_not_mapped": (
        "no account trades {} yet: let its executor report it, then confirm it{where}"
    ),
    "symbol_not_confirmed": "no account trades {} yet: confirm it{where}",
    "no_contract_sheet": "no executor has told yet what {} is: start it",
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a strategy can trade. `reasons`: instrument to why not, '' where it can; `otherwise`:
    the same for all others. Nothing is known where there is none. `is_live_alone`: no account of
    the paper book follows.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    otherwise: str = ""
    is_live_alone: bool = False

    def reason(self, instrument: str) -> str:
        """Why no entry of the instrument is ordered, or ''."""
        return self.reasons.get(instrument, self.otherwise)


def order_rule(
    intent: Intent,
    *,
    stop_is_required: bool,
    outlook: Outlook | None,
    grade: str = "",
    live_grade_min: str = "",
) -> tuple[str, str]:
    """Return why an entry of the intent is never ordered, and its instrument; '' where it may.

    `grade`: the best that it may get, '' where nothing is known of the sender.
    """
    for leg in intent.legs:
        if not leg.is_entry:
            continue
        instrument = instrument_of(leg.symbol_raw)
        if outlook is not None and outlook.is_live_alone:
            if intent.env == "paper":
                return FOR_PAPER, instrument
            if grade and not grade_reaches(grade, live_grade_min):
                return LOW_GRADE, instrument
        if stop_is_required and not leg.has_stop:
            return STOP_REQUIRED, instrument
        if _lacks_price(leg, intent.ref_price):
            return NO_PRICE, instrument
        if outlook is not None and (reason := outlook.reason(instrument)):
            return reason, instrument
    return "", ""


def _lacks_price(leg: Leg, ref_price: Decimal | None) -> bool:
    """Whether no price is named and something counts from one: see `execution.risk.planning`.

    Points and pips are as far at any price, so what a stop in them may lose is known without one.
    """
    if leg.limit_price or leg.stop_price or ref_price:
        return False
    return (
        (leg.has_stop and leg.sl is not None and leg.sl.kind in ("price", "percent"))
        or (leg.tp is not None and leg.tp.kind == "percent")
        or (leg.size is not None and leg.size.mode in ("notional", "equity_pct"))
    )


def order_words(rule: str, instrument: str, address: str = "") -> str:
    """Return in words why nothing is ordered; `address` is where symbols are confirmed."""
    words = _WORDS.get(rule, f"not ordered as things stand: {rule}")
    where = f" at {address}" if address else ""
    return words.format(instrument, where=where)
