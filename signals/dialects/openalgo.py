"""OpenAlgo JSON: `apikey`, `symbol`, `exchange`, BUY or SELL, and the position afterwards. Pure.

With `position_size` the order's size and the position after it tell what it did: opened, added,
reduced, closed or turned around.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.closed_world import unread_members
from signals.dialects.credentials import CredentialPlace, member_credential
from signals.dialects.drafts import Change, Draft
from signals.dialects.switches import foreign_members, switches_check
from signals.dialects.terms import Terms
from signals.dialects.values import (
    number,
    optional_number,
    plain_text,
    positive,
    reference_price,
    symbol,
    times,
)
from signals.intake.parsing import Content
from signals.intents.legs import Size

NAME: Final = "openalgo"
_MARKS: Final = frozenset({"pricetype", "price_type", "product", "exchange", "position_size"})
_OWN: Final = _MARKS | {
    "apikey",
    "symbol",
    "action",
    "quantity",
    "price",
    "trigger_price",
    "timestamp",
}
_PRICE_TYPES: Final = {"MARKET": "market", "LIMIT": "limit", "SL": "stop_limit", "SL-M": "stop"}


class OpenAlgo:
    """The adapter of OpenAlgo's order messages."""

    name = NAME
    credential_place = CredentialPlace.MEMBERS

    def claims(self, content: Content) -> bool:
        """Claim an `apikey` with symbol, action and one of its own members."""
        data = content.data
        return (
            isinstance(data, dict)
            and {"apikey", "symbol", "action"} <= data.keys()
            and bool(_MARKS & data.keys())
            # With members of other formats that mean something it is read as generic JSON.
            and not foreign_members(data, _OWN)
        )

    def credential(self, content: Content) -> str | None:
        """Return the `apikey`."""
        return member_credential({"apikey": content.data.get("apikey")})

    def read(self, content: Content, defaults: StrategyDefaults) -> Reading:
        """Return the intent, or raise `Refused`."""
        return _read(content.data, defaults)


def _read(data: Mapping[str, Any], defaults: StrategyDefaults) -> Reading:
    side = plain_text(data["action"], "action").lower()
    if side not in ("buy", "sell"):
        raise Refused("unknown_side", "action must be BUY or SELL.")
    understood = switches_check(data, opens=True)
    draft = Draft(symbol(data["symbol"], data.get("exchange")), defaults)
    terms = _terms(data)
    after = optional_number(data.get("position_size"), "position_size")
    draft.change(Change(side=side, after=after), terms)
    return draft.reading(
        NAME,
        times=times(either=data.get("timestamp"), interval=data.get("interval")),
        ref_price=reference_price(data.get("price")) if terms.order_type == "market" else None,
        unknown=unread_members(data, {*_OWN, "interval", *understood}),
    )


def _terms(data: Mapping[str, Any]) -> Terms:
    types = {value for name in ("pricetype", "price_type") if (value := data.get(name))}
    if len(types) > 1:
        raise Refused("conflicting_fields", "pricetype and price_type do not agree.")
    given = next(iter(types), "MARKET")
    order_type = _PRICE_TYPES.get(plain_text(given, "pricetype").upper())
    if order_type is None:
        raise Refused("unknown_order_type", "pricetype must be MARKET, LIMIT, SL or SL-M.")
    terms = Terms(order_type=order_type)
    if order_type in ("limit", "stop_limit"):
        terms.limit_price = _price(data, "price")
    if order_type in ("stop", "stop_limit"):
        terms.stop_price = _price(data, "trigger_price")
    # A smart order that only names its target sends quantity 0.
    quantity = number(data["quantity"], "quantity") if data.get("quantity") is not None else None
    if quantity == 0 and data.get("position_size") is not None:
        return terms
    if quantity is not None:
        terms.size = Size("qty", positive(quantity, "quantity"))
    return terms


def _price(data: Mapping[str, Any], name: str) -> Decimal | None:
    return positive(data[name], name) if data.get(name) is not None else None
