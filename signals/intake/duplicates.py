"""The third duplicate rule's key: what makes two alerts ask for the same thing. Pure.

Same bytes and same sender id are compared in the database, by `signal_accept`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fusion_project.text.canonical import canonical_sha256
from signals.intents.intent import Intent
from signals.intents.legs import Leg
from signals.intents.reading import time_text
from signals.intents.symbols import SymbolUnreadable, instrument_of


def intent_key(intent: Intent, *, id_is_deterministic: bool) -> str | None:
    """Return the key of what is asked, or None where the rule does not apply.

    It needs a bar time (without one, tomorrow's alert would equal today's), and is left out where
    the sender id already is a function of bar, event, side and leg.
    """
    if intent.kind != "trade" or intent.bar_time is None or id_is_deterministic:
        return None
    asked = {
        "timeframe": intent.timeframe,
        "bar_time": time_text(intent.bar_time),
        "legs": [_leg_key(number, leg, intent) for number, leg in enumerate(intent.legs)],
    }
    return canonical_sha256(asked)


def carries_identity(intent: Intent, sent_at: datetime | None) -> bool:
    """Return whether equal bytes are always the same alert, however late they come again.

    They are where they hold a time. An id alone may be an order's name, which the next trade bears
    again: so it counts for what opens a trade, and never for what lowers risk.
    """
    if intent.bar_time is not None or sent_at is not None:
        return True
    return intent.sender_id is not None and not intent.lowers_risk


def _leg_key(number: int, leg: Leg, intent: Intent) -> dict[str, Any]:
    key: dict[str, Any] = {
        "leg_no": number,
        "event": leg.verb,
        "side": leg.side,
        "symbol": _symbol(leg.symbol_raw),
    }
    if not leg.is_entry:
        # Two targets on one bar are two alerts, so what they ask for counts as well.
        asked = leg.to_dict()
        for name in ("close_pct", "sl", "tp", "limit_price", "stop_price", "size"):
            key[name] = asked.get(name)
        key["trade_ref"] = intent.trade_ref
        key["ref_id"] = intent.ref_id
    return key


def _symbol(symbol_raw: str) -> str:
    try:
        return instrument_of(symbol_raw)
    except SymbolUnreadable:
        return symbol_raw
