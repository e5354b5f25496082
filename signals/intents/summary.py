"""The short text that says what an intent asks for, leg by leg. Pure."""

from __future__ import annotations

from fusion_project.text.canonical import decimal_text
from signals.intents.intent import Intent
from signals.intents.legs import Leg, Target


def summary_of(intent: Intent) -> str:
    """Return the legs as one line, such as `exit sell EURUSD; entry sell EURUSD qty=10000`."""
    if not intent.legs:
        return intent.kind
    return "; ".join(_leg_text(leg) for leg in intent.legs)


def _leg_text(leg: Leg) -> str:
    words = [leg.verb, leg.side, leg.symbol_raw or "every symbol"]
    if leg.is_entry and leg.order_type != "market":
        words.append(leg.order_type)
    for name in ("limit_price", "stop_price", "close_pct"):
        value = getattr(leg, name)
        if value is not None:
            words.append(f"{name}={decimal_text(value)}")
    if leg.size is not None:
        words.append(f"{leg.size.mode}={decimal_text(leg.size.value)}")
    words += _target_words("sl", leg.sl) + _target_words("tp", leg.tp)
    if leg.plan is not None:
        words.append(f"plan={','.join(leg.plan.to_dict())}")
    return " ".join(words)


def _target_words(name: str, target: Target | None) -> list[str]:
    if target is None:
        return []
    value = "" if target.value is None else f":{decimal_text(target.value)}"
    return [f"{name}={target.kind}{value}"]
