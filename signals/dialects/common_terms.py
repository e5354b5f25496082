"""Sizes, prices, stops and targets out of a generic message's named fields. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Refused, StrategyDefaults
from signals.dialects.named_fields import NamedFields, is_off
from signals.dialects.terms import UNDECLARED, Stated, Terms, set_size, set_target
from signals.dialects.values import flag, number, plain_text, positive, share, word
from signals.intents.checks import CLOSE_MODES
from signals.intents.legs import Size

# Beside a close these say why it is closed, not how.
_REASONS: Final = frozenset({"takeprofit", "stoploss"})
# These have the unit that a type beside them names; in others the name says it.
_TYPED_SIZES: Final = ("size", "qty", "quantity", "amount")
# What the one price of a waiting order is called where it is not named limit or stop.
_ORDER_PRICE: Final = (
    "price",
    "orderprice",
    "strategyorderprice",
    "entryprice",
    "entry",
    "openprice",
)


def entry_terms(
    fields: NamedFields,
    defaults: StrategyDefaults,
    size_units: Mapping[str, str | None],
    order_type: str,
    ref_price: Decimal | None,
) -> Terms:
    """Return the terms of an entry."""
    terms = target_terms(fields, defaults, ref_price)
    terms.order_type = _order_type(fields, order_type)
    limit, stop = fields.same(words.LIMIT_PRICE), fields.same(words.STOP_PRICE)
    if limit is None and terms.order_type in ("limit", "stop_limit"):
        limit = fields.first(_ORDER_PRICE)
    if stop is None and terms.order_type == "stop":
        stop = fields.first(_ORDER_PRICE)
    terms.limit_price = None if limit is None else positive(limit, "limit price")
    terms.stop_price = None if stop is None else positive(stop, "stop price")
    terms.tif = _tif(fields, terms.order_type)
    set_size(terms, _sizes(fields, size_units), defaults)
    if terms.size is None and fields.take(words.CLOSE_PCT):
        # A percentage of what, only the receiver knows.
        terms.sources["size"] = UNDECLARED
    return terms


def target_terms(
    fields: NamedFields, defaults: StrategyDefaults, ref_price: Decimal | None
) -> Terms:
    """Return the stop and target, as an entry sets them and an amend changes them."""
    terms = Terms()
    for which, names in (("sl", words.STOPS), ("tp", words.TARGETS)):
        unit = _target_unit(fields, which)
        stated = [Stated(name, names[name] or unit, value) for name, value in fields.take(names)]
        for one in stated:
            if isinstance(one.value, list | bool):
                raise Refused("wrong_type", f"{one.name} must be a number.")
        set_target(terms, which, stated, defaults, ref_price=ref_price)
    return terms


def _target_unit(fields: NamedFields, which: str) -> str | None:
    """Return the unit that a type beside the stop or target names, if it is one."""
    given = fields.same(words.STOP_TYPES if which == "sl" else words.TARGET_TYPES)
    said = word(given)
    if given is None or said in words.PLAIN_TARGETS:
        return None
    if said not in words.TARGET_UNITS:
        raise Refused("unsupported_order", "This kind of stop or target cannot be carried out.")
    return words.TARGET_UNITS[said]


def close_part(
    fields: NamedFields, size_units: Mapping[str, str | None], *, is_flat: bool
) -> Decimal | Size | None:
    """Return the percentage to close, or how much, None for the whole.

    `is_flat`: the message says that nothing is left, so how much that was only informs.
    """
    _require_market(fields)
    given = fields.same(words.CLOSE_PCT, "conflicting_sizes")
    if given is not None:
        percent = positive(share(given, "close percent"), "close percent")
        if is_flat and percent != 100:
            raise Refused("conflicting_fields", "A part is closed, and nothing is left.")
        return percent
    if is_flat:
        return None
    for name, value in fields.take(words.CLOSE_PARTS):
        if not _is_zero(value, name):
            return _close_size(name, words.CLOSE_PARTS[name], value)
    size_type = fields.first(words.SIZE_TYPE)
    is_percent = isinstance(size_type, str) and word(size_type) in (
        "percent",
        "percentage",
        "pct",
        "percentofposition",
        "percentageposition",
    )
    for name, value in fields.take(words.SIZES):
        if name == "volume" or _is_zero(value, name):
            continue
        if is_percent or (isinstance(value, str) and value.strip().endswith("%")):
            return positive(share(value, name), name)
        unit = size_units.get(name, words.SIZES[name])
        if size_type is not None and name in _TYPED_SIZES:
            unit = _size_type(size_type)
        return _close_size(name, unit, value)
    return None


def _close_size(name: str, unit: str | None, value: Any) -> Size:
    if unit not in CLOSE_MODES:
        raise Refused("close_pct_required", f"{name} is not a share of the position.")
    return Size(str(unit), positive(value, name))


def _require_market(fields: NamedFields) -> None:
    """A resting order that closes later is not a close now."""
    rests = any(flag(value, name) for name, value in fields.take(("islimit", "uselimitclose")))
    waits_at = fields.take((*words.LIMIT_PRICE, *words.STOP_PRICE))
    rests |= any(not is_off(value) for _, value in waits_at)
    prices = (*words.LIMIT_PRICE, *words.STOP_PRICE, *words.REF_PRICE)
    # Without any price a `type` cannot be an order's: it says why.
    types = ("type",) if any(name in fields.values for name in prices) else ()
    for _, value in fields.take((*words.ORDER_TYPE, *types)):
        said = word(value)
        rests |= words.ORDER_TYPES.get(said, "market") != "market"
        rests |= said in words.FOREIGN_ORDERS - _REASONS
    if rests:
        raise Refused("unsupported_order", "A position is closed at the market only.")


def _tif(fields: NamedFields, order_type: str) -> str:
    """How long it rests; an order at the market fills at once, however long it might have."""
    given = fields.same(words.TIF)
    said = "" if given is None else word(plain_text(given, "time in force"))
    if said and said not in words.TIFS:
        raise Refused("unsupported_order", f"An order cannot rest as {given!r} here.")
    return "" if order_type == "market" and said in ("day", "gtc") else said


def _order_type(fields: NamedFields, order_type: str) -> str:
    given = fields.same(words.ORDER_TYPE)
    if given is not None:
        found = words.ORDER_TYPES.get(word(plain_text(given, "order type")))
        if found is None:
            raise Refused("unknown_order_type", "The order type is not known.")
    else:
        kind = fields.values.get("type")
        if isinstance(kind, str) and word(kind) in words.FOREIGN_ORDERS:
            raise Refused("unsupported_order", f"An order of type {kind!r} cannot be carried out.")
        found = words.ORDER_TYPES.get(word(kind)) if isinstance(kind, str) else None
        flags = {name: flag(value, name) for name, value in fields.take(("islimit", "ismarket"))}
        if flags.get("islimit"):
            found = "limit"
        elif flags.get("ismarket") is False and found in (None, "market"):
            raise Refused("unknown_order_type", "It is no market order, and which one is not said.")
    if found is None:
        return order_type
    if order_type not in ("market", found):
        raise Refused("conflicting_fields", "Two order types are named.")
    return found


def _sizes(fields: NamedFields, size_units: Mapping[str, str | None]) -> list[Stated]:
    """Return the stated sizes. A bar's volume, and a zero that means none, is no size."""
    found = fields.take(words.SIZES)
    is_bar = any(name in fields.values for name in ("open", "high", "low", "barvolume"))
    if is_bar or len(found) > 1:
        found = [(name, value) for name, value in found if name != "volume"]
    if any(name in fields.values for name in words.AFTER_SIZE_SIGNED + words.AFTER_SIZE):
        found = [(name, value) for name, value in found if not _is_zero(value, name)]
    kind = fields.same(words.SIZE_TYPE)
    stated = []
    for name, value in found:
        unit = size_units.get(name, words.SIZES[name])
        if kind is not None:
            said = _size_type(kind)
            if name not in _TYPED_SIZES and unit not in (None, said):
                raise Refused("conflicting_sizes", f"{name} is not in {kind}.")
            unit = said
        if isinstance(value, str) and value.strip().endswith("$"):
            unit, value = "notional", value.strip().removesuffix("$")
        stated.append(Stated(name, unit, value))
    return stated


def _size_type(given: Any) -> str | None:
    said = word(plain_text(given, "size type"))
    if said not in words.SIZE_TYPES:
        raise Refused("unknown_size_mode", "The size type cannot be carried out here.")
    return words.SIZE_TYPES[said]


def _is_zero(value: Any, name: str) -> bool:
    if isinstance(value, str) and value.strip().strip("0.") in ("", "%"):
        return bool(value.strip())
    return not isinstance(value, str) and number(value, name) == 0
