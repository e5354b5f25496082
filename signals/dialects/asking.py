"""What the words of a generic message ask for: one event, one side, or a refusal. Pure.

Action words, flags and position words are heard first and then settled: where they contradict each
other, or leave an entry's side open, the message is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from signals.dialects import vocabulary as words
from signals.dialects.base import Refused
from signals.dialects.drafts import SIGN, other_side
from signals.dialects.named_fields import NamedFields
from signals.dialects.switches import (
    CLOSE_OPPOSITE,
    EFFECT,
    POSITION_SIDE,
    REDUCE_ONLY,
    TEST,
)
from signals.dialects.values import flag, number, plain_text, word

# trend.fi and others send four flags; then `sell` closes a long and `cover` a short.
_FOUR_FLAGS: Final = {
    "buy": words.Ask("entry", "buy"),
    "sell": words.Ask("exit", "sell"),
    "short": words.Ask("entry", "sell"),
    "cover": words.Ask("exit", "buy"),
}
_SIDE_FLAGS: Final = {
    "buy": "buy",
    "sell": "sell",
    "isbuy": "buy",
    "issell": "sell",
    "long": "buy",
    "short": "sell",
    "islong": "buy",
    "isshort": "sell",
}
# Beside an order these say that it closes, as a reduce-only one does.
_CLOSE_FLAGS: Final = ("isclose", "closeposition", "exitposition")
# `closeLong: true` beside `isClose: true` says which side.
_CLOSE_SIDE_FLAGS: Final = {"closelong": "sell", "closeshort": "buy"}
_CANCEL_FLAGS: Final = ("cancelall", "cancelallorders")
_CLOSING_WORDS: Final = ("close", "closing", "exit", "reduce", "closetoday", "closeyesterday")
_OPENING_WORDS: Final = ("open", "opening", "entry", "increase")
_FLAGS: Final = frozenset(
    {*_SIDE_FLAGS, *_CLOSE_FLAGS, *_CLOSE_SIDE_FLAGS, *_CANCEL_FLAGS, "cover", "closeall"}
    | {"flattenall", "closecurrentposition"}
)
# Every name that is asked about here.
HEARD: Final = frozenset(
    {*words.ACTION_HARD, *words.ACTION_SOFT, *words.AFTER_WORD, *words.BEFORE_WORD, *_FLAGS}
    | {*EFFECT, *POSITION_SIDE, *REDUCE_ONLY, *CLOSE_OPPOSITE, *TEST, "reason", "targetposition"}
)


@dataclass(slots=True)
class Asked:
    """What the words of a message say, before they are put together."""

    asks: set[words.Ask] = field(default_factory=set)
    directions: set[str] = field(default_factory=set)
    names_position: bool = False
    is_flat: bool = False
    unknown: str = ""
    report: str = ""


def hear(fields: NamedFields) -> Asked:
    """Return what the action fields and flags say."""
    asked = Asked()
    fields.rename_number("position", "positionsize")
    fields.rename_zero("targetposition", "positionsize")
    for name, value in fields.take(words.ACTION_HARD):
        if not isinstance(value, str):
            raise Refused("wrong_type", f"{name} must be text.")
        _hear(asked, fields, name, plain_text(value, name))
    for name in words.ACTION_SOFT:
        # A number or a list under such a name stays unread: it may be an instruction.
        if isinstance(fields.values.get(name), str):
            _hear(asked, fields, name, plain_text(fields.first([name]), name))
    _hear_reason(asked, fields)
    _hear_flags(asked, fields)
    _hear_close_flags(asked, fields)
    close = fields.values.get("close")
    if isinstance(close, str) and word(close) == "all":
        asked.asks.add(words.Ask("close_all"))
    elif close is True:
        asked.asks.add(words.Ask("exit"))
    _hear_scope(asked, fields)
    cancels = any(flag(value, name) for name, value in fields.take(_CANCEL_FLAGS))
    if cancels and not (asked.asks or asked.directions or asked.unknown):
        asked.asks.add(words.Ask("cancel_all"))
    return asked


def is_test(fields: NamedFields) -> bool:
    """A flag that says test must never reach a market, whatever else is asked."""
    return any(flag(value, name) for name, value in fields.take(TEST))


def _hear(asked: Asked, fields: NamedFields, name: str, text: str) -> None:
    said, is_hard = word(text), name in words.ACTION_HARD
    if said in words.DIRECTIONS:
        asked.directions.add(words.DIRECTIONS[said])
        asked.names_position |= said in words.POSITIONS
    elif said in words.ASKS:
        asked.asks.add(words.ASKS[said])
        asked.is_flat |= said in ("flat", "flatten")
    elif is_hard and said not in words.PLACES:
        code = "unknown_side" if name in ("side", "direction") else "unknown_event"
        raise Refused(code, f"{name} {text!r} is not understood.")
    elif not is_hard and not (name == "type" and said in words.ORDER_TYPES):
        asked.unknown = asked.unknown or name
        if name in words.REPORTS or (name in words.LABELS and said in words.LIFE):
            asked.report = asked.report or f"{name} {text!r}"
        elif name not in words.LABELS:
            fields.note_unclear(name)


def _hear_reason(asked: Asked, fields: NamedFields) -> None:
    """A reason is a remark, but for a word of an order's life."""
    value = fields.first(["reason"])
    if isinstance(value, str) and word(value) in words.LIFE | words.PROTECTS:
        asked.report = asked.report or f"reason {value!r}"


def _hear_flags(asked: Asked, fields: NamedFields) -> None:
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


def _hear_close_flags(asked: Asked, fields: NamedFields) -> None:
    for name, side in _CLOSE_SIDE_FLAGS.items():
        if flag(fields.first([name]), name):
            asked.asks.add(words.Ask("exit", side))
    for name, value in fields.take(("closeall", "flattenall")):
        if flag(value, name):
            asked.asks.add(words.Ask("close_all"))
    if flag(fields.first(["closecurrentposition"]), "closecurrentposition"):
        if asked.directions or any(ask.event == "entry" for ask in asked.asks):
            raise Refused("unsupported_option", "Close and open in two messages, or say reverse.")
        asked.asks.add(words.Ask("exit"))


def _hear_scope(asked: Asked, fields: NamedFields) -> None:
    """A reduce-only order, or one on the other side's position, closes and never opens."""
    _hear_effect(asked, fields)
    position = _position_side(fields)
    reduces = any(flag(value, name) for name, value in fields.take((*REDUCE_ONLY, *_CLOSE_FLAGS)))
    opposite = [name for name, value in fields.take(CLOSE_OPPOSITE) if flag(value, name)]
    order_side = next(iter(asked.directions), None) if len(asked.directions) == 1 else None
    if asked.names_position:
        order_side = None
    if any(ask.event not in ("entry", "reverse") for ask in asked.asks):
        _narrow(asked, position, order_side)
    elif position is not None and order_side is not None and order_side != position:
        asked.asks.add(words.Ask("exit", order_side))
    elif reduces:
        asked.asks.add(words.Ask("exit", order_side))
        # `short` may be the position to reduce or the order that reduces the other one.
        asked.names_position = False
        _narrow(asked, position, order_side)
    elif position is not None:
        asked.directions.add(position)
        asked.names_position |= order_side is None
        for name in opposite:
            fields.note_unclear(name)
    elif opposite:
        _hear_close_opposite(asked, fields)


def _hear_effect(asked: Asked, fields: NamedFields) -> None:
    for name, value in fields.take(EFFECT):
        if word(value) in _CLOSING_WORDS:
            asked.asks.add(words.Ask("exit"))
        elif word(value) not in _OPENING_WORDS:
            fields.note_unclear(name)


def _narrow(asked: Asked, position: str | None, order_side: str | None) -> None:
    """What closes, closes the position that is named; an order on its own side cannot."""
    if position is None:
        return
    if order_side == position:
        raise Refused("conflicting_sides", "This order would not close that position.")
    if order_side is not None:
        asked.directions.clear()
    asked.directions.add(position)
    asked.names_position = True


def _hear_close_opposite(asked: Asked, fields: NamedFields) -> None:
    """Without position facts, which say more, this is a reversal."""
    told = (*words.AFTER_WORD, *words.AFTER_SIZE_SIGNED, *words.AFTER_SIZE, *words.BEFORE_WORD)
    if not any(name in fields.values for name in told):
        sides = {ask.side for ask in asked.asks if ask.event == "entry"} - {None}
        asked.asks = {ask for ask in asked.asks if ask.event != "entry"}
        asked.asks |= {words.Ask("reverse", side) for side in sides or {None}}


def _position_side(fields: NamedFields) -> str | None:
    """Return the direction of the position that an order is on, where the account has two."""
    given = fields.same(POSITION_SIDE, "conflicting_sides")
    if given is None or word(given) in ("both", "net", ""):
        return None
    said = word(plain_text(given, "position side"))
    if said not in words.DIRECTIONS:
        raise Refused("unknown_side", "The side of the position must be long or short.")
    return words.DIRECTIONS[said]


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
class Settled:
    """The one thing asked for. `event` is `change` where a side and perhaps positions are known."""

    event: str
    side: str | None
    order_type: str = "market"
    before: str | None = None
    after: str | None = None
    is_widened: bool = False
    is_flat: bool = False


def settle(asked: Asked, fields: NamedFields) -> Settled:
    """Return the one thing asked for."""
    before = _position(fields, words.BEFORE_WORD)
    after = _position(fields, words.AFTER_WORD)
    events = {ask.event for ask in asked.asks}
    sides = {ask.side for ask in asked.asks} - {None}
    if len(asked.directions) > 1 or len(sides) > 1:
        raise Refused("conflicting_sides", "Two directions are asked for at once.")
    if len(events) > 1:
        raise Refused("conflicting_fields", f"{' and '.join(sorted(events))} are both asked for.")
    direction = next(iter(asked.directions), None)
    side = next(iter(sides), None)
    order_types = {ask.order_type for ask in asked.asks} - {"market"}
    if len(order_types) > 1:
        raise Refused("conflicting_fields", "Two order types are asked for.")
    order_type = next(iter(order_types), "market")
    if not events:
        return _settle_change(asked, direction, before, after)
    event = events.pop()
    if event == "entry":
        _agree(side, direction)
        side = side or direction
        if side is None:
            raise Refused("side_required", "The entry does not say buy or sell.")
        return Settled("change", side, order_type, before, _entered(side, after))
    if event == "amend":
        _agree(side, direction)
        return Settled(event, side or direction)
    if event == "reverse":
        _agree(side, direction)
        return _settle_reversal(side or direction, before, after)
    if event in ("exit", "partial_exit", "cancel"):
        return _settle_undoing(event, side, asked, fields)
    return Settled(event, None)


def _settle_reversal(side: str | None, before: str | None, after: str | None) -> Settled:
    if side is None:
        raise Refused("side_required", "A reversal must say where to.")
    after = _entered(side, after)
    if before == after:
        raise Refused("position_mismatch", f"The position is {before} already.")
    return Settled("reverse", side, before=before, after=after)


def _settle_undoing(event: str, side: str | None, asked: Asked, fields: NamedFields) -> Settled:
    """An exit after which the chart's position is still open closes only a part of it."""
    direction, names_position = next(iter(asked.directions), None), asked.names_position
    open_after = _position(fields, words.AFTER_MARKET) not in (None, "flat")
    if event == "exit" and open_after:
        event = "partial_exit"
    named = words.DIRECTIONS.get(word(fields.values.get("position")))
    if direction is None and named is not None:
        direction, names_position = named, True
    undoing = _undoing_side(side, direction, names_position)
    is_widened = direction is not None and undoing == "any"
    is_flat = event == "exit" and _is_flat(asked, fields)
    return Settled(event, undoing, is_widened=is_widened, is_flat=is_flat)


def _is_flat(asked: Asked, fields: NamedFields) -> bool:
    """Whether the message says that nothing is left; a position afterwards that is none decides."""
    given = [fields.same(words.AFTER_SIZE_SIGNED), fields.same(words.AFTER_SIZE)]
    sizes = [number(size, "position size") for size in given if size is not None]
    if any(sizes):
        return False
    return asked.is_flat or bool(sizes) or _position(fields, words.AFTER_MARKET) == "flat"


def _settle_change(
    asked: Asked, direction: str | None, before: str | None, after: str | None
) -> Settled:
    if direction is not None:
        if asked.names_position and after is not None:
            _entered(direction, after)
        return Settled("change", direction, "market", before, after)
    if before is not None and after is not None and before != after:
        side = "buy" if SIGN[after] > SIGN[before] else "sell"
        return Settled("change", side, "market", before, after)
    if after == "flat":
        return Settled("exit", "any")
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
