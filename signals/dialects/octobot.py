"""OctoBot text: `EXCHANGE=…`, `SYMBOL=…`, `SIGNAL=BUY` by line or semicolon. Pure.

`REDUCE_ONLY=true` closes and never opens. Volumes in parts of holdings and prices relative to the
market need the receiver's account and are refused, except percentages of the portfolio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.closed_world import unread_members
from signals.dialects.credentials import CredentialPlace, field_credential
from signals.dialects.drafts import Draft
from signals.dialects.key_fields import read_fields
from signals.dialects.terms import Stated, Terms, set_size
from signals.dialects.values import flag, number, positive, share, symbol, word
from signals.intake.parsing import Content
from signals.intents.legs import Size, Target

NAME: Final = "octobot"
_NEEDED: Final = frozenset({"exchange", "symbol", "signal"})
_KNOWN: Final = _NEEDED | {
    "order_type",
    "volume",
    "price",
    "stop_price",
    "take_profit_price",
    "reduce_only",
    "tag",
    "leverage",
    "param_side",
    "param_tag",
    "trading_type",
    "heartbeat",
}
_NUMBERED_TARGET: Final = re.compile(r"take_profit_(price|volume_ratio)_[0-9]{1,2}")
_KEY: Final = re.compile(r"(?:^|[;\n\"\s])(exchange|symbol|signal)\s*=", re.IGNORECASE)


class OctoBot:
    """The adapter of OctoBot's alert format."""

    name = NAME
    credential_place = CredentialPlace.FIELDS

    def claims(self, content: Content) -> bool:
        """Claim a text with all three keys by line or semicolon, even where it is mangled."""
        text = content.text.strip().strip("\"'")
        if content.is_json or text[:1] in "{[" or len(text) > 2048:
            return False
        found = {match[1].lower() for match in _KEY.finditer(text.replace("\\n", "\n"))}
        return found == _NEEDED

    def credential(self, content: Content) -> str | None:
        """Return `TOKEN`."""
        try:
            return field_credential(tuple(read_fields(content.text, ";").items()))
        except Refused:
            return None

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        if "\\" in content.text:
            raise Refused("escaped_text", "A backslash stands between the fields.")
        fields = read_fields(content.text, ";")
        unknown = _unknown(fields)
        draft = Draft(symbol(fields["symbol"], fields["exchange"]), defaults)
        signal = word(fields["signal"])
        if signal == "cancel":
            _add_cancel(draft, fields)
        elif signal not in ("buy", "sell"):
            raise Refused("unknown_event", "SIGNAL must be BUY, SELL or CANCEL.")
        elif flag(fields.get("reduce_only"), "REDUCE_ONLY"):
            _add_exit(draft, signal, fields)
        else:
            draft.entry(signal, _terms(fields, signal, defaults))
        return draft.reading(NAME, unknown=unknown)


def _unknown(fields: Mapping[str, str]) -> dict[str, str]:
    for key in _NEEDED:
        if key not in fields:
            raise Refused("missing_field", f"{key.upper()} is missing.")
    numbered = [key for key in fields if _NUMBERED_TARGET.fullmatch(key)]
    if len(numbered) > 1:
        raise Refused("several_targets", "Several take-profit prices in one message.")
    return unread_members(fields, {*_KNOWN, *numbered})


def _add_cancel(draft: Draft, fields: Mapping[str, str]) -> None:
    if "param_tag" in fields or "tag" in fields:
        raise Refused("unsupported_option", "Orders cannot be chosen by tag here.")
    side = word(fields.get("param_side", ""))
    if side in ("buy", "sell"):
        draft.cancel("sell" if side == "buy" else "buy")
    elif side in ("", "all"):
        draft.cancel_all()
    else:
        raise Refused("unknown_side", "PARAM_SIDE must be buy or sell.")


def _add_exit(draft: Draft, side: str, fields: Mapping[str, str]) -> None:
    if word(fields.get("order_type", "market")) != "market":
        raise Refused("unsupported_order", "A position is closed at the market only.")
    volume = fields.get("volume", "100%")
    if volume in ("100%", "100a%"):
        draft.exit(side)
    elif volume.endswith("%"):
        raise Refused("close_pct_required", "A share of holdings is none of the position.")
    else:
        draft.partial_exit(side, Size("qty", positive(volume, "VOLUME")))


def _terms(fields: Mapping[str, str], side: str, defaults: StrategyDefaults) -> Terms:
    terms = Terms(order_type=word(fields.get("order_type", "market")))
    if terms.order_type not in ("market", "limit", "stop"):
        raise Refused("unknown_order_type", "ORDER_TYPE must be MARKET, LIMIT or STOP.")
    if "volume" in fields:
        unit = "equity_pct" if fields["volume"].endswith("%") else "qty"
        if re.search(r"[a-zA-Z]%$", fields["volume"]):
            raise Refused("unknown_size_mode", "VOLUME in parts of holdings is not possible here.")
        set_size(terms, [Stated("VOLUME", unit, fields["volume"])], defaults)
    if terms.order_type == "limit" and "price" in fields:
        terms.limit_price = _plain_price(fields["price"], "PRICE")
    if terms.order_type == "stop" and "stop_price" in fields:
        terms.stop_price = _plain_price(fields["stop_price"], "STOP_PRICE")
    elif "stop_price" in fields:
        terms.sl = _target(fields["stop_price"], "STOP_PRICE", -1 if side == "buy" else 1)
    for key in fields:
        if key == "take_profit_price" or key.startswith("take_profit_price_"):
            if terms.tp is not None:
                raise Refused("several_targets", "Several take-profit prices in one message.")
            terms.tp = _target(fields[key], "TAKE_PROFIT_PRICE", 1 if side == "buy" else -1)
    return terms


def _target(text: str, name: str, direction: int) -> Target:
    """Return a stop or target; a percentage counts from the market and must point the right way."""
    if not text.endswith("%"):
        return Target("price", _plain_price(text, name))
    value = share(text, name)
    if value * direction <= 0:
        raise Refused("bracket_wrong_side", f"{name} lies on the wrong side.")
    return Target("percent", abs(value))


def _plain_price(text: str, name: str) -> Decimal:
    if text.endswith(("%", "d")) or text[:1] in ("@", "e", "+", "-"):
        raise Refused("relative_needs_price", f"{name} must be a price.")
    return positive(number(text, name), name)
