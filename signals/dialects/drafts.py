"""A reading under construction: legs with their sources, strategy defaults, position changes. Pure.

Sides: an entry's is the order's; an exit's or a cancel's is that of the order that undoes it (the
exit of a long sells); an amend's is the trade's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from signals.dialects.base import PositionTold, Reading, Refused, StrategyDefaults
from signals.dialects.defaults import default_size, default_target
from signals.dialects.terms import DEFAULT, DERIVED, UNDECLARED, Terms
from signals.dialects.values import Times
from signals.intents.checks import CLOSE_MODES
from signals.intents.intent import Intent
from signals.intents.invalid import IntentInvalid
from signals.intents.legs import Leg, Size

SIGN: Final = {"buy": 1, "sell": -1, "long": 1, "short": -1, "flat": 0}
STATE: Final = {1: "long", -1: "short", 0: "flat"}
_OTHER: Final = {"buy": "sell", "sell": "buy"}
# Chart numbers are binary fractions in print: 0.3 - 0.1 - 0.2 is not always 0 there.
_NOISE: Final = Decimal("0.000001")
_PCT_DIGITS: Final = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a strategy's order did to its position. Sizes are signed; words: long, short, flat."""

    side: str
    before: Decimal | None = None
    after: Decimal | None = None
    before_word: str | None = None
    after_word: str | None = None


class Draft:
    """Collects the legs of one message for one symbol."""

    def __init__(self, symbol: str, defaults: StrategyDefaults) -> None:
        self.symbol = symbol
        self.defaults = defaults
        self.legs: list[Leg] = []
        self.sources: dict[str, str] = {}
        self.position: PositionTold | None = None

    def entry(self, side: str, terms: Terms) -> None:
        """Add an entry; what it leaves open comes from the strategy, or stays open."""
        sources = dict(terms.sources)
        size = terms.size
        if size is None and (size := default_size(self.defaults)) is not None:
            sources["size"] = DEFAULT
        targets = {"sl": terms.sl, "tp": terms.tp}
        for which, target in targets.items():
            if target is None:
                targets[which] = default_target(self.defaults, which)
                if targets[which] is not None:
                    sources[which] = DEFAULT
        self._add(
            Leg(
                verb="entry",
                side=side,
                symbol_raw=self.symbol,
                order_type=terms.order_type,
                limit_price=terms.limit_price,
                stop_price=terms.stop_price,
                size=size,
                sl=targets["sl"],
                tp=targets["tp"],
                tif=terms.tif,
                plan=terms.plan,
            ),
            sources,
        )

    def exit(self, side: str, source: str | None = None) -> None:
        """Add a full exit; `side` is the closing order's, `any` closes either direction."""
        self._add(_leg("exit", side, self.symbol), {"side": source} if source else {})

    def partial_exit(self, side: str, part: Decimal | Size, source: str | None = None) -> None:
        """Add an exit of a share of the position in percent, or of so much; all is an exit."""
        if part == 100:
            self.exit(side)
            return
        share, size = (None, part) if isinstance(part, Size) else (part, None)
        leg = Leg(
            verb="partial_exit", side=side, symbol_raw=self.symbol, close_pct=share, size=size
        )
        self._add(leg, {"close_pct": source} if source else {})

    def cancel(self, side: str) -> None:
        """Add the cancelling of waiting orders; `side` is the opposite of theirs."""
        self._add(_leg("cancel", side, self.symbol), {})

    def cancel_all(self) -> None:
        """Add the cancelling of every waiting order on the symbol."""
        self._add(_leg("cancel_all", "any", self.symbol), {})

    def close_all(self) -> None:
        """Add the closing of everything on the symbol, or everything at all without one."""
        self._add(_leg("close_all", "any", self.symbol), {})

    def amend(self, side: str, terms: Terms) -> None:
        """Add new stops or targets for the open trade of this side."""
        leg = Leg(verb="amend", side=side, symbol_raw=self.symbol, sl=terms.sl, tp=terms.tp)
        self._add(leg, terms.sources)

    def tell(self, side: str, after_word: str | None) -> None:
        """Note the position after an order, where the message names it."""
        if after_word is not None:
            change = Change(side=side, after_word=after_word)
            self.position = _told(self.symbol, change, None, SIGN[after_word])

    def change(self, change: Change, terms: Terms) -> None:
        """Add the legs that lead from the position before to the one after."""
        d = SIGN[change.side]
        change = _completed(change, terms)
        before, after = (
            _state(change.before, change.before_word),
            _state(change.after, change.after_word),
        )
        self.position = _told(self.symbol, change, before, after)
        if after is None:
            if before == -d:
                raise Refused("position_mismatch", "The position afterwards is not named.")
            after = d
        if after == 0:
            _require_fit(before in (None, -d), change)
            self._market_only(terms)
            self.exit(change.side)
        elif after == -d:
            _require_fit(before in (None, -d), change)
            self._market_only(terms)
            share = _closed_share(change)
            if share is not None:
                self.partial_exit(change.side, share, DERIVED)
            elif terms.size is not None and terms.size.mode in CLOSE_MODES:
                self.partial_exit(change.side, terms.size)
            else:
                raise Refused("close_pct_required", "How much of it to close is not said.")
        elif before == -d:
            self._market_only(terms)
            self.exit(change.side)
            self.entry(change.side, _reversed_terms(terms, change.after))
        else:
            self.entry(change.side, _opened_terms(terms, change))

    def reading(
        self,
        dialect: str,
        *,
        times: Times | None = None,
        kind: str = "trade",
        sender_id: str | None = None,
        trade_ref: str | None = None,
        ref_id: str | None = None,
        ref_price: Decimal | None = None,
        expires_at: datetime | None = None,
        rests_until: datetime | None = None,
        unknown: Mapping[str, Any] | None = None,
    ) -> Reading:
        """Return the finished reading; what no order may ask for is refused.

        `rests_until`: how long an entry lives that waits at the broker. `unknown`: see `Reading`.
        """
        times = times or Times()
        try:
            intent = Intent(
                kind=kind,
                legs=tuple(_with_end(leg, rests_until) for leg in self.legs),
                sender_id=sender_id,
                trade_ref=trade_ref,
                ref_id=ref_id,
                timeframe=times.timeframe,
                bar_time=times.bar_time,
                expires_at=expires_at,
                ref_price=ref_price,
                sources=self.sources,
            )
        except IntentInvalid as error:
            raise Refused(error.code, error.message) from error
        return Reading(
            dialect=dialect,
            intent=intent,
            signalled_at=times.signalled_at,
            sent_at=times.sent_at,
            position=self.position,
            unknown=unknown or {},
        )

    def _add(self, leg: Leg, sources: dict[str, str]) -> None:
        for name, source in sources.items():
            self.sources[f"legs.{len(self.legs)}.{name}"] = source
        self.legs.append(leg)

    @staticmethod
    def _market_only(terms: Terms) -> None:
        if terms.order_type != "market":
            raise Refused("unsupported_order", "A position is closed at the market only.")


def _with_end(leg: Leg, until: datetime | None) -> Leg:
    """An order at the market does not rest: its time is over with the alert's."""
    if until is None or not leg.is_entry or leg.order_type == "market":
        return leg
    return replace(leg, tif="gtd", good_until=until)


def closing_side(position: str) -> str:
    """Return the side that closes a long or short position."""
    return "sell" if SIGN[position] > 0 else "buy"


def other_side(side: str) -> str:
    """Return the opposite of buy or sell."""
    return _OTHER[side]


def _leg(verb: str, side: str, symbol: str) -> Leg:
    return Leg(verb=verb, side=side, symbol_raw=symbol)


def _completed(change: Change, terms: Terms) -> Change:
    """Work out the size before from the order and the size after, where the words agree."""
    after, before = change.after, change.before
    quantity = terms.size.value if terms.size and terms.size.mode == "qty" else None
    if change.after_word == "flat":
        after = Decimal(0)
    if change.before_word == "flat":
        before = Decimal(0)
    if before is None and after is not None and quantity is not None:
        found = after - SIGN[change.side] * quantity
        if abs(found) <= _NOISE * max(abs(after), quantity):
            found = Decimal(0)
        said = change.before_word
        before = found if said is None or _sign(found) == SIGN[said] else None
    return Change(
        side=change.side,
        before=before,
        after=after,
        before_word=change.before_word,
        after_word=change.after_word,
    )


def _state(size: Decimal | None, said: str | None) -> int | None:
    """Return 1, -1 or 0 for long, short, flat; the word and the number must agree."""
    if said is None:
        return None if size is None else _sign(size)
    if size is not None and _sign(size) != SIGN[said]:
        raise Refused("position_mismatch", "Position and position size do not agree.")
    return SIGN[said]


def _told(
    symbol: str, change: Change, before: int | None, after: int | None
) -> PositionTold | None:
    """Return what the message says of the position; what only follows from its legs is not said."""
    if before is None and after is None:
        return None
    d = SIGN[change.side]
    if before is None and after != d:
        # Only the opposite position can be made smaller or closed by this order.
        before = -d
    return PositionTold(
        symbol_raw=symbol,
        before=frozenset() if before is None else frozenset({STATE[before]}),
        before_size=change.before,
        after=frozenset({STATE[d if after is None else after]}),
        after_size=change.after,
    )


def _sign(size: Decimal) -> int:
    return (size > 0) - (size < 0)


def _require_fit(fits: bool, change: Change) -> None:
    if not fits:
        raise Refused("position_mismatch", f"A {change.side} cannot lead to that position.")


def _closed_share(change: Change) -> Decimal | None:
    if not change.before or change.after is None:
        return None
    _require_fit(abs(change.after) < abs(change.before), change)
    share = (abs(change.before) - abs(change.after)) / abs(change.before) * 100
    return share.quantize(_PCT_DIGITS)


def _reversed_terms(terms: Terms, after: Decimal | None) -> Terms:
    """The order closed and opened at once; only what it opened is the entry's size."""
    if terms.size is None or terms.size.mode != "qty":
        return terms
    size = Size("qty", abs(after)) if after else None
    return _with_size(terms, size, DERIVED if size else UNDECLARED)


def _opened_terms(terms: Terms, change: Change) -> Terms:
    if change.before is not None and change.after is not None:
        _require_fit(abs(change.after) >= abs(change.before), change)
    return terms


def _with_size(terms: Terms, size: Size | None, source: str) -> Terms:
    return Terms(
        order_type=terms.order_type,
        limit_price=terms.limit_price,
        stop_price=terms.stop_price,
        size=size,
        sl=terms.sl,
        tp=terms.tp,
        tif=terms.tif,
        sources={**terms.sources, "size": source},
    )
