"""From named fields to a reading: what generic JSON and generic `key=value` alerts have in common.

Pure. `asking` says what is asked, position facts say what an order did, the rest are its terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from signals.dialects import vocabulary as words
from signals.dialects.asking import HEARD, Asked, Settled, hear, is_test, settle
from signals.dialects.base import Reading, Refused, StrategyDefaults
from signals.dialects.common_terms import close_part, entry_terms, target_terms
from signals.dialects.defaults import default_target
from signals.dialects.drafts import SIGN, Change, Draft
from signals.dialects.message_times import read_times
from signals.dialects.named_fields import NamedFields
from signals.dialects.switches import SWITCHES, switches_check
from signals.dialects.terms import IGNORED, UNDECLARED, Terms
from signals.dialects.values import (
    Times,
    flag,
    lag_end,
    moment,
    number,
    reference,
    reference_price,
    symbol,
    word,
)

_CLOSES: Final = ("exit", "partial_exit", "close_all", "cancel_all")
# Every name that a generic message may use.
KNOWN: Final = HEARD | SWITCHES | words.TERMS


def read_trade(
    dialect: str,
    fields: NamedFields,
    defaults: StrategyDefaults,
    size_units: Mapping[str, str | None],
) -> Reading:
    """Return the reading of named fields. `size_units` may give bare names a dialect's unit."""
    asked = hear(fields)
    ref_price = _ref_price(fields)
    when = read_times(fields, defaults)
    if any(ask.event == "test" for ask in asked.asks) or is_test(fields):
        unknown = fields.never_known(KNOWN)
        return Draft("", defaults).reading(dialect, kind="test", times=when, unknown=unknown)
    draft = Draft(_symbol(fields, asked), defaults)
    if fields.take(words.OPTIONS):
        raise Refused("unsupported_order", "Option contracts cannot be chosen here.")
    ask = settle(asked, fields)
    fields.note_read(switches_check(fields.values, opens=ask.event in ("change", "reverse")))
    _cancel_first(draft, fields, ask)
    _add_legs(draft, fields, ask, ref_price, size_units)
    if asked.report and any(leg.verb not in _CLOSES for leg in draft.legs):
        raise Refused("report", f"{asked.report} tells what has happened.")
    sender_id = reference(fields.first(words.SENDER_ID), "id")
    expires_at = _expires_at(draft, fields, when)
    reading = draft.reading(
        dialect,
        times=when,
        sender_id=sender_id,
        trade_ref=reference(fields.first(words.TRADE_REF), "trade id"),
        ref_id=reference(fields.first(words.REF_ID), "ref id"),
        ref_price=ref_price,
        expires_at=expires_at,
        rests_until=expires_at,
    )
    return _with_rest(draft, fields, reading)


def _expires_at(draft: Draft, fields: NamedFields, when: Times) -> datetime | None:
    """When it is too late: at a moment that is named, or so long after it was sent."""
    expires_at = moment(fields.same(words.EXPIRES), "expiry")
    lag = fields.same(words.LAG)
    if lag is None or not any(leg.is_entry for leg in draft.legs):
        return expires_at
    by_lag = lag_end(lag, when.sent_at)
    return by_lag if expires_at is None else min(expires_at, by_lag)


def _cancel_first(draft: Draft, fields: NamedFields, ask: Settled) -> None:
    """An order to cancel what waits, beside something else, comes first."""
    flags = fields.take(words.CANCEL_FIRST)
    asked = [name for name, value in flags if flag(value, name)]
    if asked and ask.event not in ("cancel", "cancel_all"):
        draft.cancel_all()


def _add_legs(
    draft: Draft,
    fields: NamedFields,
    ask: Settled,
    ref_price: Decimal | None,
    size_units: Mapping[str, str | None],
) -> None:
    if ask.event == "change":
        terms = entry_terms(fields, draft.defaults, size_units, ask.order_type, ref_price)
        draft.change(_change(fields, ask), terms)
    elif ask.event == "reverse":
        terms = entry_terms(fields, draft.defaults, size_units, ask.order_type, ref_price)
        _add_reversal(draft, ask.side or "", _change(fields, ask), terms)
    elif ask.event == "amend":
        draft.amend(ask.side or "any", target_terms(fields, draft.defaults, ref_price))
    elif ask.event in ("exit", "partial_exit"):
        part = close_part(fields, size_units, is_flat=ask.is_flat)
        if part is not None:
            draft.partial_exit(ask.side or "any", part)
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


def _add_reversal(draft: Draft, side: str, change: Change, terms: Terms) -> None:
    """Without its size afterwards the stated size is that of the new position."""
    if change.after:
        draft.change(replace(change, before_word=change.before_word or _opposite(side)), terms)
        return
    draft.exit(side)
    draft.entry(side, terms)


def _opposite(side: str) -> str:
    return "short" if side == "buy" else "long"


def _change(fields: NamedFields, ask: Settled) -> Change:
    after = _signed(fields.same(words.AFTER_SIZE_SIGNED), ask.after, "position size")
    if after is None:
        after = _signed(fields.same(words.AFTER_SIZE), ask.after, "market position size", False)
    before = _signed(fields.same(words.BEFORE_SIZE), ask.before, "previous size", False)
    return Change(
        side=ask.side or "",
        before=before,
        after=after,
        before_word=ask.before,
        after_word=ask.after,
    )


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


def _symbol(fields: NamedFields, asked: Asked) -> str:
    value = fields.same(words.SYMBOL)
    market = fields.first(["market"]) if value is None else None
    if isinstance(market, str) and words.PAIR_LIKE.fullmatch(market.strip()):
        value = market
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


def _with_rest(draft: Draft, fields: NamedFields, reading: Reading) -> Reading:
    """Add what was not understood; a trailing rule that was let go is named in the sources."""
    numbers = [n for n, leg in enumerate(draft.legs) if leg.verb in ("entry", "amend")]
    has_stop = None
    if numbers:
        stop = draft.legs[numbers[-1]].sl or default_target(draft.defaults, "sl")
        has_stop = stop is not None
    unknown, let_go = fields.unknown(has_stop=has_stop)
    if let_go and numbers:
        sources = {**reading.intent.sources, f"legs.{numbers[-1]}.trailing": IGNORED}
        reading = replace(reading, intent=replace(reading.intent, sources=sources))
    return replace(reading, unknown=unknown)
