"""3Commas JSON: signal bots of the strategy and the custom type, and DCA bot messages. Pure.

A strategy signal says the position before and after; `max_lag` seconds after its timestamp it
expires. A DCA bot's start names no side, so only its closing messages can be carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.closed_world import unread_members
from signals.dialects.credentials import CredentialPlace, member_credential
from signals.dialects.drafts import SIGN, Change, Draft, closing_side
from signals.dialects.switches import switches_check
from signals.dialects.terms import DERIVED, Stated, Terms, set_size
from signals.dialects.threecommas_brackets import set_brackets
from signals.dialects.values import (
    lag_end,
    number,
    plain_text,
    positive,
    reference_price,
    share,
    symbol,
    times,
    word,
)
from signals.intake.parsing import Content
from signals.intents.legs import Size

NAME: Final = "threecommas"
_MARKS: Final = frozenset({"bot_uuid", "tv_instrument", "bot_id"})
_OWN: Final = frozenset(
    {
        "secret",
        "max_lag",
        "timestamp",
        "trigger_price",
        "tv_exchange",
        "tv_instrument",
        "action",
        "bot_uuid",
        "strategy_info",
        "order",
        "order_type",
        "stop_loss",
        "take_profit",
        "trailing",
    }
)
_ORDER: Final = frozenset({"amount", "currency_type", "order_type", "type"})
_INFO: Final = frozenset(
    {
        *("market_position", "market_position_size"),
        *("prev_market_position", "prev_market_position_size"),
    }
)
_UNITS: Final = {"base": "qty", "quote": "notional"}
_POSITIONS: Final = ("long", "short", "flat")


class ThreeCommas:
    """The adapter of 3Commas' bot messages."""

    name = NAME
    credential_place = CredentialPlace.MEMBERS

    def claims(self, content: Content) -> bool:
        """Claim an object that names a bot or a `tv_instrument`."""
        return isinstance(content.data, dict) and bool(_MARKS & content.data.keys())

    def credential(self, content: Content) -> str | None:
        """Return `secret`, or `email_token` of the older bots."""
        return member_credential(content.data)

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        if "tv_instrument" in content.data or "bot_uuid" in content.data:
            return _read_signal(content.data, defaults)
        return _read_deal(content.data, defaults)


def _read_signal(data: Mapping[str, Any], defaults: StrategyDefaults) -> Reading:
    understood = switches_check(data, opens=not str(data.get("action")).startswith("exit"))
    draft = Draft(symbol(data.get("tv_instrument"), data.get("tv_exchange")), defaults)
    action = word(plain_text(data.get("action"), "action")) if "action" in data else ""
    order = data.get("order") or {}
    if not isinstance(order, dict):
        raise Refused("wrong_type", "order must be an object.")
    _require_market(data, order)
    if action in ("buy", "sell"):
        _add_change(draft, data, action, order)
    elif action in ("enterlong", "entershort"):
        side = "buy" if action == "enterlong" else "sell"
        terms = _sized(order, defaults)
        set_brackets(terms, data)
        draft.entry(side, terms)
    elif action in ("exitlong", "exitshort"):
        _add_exit(draft, closing_side(action.removeprefix("exit")), order)
    elif action in ("disable", "enable", "disableandclose"):
        raise Refused("unsupported_command", "A message cannot switch a strategy on or off.")
    else:
        raise Refused("unknown_event", "action must be buy, sell, enter_… or exit_….")
    when = times(sent=data.get("timestamp"))
    return draft.reading(
        NAME,
        times=when,
        ref_price=reference_price(data.get("trigger_price"), "trigger_price"),
        expires_at=_expires_at(data, when.sent_at, opens=any(leg.is_entry for leg in draft.legs)),
        unknown={
            **unread_members(data, {*_OWN, *understood}),
            **unread_members(order, _ORDER, "order."),
            **unread_members(data.get("strategy_info"), _INFO, "strategy_info."),
        },
    )


def _add_change(draft: Draft, data: Mapping[str, Any], side: str, order: Mapping[str, Any]) -> None:
    info = data.get("strategy_info")
    if not info:
        # The order of a strategy opens, adds, closes or turns around: only this says which.
        raise Refused("missing_field", "buy and sell need strategy_info; or say enter_ and exit_.")
    if not isinstance(info, dict):
        raise Refused("wrong_type", "strategy_info must be an object.")
    before_word, before = _position(info, "prev_market_position")
    after_word, after = _position(info, "market_position")
    change = Change(
        side=side, before=before, after=after, before_word=before_word, after_word=after_word
    )
    terms = _sized(order, draft.defaults)
    set_brackets(terms, data)
    draft.change(change, terms)


def _position(info: Mapping[str, Any], name: str) -> tuple[str | None, Decimal | None]:
    given = info.get(name)
    if given is None:
        return None, None
    said = plain_text(given, name).lower()
    if said not in _POSITIONS:
        raise Refused("position_mismatch", f"{name} must be long, short or flat.")
    size = info.get(f"{name}_size")
    if size is None:
        return said, None
    return said, SIGN[said] * abs(number(size, f"{name}_size"))


def _sized(order: Mapping[str, Any], defaults: StrategyDefaults) -> Terms:
    terms = Terms()
    if order.get("amount") is not None:
        unit = _UNITS.get(plain_text(order.get("currency_type") or "", "currency_type"))
        if unit is None:
            raise Refused("unknown_size_mode", "currency_type must be base or quote.")
        set_size(terms, [Stated("amount", unit, order["amount"])], defaults)
    return terms


def _add_exit(draft: Draft, side: str, order: Mapping[str, Any]) -> None:
    if order.get("amount") is None:
        draft.exit(side)
    elif order.get("currency_type") == "position_percent":
        draft.partial_exit(side, positive(share(order["amount"], "amount"), "amount"))
    elif order.get("currency_type") == "base":
        draft.partial_exit(side, Size("qty", positive(order["amount"], "amount")))
    else:
        raise Refused("close_pct_required", "Send the part to close as position_percent.")


def _require_market(data: Mapping[str, Any], order: Mapping[str, Any]) -> None:
    for given in (data.get("order_type"), order.get("order_type"), order.get("type")):
        if given is not None and word(given) != "market":
            raise Refused("unsupported_order", "Only market orders are understood here.")


def _expires_at(
    data: Mapping[str, Any], sent_at: datetime | None, *, opens: bool
) -> datetime | None:
    lag = data.get("max_lag")
    # What only closes is never too late.
    return None if lag is None or not opens else lag_end(lag, sent_at)


def _read_deal(data: Mapping[str, Any], defaults: StrategyDefaults) -> Reading:
    action = word(data.get("action", ""))
    if action == "closeatmarketpriceall":
        draft = Draft("", defaults)
        draft.close_all()
        return draft.reading(NAME)
    draft = Draft(_pair(data), defaults)
    if action == "closeatmarketprice":
        draft.exit("any")
    elif action == "":
        raise Refused("side_required", "A bot's start does not say long or short.")
    else:
        raise Refused("unsupported_command", "This bot command cannot be carried out here.")
    draft.sources["legs.0.symbol_raw"] = DERIVED
    return draft.reading(NAME)


def _pair(data: Mapping[str, Any]) -> str:
    """3Commas writes the quote first: `USDT_BTC` is BTCUSDT."""
    given = plain_text(data.get("pair") or "", "pair")
    quote, _, base = given.partition("_")
    return symbol(f"{base}{quote}")
