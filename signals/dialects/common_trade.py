"""From named fields to a reading: what generic JSON and generic `key=value` alerts have in common.

Pure. Words say what is asked, position facts what an order did; where they contradict each other
or leave the side open, the message is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.common_terms import close_share, entry_terms, target_terms
from signals.dialects.defaults import default_target, default_timeframe
from signals.dialects.drafts import SIGN, Change, Draft, other_side
from signals.dialects.named_fields import NamedFields
from signals.dialects.terms import IGNORED, UNDECLARED
from signals.dialects.values import (
    Times,
    flag,
    number,
    plain_text,
    reference,
    reference_price,
    symbol,
    times,
    word,
)

# trend.fi and others send four flags; then `sell` closes a long and `cover` a short.
_FOUR_FLAGS: Final = {
    "buy": words.Ask("entry", "buy"),
    "sell": words.Ask("exit", "sell"),
    "short": words.Ask("entry", "sell"),
    "cover": words.Ask("exit", "buy"),
}
_SIDE_FLAGS: Final = {
    "buy": "buy", "sell": "sell", "isbuy": "buy", "issell": "sell",
    "long": "buy", "short": "sell", "islong": "buy", "isshort": "sell",
}  # fmt: skip
_CLOSE_FLAGS: Final = ("isclose", "closeposition", "exitposition")
_TEST_FLAGS: Final = ("test", "istest", "dryrun", "testmode", "simulate")


@dataclass(slots=True)
class _Asked:
    """What the words of a message say, before they are put together."""

    asks: set[words.Ask] = field(default_factory=set)
    directions: set[str] = field(default_factory=set)
    names_position: bool = False
    unknown: str = ""


def read_trade(
    dialect: str,
    fields: NamedFields,
    defaults: StrategyDefaults,
    size_units: Mapping[str, str | None],
) -> Reading:
    """Return the reading of named fields. `size_units` may give bare names a dialect's unit."""
    asked = _asked(fields)
    ref_price = _ref_price(fields)
    when = _times(fields, defaults)
    if any(ask.event == "test" for ask in asked.asks) or _is_test(fields):
        return Draft("", defaults).reading(dialect, kind="test", times=when)
    draft = Draft(_symbol(fields, asked), defaults)
    if fields.take(words.OPTIONS):
        raise Refused("unsupported_order", "Option contracts cannot be chosen here.")
    ask = _settle(asked, _change_words(fields))
    _cancel_first(draft, fields, ask)
    _add_legs(draft, fields, ask, ref_price, size_units)
    _check_rest(draft, fields)
    return draft.reading(
        dialect,
        times=when,
        sender_id=_sender_id(fields),
        trade_ref=reference(fields.first(words.TRADE_REF), "trade id"),
        ref_id=reference(fields.first(words.REF_ID), "ref id"),
        ref_price=ref_price,
    )


def _asked(fields: NamedFields) -> _Asked:
    asked = _Asked()
    for names, is_hard in ((words.ACTION_HARD, True), (words.ACTION_SOFT, False)):
        for name, value in fields.take(names):
            if isinstance(value, str):
                _hear(asked, name, plain_text(value, name), is_hard)
            elif is_hard:
                raise Refused("wrong_type", f"{name} must be text.")
    _hear_flags(asked, fields)
    close = fields.values.get("close")
    if isinstance(close, str) and word(close) == "all":
        asked.asks.add(words.Ask("close_all"))
    elif close is True:
        asked.asks.add(words.Ask("exit"))
    return asked


def _is_test(fields: NamedFields) -> bool:
    """A flag that says test must never reach a market, whatever else is asked."""
    return any(flag(value, name) for name, value in fields.take(_TEST_FLAGS))


def _hear(asked: _Asked, name: str, text: str, is_hard: bool) -> None:
    said = word(text)
    if said in words.DIRECTIONS:
        asked.directions.add(words.DIRECTIONS[said])
        asked.names_position |= said in words.POSITIONS
    elif said in words.ASKS:
        asked.asks.add(words.ASKS[said])
    elif is_hard:
        code = "unknown_side" if name in ("side", "direction") else "unknown_event"
        raise Refused(code, f"{name} {text!r} is not understood.")
    elif said not in words.ORDER_TYPES:
        asked.unknown = asked.unknown or name


def _hear_flags(asked: _Asked, fields: NamedFields) -> None:
    has_four = "cover" in fields.values
    for name, side in _SIDE_FLAGS.items():
        if isinstance(fields.values.get(name), bool):
            fields.take([name])
            if fields.values[name]:
                if has_four and name in _FOUR_FLAGS:
                    asked.asks.add(_FOUR_FLAGS[name])
                else:
                    asked.directions.add(side)
    if has_four and flag(fields.first(["cover"]), "cover"):
        asked.asks.add(_FOUR_FLAGS["cover"])
    for name, value in fields.take(_CLOSE_FLAGS):
        if flag(value, name):
            asked.asks.add(words.Ask("exit"))
    for name, value in fields.take(("closeall", "flattenall")):
        if flag(value, name):
            asked.asks.add(words.Ask("close_all"))


def _change_words(fields: NamedFields) -> tuple[str | None, str | None]:
    return _position(fields, words.BEFORE_WORD), _position(fields, words.AFTER_WORD)


def _position(fields: NamedFields, names: tuple[str, ...]) -> str | None:
    value = fields.same(names, "position_mismatch")
    if value is None:
        return None
    if not isinstance(value, str):
        raise Refused("wrong_type", "A position must be long, short or flat.")
    said = words.POSITIONS.get(word(plain_text(value, "position")))
    if said is None:
        raise Refused("position_mismatch", "A position must be long, short or flat.")
    return said


@dataclass(frozen=True, slots=True)
class _Settled:
    """The one thing asked for. `event` is `change` where a side and perhaps positions are known."""

    event: str
    side: str | None
    order_type: str = "market"
    before: str | None = None
    after: str | None = None
    is_widened: bool = False


def _settle(asked: _Asked, positions: tuple[str | None, str | None]) -> _Settled:
    before, after = positions
    events = {ask.event for ask in asked.asks}
    sides = {ask.side for ask in asked.asks} - {None}
    if len(asked.directions) > 1 or len(sides) > 1:
        raise Refused("conflicting_sides", "Two directions are asked for at once.")
    if len(events) > 1:
        raise Refused("conflicting_fields", f"{' and '.join(sorted(events))} are both asked for.")
    direction = next(iter(asked.directions), None)
    side = next(iter(sides), None)
    order_type = next(
        (ask.order_type for ask in asked.asks if ask.order_type != "market"), "market"
    )
    if not events:
        return _settle_change(asked, direction, before, after)
    event = events.pop()
    if event == "entry":
        _agree(side, direction)
        side = side or direction
        if side is None:
            raise Refused("side_required", "The entry does not say buy or sell.")
        return _Settled("change", side, order_type, before, _entered(side, after))
    if event in ("reverse", "amend"):
        _agree(side, direction)
        return _Settled(event, side or direction)
    if event in ("exit", "partial_exit", "cancel"):
        undoing = _undoing_side(side, direction, asked.names_position)
        return _Settled(event, undoing, is_widened=direction is not None and undoing == "any")
    return _Settled(event, None)


def _settle_change(
    asked: _Asked, direction: str | None, before: str | None, after: str | None
) -> _Settled:
    if direction is not None:
        if asked.names_position and after is not None:
            _entered(direction, after)
        return _Settled("change", direction, "market", before, after)
    if before is not None and after is not None and before != after:
        side = "buy" if SIGN[after] > SIGN[before] else "sell"
        return _Settled("change", side, "market", before, after)
    if after == "flat":
        return _Settled("exit", "any")
    if asked.unknown:
        raise Refused("unknown_event", f"{asked.unknown} is not understood.")
    raise Refused("side_required", "The message does not say what to do.")


def _entered(side: str, after: str | None) -> str:
    """Return the position that an entry leads to; another one named is a contradiction."""
    expected = "long" if side == "buy" else "short"
    if after not in (None, expected):
        raise Refused("position_mismatch", f"After an entry the position is {expected}.")
    return expected


def _agree(side: str | None, direction: str | None) -> None:
    if side is not None and direction is not None and side != direction:
        raise Refused("conflicting_sides", "Two directions are asked for at once.")


def _undoing_side(side: str | None, direction: str | None, names_position: bool) -> str:
    """Return the side that undoes: `close` with `long` sells, with `buy` it stays open which."""
    if direction is None:
        return side or "any"
    if names_position:
        _agree(side, other_side(direction))
        return other_side(direction)
    return side or "any"


def _cancel_first(draft: Draft, fields: NamedFields, ask: _Settled) -> None:
    """An order to cancel what waits, beside something else, comes first."""
    asked = [name for name, value in fields.take(("cancel", "cancelall")) if flag(value, name)]
    if asked and ask.event not in ("cancel", "cancel_all"):
        draft.cancel_all()


def _add_legs(
    draft: Draft,
    fields: NamedFields,
    ask: _Settled,
    ref_price: Decimal | None,
    size_units: Mapping[str, str | None],
) -> None:
    if ask.event == "change":
        terms = entry_terms(fields, draft.defaults, size_units, ask.order_type, ref_price)
        draft.change(_change(fields, ask), terms)
    elif ask.event == "reverse":
        if ask.side is None:
            raise Refused("side_required", "A reversal must say where to.")
        draft.exit(ask.side)
        terms = entry_terms(fields, draft.defaults, size_units, ask.order_type, ref_price)
        draft.entry(ask.side, terms)
    elif ask.event == "amend":
        draft.amend(ask.side or "any", target_terms(fields, draft.defaults, ref_price))
    elif ask.event in ("exit", "partial_exit"):
        close_pct = close_share(fields)
        if close_pct is not None:
            draft.partial_exit(ask.side or "any", close_pct)
        elif ask.event == "partial_exit":
            raise Refused("close_pct_required", "How much of the position to close is not said.")
        else:
            draft.exit(ask.side or "any", UNDECLARED if ask.is_widened else None)
    elif ask.event == "cancel":
        draft.cancel(ask.side or "any")
    elif ask.event == "cancel_all":
        draft.cancel_all()
    else:
        draft.close_all()


def _change(fields: NamedFields, ask: _Settled) -> Change:
    after = _signed(fields.same(words.AFTER_SIZE_SIGNED), ask.after, "position size")
    if after is None:
        after = _signed(fields.same(words.AFTER_SIZE), ask.after, "market position size", False)
    before = _signed(fields.same(words.BEFORE_SIZE), ask.before, "previous size", False)
    return Change(
        side=ask.side or "", before=before, after=after,
        before_word=ask.before, after_word=ask.after,
    )  # fmt: skip


def _signed(value: Any, said: str | None, name: str, is_signed: bool = True) -> Decimal | None:
    """Return a position size with its sign: the word's, its own, or none if it cannot be known."""
    if value is None:
        return None
    size = number(value, name)
    if said is not None:
        if size < 0 and SIGN[said] > 0:
            raise Refused("position_mismatch", f"{name} and the position do not agree.")
        return SIGN[said] * abs(size)
    return size if is_signed or size <= 0 else None


def _symbol(fields: NamedFields, asked: _Asked) -> str:
    value = fields.same(words.SYMBOL)
    exchange = fields.first(words.EXCHANGE)
    whole = {ask.event for ask in asked.asks}
    if value is None and whole and whole <= {"close_all", "cancel_all"}:
        return ""
    return symbol(value, exchange if isinstance(exchange, str) else None)


def _ref_price(fields: NamedFields) -> Decimal | None:
    for name, value in fields.take(words.REF_PRICE):
        if isinstance(value, bool) or (isinstance(value, str) and word(value) in ("all", "market")):
            continue
        price = reference_price(value, name)
        if price is not None:
            return price
    return None


def _times(fields: NamedFields, defaults: StrategyDefaults) -> Times:
    return times(
        either=fields.first(words.TIME_EITHER),
        bar=fields.first(words.TIME_BAR),
        sent=fields.first(words.TIME_SENT),
        interval=fields.first(words.INTERVAL) or default_timeframe(defaults),
    )


def _sender_id(fields: NamedFields) -> str | None:
    """Return the message's id, unless it is an order's name that comes again with every alert."""
    given = reference(fields.first(words.SENDER_ID), "id")
    if given is None:
        return None
    parts = re.findall(r"[a-z]+", given.lower())
    is_name = all(part in words.ORDER_ID_WORDS for part in parts) and not re.search(
        r"[0-9]{3}", given
    )
    return None if is_name else given


def _check_rest(draft: Draft, fields: NamedFields) -> None:
    numbers = [n for n, leg in enumerate(draft.legs) if leg.event in ("entry", "amend")]
    if not numbers:
        return
    leg = draft.legs[numbers[-1]]
    has_stop = leg.sl is not None or default_target(draft.defaults, "sl") is not None
    if fields.check_rest(has_stop=has_stop):
        draft.sources[f"legs.{numbers[-1]}.trailing"] = IGNORED
