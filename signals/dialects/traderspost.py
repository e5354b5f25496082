"""TradersPost JSON: `ticker`, `action`, `sentiment`, nested `stopLoss` and `takeProfit`. Pure.

`buy` and `sell` with sentiment `flat` close; the receiver's option picking and trailing stops
cannot be carried out here and are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.closed_world import unread_members
from signals.dialects.credentials import CredentialPlace, member_credential
from signals.dialects.drafts import Draft
from signals.dialects.switches import foreign_members, switches_check
from signals.dialects.terms import Stated, Terms, distance_target, set_size
from signals.dialects.values import (
    flag,
    plain_text,
    positive,
    reference_price,
    share,
    symbol,
    times,
    word,
)
from signals.intake.parsing import Content
from signals.intents.legs import Size, Target

NAME: Final = "traderspost"
# Members that only this dialect writes in this way.
_MARKS: Final = frozenset(
    {
        "sentiment",
        "optionType",
        "intrinsicValue",
        "expiration",
        "strikesAway",
        "strikeCount",
        "strikePrice",
        "signalPrice",
        "limitPrice",
        "trailAmount",
        "trailPercent",
        "quantityType",
        "timeInForce",
        "extendedHours",
        "extras",
    }
)
_PLAIN: Final = frozenset(
    {
        "ticker",
        "action",
        "quantity",
        "price",
        "orderType",
        "stopPrice",
        "takeProfit",
        "stopLoss",
        "cancel",
        "time",
        "interval",
        "delay",
        "test",
    }
)
_OWN: Final = _MARKS | _PLAIN
_OPTIONS: Final = (
    "optionType",
    "intrinsicValue",
    "expiration",
    "strikesAway",
    "strikePrice",
    "strikeCount",
)
_TIFS: Final = ("day", "gtc", "ioc", "fok")
_ACTIONS: Final = ("buy", "sell", "exit", "cancel", "add")
_SENTIMENTS: Final = {
    "bullish": "long",
    "long": "long",
    "bearish": "short",
    "short": "short",
    "flat": "flat",
}
_SIZE_MODES: Final = {
    "fixed_quantity": "qty",
    "dollar_amount": "notional",
    "percent_of_equity": "equity_pct",
}
_ORDER_TYPES: Final = ("market", "limit", "stop", "stop_limit")


class TradersPost:
    """The adapter of TradersPost's signal message."""

    name = NAME
    credential_place = CredentialPlace.MEMBERS

    def claims(self, content: Content) -> bool:
        """Claim `ticker` and `action` in its own spelling, without foreign members."""
        data = content.data
        if not isinstance(data, dict) or not {"ticker", "action"} <= data.keys():
            return False
        if _is_of_others(word(data["action"])):
            return False
        if data.keys() <= _PLAIN:
            return True
        if bool(_MARKS & data.keys()) and word(data["action"]) == "cancel":
            return True
        # With members of other formats that mean something it is read as generic JSON.
        return bool(_MARKS & data.keys()) and not foreign_members(data, _OWN)

    def credential(self, content: Content) -> str | None:
        """The dialect's own credential is in the URL; a member that is one anyway counts."""
        return member_credential(content.data)

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        return _read(content.data, defaults)


def _is_of_others(action: str) -> bool:
    """Whether other formats know the action word, and this one does not."""
    return action not in _ACTIONS and (action in words.ASKS or action in words.DIRECTIONS)


def _read(data: Mapping[str, Any], defaults: StrategyDefaults) -> Reading:
    action = plain_text(data["action"], "action").lower()
    if action not in _ACTIONS:
        raise Refused("unknown_event", f"action must be one of {', '.join(_ACTIONS)}.")
    if any(data.get(name) is not None for name in _OPTIONS):
        raise Refused("unsupported_order", "Option contracts cannot be chosen here.")
    draft = Draft(symbol(data["ticker"]), defaults)
    opens = action in ("buy", "sell") and word(data.get("sentiment")) != "flat"
    when = times(sent=data.get("time"), interval=data.get("interval"))
    understood = switches_check(data, opens=opens)
    unknown = unread_members(data, {*_OWN, *understood})
    if flag(data.get("test"), "test"):
        return draft.reading(NAME, kind="test", times=when, unknown=unknown)
    ref_price = reference_price(data.get("signalPrice"), "signalPrice")
    if ref_price is None:
        ref_price = reference_price(data.get("price"))
    if flag(data.get("cancel"), "cancel") or action == "cancel":
        draft.cancel_all()
    if action != "cancel":
        sentiment = _sentiment(data, action)
        draft.tell(action, sentiment)
        _add_trade(draft, data, action, sentiment, ref_price)
    return draft.reading(NAME, times=when, ref_price=ref_price, unknown=unknown)


def _sentiment(data: Mapping[str, Any], action: str) -> str | None:
    given = data.get("sentiment")
    if given is None:
        return None
    if action not in ("buy", "sell"):
        raise Refused("position_mismatch", "sentiment goes with buy or sell only.")
    said = _SENTIMENTS.get(plain_text(given, "sentiment").lower())
    if said is None:
        raise Refused("position_mismatch", "sentiment must be bullish, bearish or flat.")
    return said


def _add_trade(
    draft: Draft, data: Mapping[str, Any], action: str, sentiment: str | None, ref: Decimal | None
) -> None:
    if action == "add":
        raise Refused("side_required", "add does not say which side to add to.")
    if action == "exit" or sentiment == "flat":
        _require_market(data)
        # With sentiment flat the whole position goes, whatever the quantity says.
        part = None if sentiment == "flat" else _exit_part(data)
        side = "any" if action == "exit" else action
        if part is None:
            draft.exit(side)
        else:
            draft.partial_exit(side, part)
    elif sentiment is not None and sentiment != {"buy": "long", "sell": "short"}[action]:
        _require_market(data)
        part = _exit_part(data)
        if part is None:
            raise Refused("close_pct_required", "How much of the position to close is not said.")
        draft.partial_exit(action, part)
    else:
        draft.entry(action, _entry_terms(data, action, draft.defaults, ref))


def _exit_part(data: Mapping[str, Any]) -> Decimal | Size | None:
    """Return the percentage to close, or how many units, None for all."""
    if data.get("quantity") is None:
        return None
    kind = data.get("quantityType") or "fixed_quantity"
    if kind == "percent_of_position":
        return positive(share(data["quantity"], "quantity"), "quantity")
    if kind != "fixed_quantity":
        raise Refused("close_pct_required", "Send the part to close as percent_of_position.")
    return Size("qty", positive(data["quantity"], "quantity"))


def _require_market(data: Mapping[str, Any]) -> None:
    waits_at = (data.get("limitPrice"), data.get("stopPrice"))
    if word(data.get("orderType", "market")) != "market" or any(waits_at):
        raise Refused("unsupported_order", "A position is closed at the market only.")


def _entry_terms(
    data: Mapping[str, Any], side: str, defaults: StrategyDefaults, ref: Decimal | None
) -> Terms:
    terms = Terms()
    terms.order_type = plain_text(data.get("orderType") or "market", "orderType").lower()
    if terms.order_type not in _ORDER_TYPES:
        raise Refused("unsupported_order", "orderType cannot be carried out here.")
    if any(data.get(name) is not None for name in ("trailAmount", "trailPercent")):
        raise Refused("unsupported_order", "A trailing stop cannot be carried out here.")
    terms.tif = word(data.get("timeInForce", ""))
    if terms.tif and terms.tif not in _TIFS:
        raise Refused("unsupported_order", "An order for the open or the close cannot wait here.")
    # A price without an order type is kept, so that the leg's own check refuses it: the receiver's
    # default may be another type than the market.
    is_open = data.get("orderType") is None
    if terms.order_type in ("limit", "stop_limit") or is_open:
        terms.limit_price = _price(data, "limitPrice")
    if terms.order_type in ("stop", "stop_limit") or is_open:
        terms.stop_price = _price(data, "stopPrice")
    if data.get("quantity") is not None:
        mode = _SIZE_MODES.get(plain_text(data.get("quantityType") or "fixed_quantity", "type"))
        if mode is None:
            raise Refused("unknown_size_mode", "quantityType cannot be carried out here.")
        set_size(terms, [Stated("quantity", mode, data["quantity"])], defaults)
    base = terms.limit_price or terms.stop_price or ref
    terms.sl = _stop_loss(data.get("stopLoss"), side, base)
    terms.tp = _take_profit(data.get("takeProfit"), side, base)
    return terms


def _price(data: Mapping[str, Any], name: str) -> Decimal | None:
    return positive(data[name], name) if data.get(name) is not None else None


def _stop_loss(given: Any, side: str, base: Decimal | None) -> Target | None:
    if given is None:
        return None
    members = _target_members(given, "stopLoss")
    if word(members.pop("type", "stop")) != "stop":
        raise Refused("unsupported_order", "Only a plain stop can be attached.")
    return _target("sl", members, {"stopPrice": "price", "percent": "percent"}, side, base)


def _take_profit(given: Any, side: str, base: Decimal | None) -> Target | None:
    if given is None:
        return None
    members = _target_members(given, "takeProfit")
    if word(members.pop("type", "limit")) != "limit":
        raise Refused("unsupported_order", "Only a plain target can be attached.")
    kinds = {"limitPrice": "price", "price": "price", "percent": "percent"}
    return _target("tp", members, kinds, side, base)


def _target_members(given: Any, name: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Refused("wrong_type", f"{name} must be an object.")
    return {key: value for key, value in given.items() if value is not None}


def _target(
    which: str, members: dict[str, Any], kinds: dict[str, str], side: str, base: Decimal | None
) -> Target:
    unknown = sorted(set(members) - set(kinds) - {"amount"})
    if unknown:
        code = "unsupported_order" if unknown[0].startswith("trail") else "unknown_field"
        raise Refused(code, f"{unknown[0]!r} of a stop or target is not understood.")
    if len(members) != 1:
        raise Refused("conflicting_fields", "A stop or target needs exactly one value.")
    ((name, value),) = members.items()
    if name == "amount":
        return distance_target(which, side, value, base, name)
    return Target(kinds[name], positive(share(value, name), name))
