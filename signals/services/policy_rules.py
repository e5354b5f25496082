"""What a policy says of members, lobes and bars, judged when it is saved: not when it is needed."""

from __future__ import annotations

import re
from typing import Any, Final

from signals.dialects.common_trade import KNOWN
from signals.dialects.format_checks import FormatWrong, formats_check
from signals.dialects.named_fields import key_of
from signals.dialects.settled import SettlementWrong, settlement_check
from signals.errors import PolicyInvalid
from signals.fusion.gating.settings import GatesInvalid, settings_read
from signals.intents.symbols import SymbolUnreadable, instrument_of
from signals.lobes.registry import LOBE_NAMES
from signals.market.timeframes import SECONDS_MAX
from signals.models import StrategyPolicy
from signals.models.bars import FEED_FORM
from signals.services.bars import alert_feed
from signals.services.models_asked import asleep_names

SERIES_MAX: Final = 5
_MEMBERS: Final = {"feed", "symbol", "timeframe_seconds"}


def learning_check(policy: StrategyPolicy, *, slug: str) -> None:
    """Raise PolicyInvalid for unknown lobes, a quorum they can never meet, foreign bars, and gates
    that cannot be meant."""
    _lobes_check(policy)
    _feeds_check(policy.feeds, slug)
    try:
        settings_read(policy.gates)
    except GatesInvalid as error:
        raise PolicyInvalid(f"The gates are not usable: {error}.", field="gates") from error


def _lobes_check(policy: StrategyPolicy) -> None:
    lobes = policy.lobes
    known = ", ".join(LOBE_NAMES)
    if not isinstance(lobes, list) or not set(map(str, lobes)) <= set(LOBE_NAMES):
        raise PolicyInvalid(f"The lobes must be a list of: {known}.", field="lobes")
    if len(set(lobes)) != len(lobes):
        raise PolicyInvalid("A lobe is listed twice.", field="lobes")
    asked, asleep = set(lobes or LOBE_NAMES), asleep_names()
    if policy.quorum > len(asked - asleep):
        without = sorted(asked & asleep)
        told = f" Not counted, for want of a key or an address: {', '.join(without)}."
        raise PolicyInvalid(
            f"A quorum of {policy.quorum} can never be met: {len(asked - asleep)} lobes are asked."
            f"{told if without else ''}",
            field="quorum",
        )


def _feeds_check(feeds: Any, slug: str) -> None:
    if not isinstance(feeds, dict):
        raise _feeds_invalid("they must be an object of instruments")
    for instrument, series in feeds.items():
        try:
            is_plain = instrument_of(instrument) == instrument
        except SymbolUnreadable:
            is_plain = False
        if not is_plain:
            raise _feeds_invalid(f"{instrument[:64]!r} is no instrument, such as EURUSD")
        if not isinstance(series, list) or not 1 <= len(series) <= SERIES_MAX:
            raise _feeds_invalid(f"{instrument} needs a list of 1 to {SERIES_MAX} series")
        for one in series:
            _series_check(one, slug)


def _series_check(one: Any, slug: str) -> None:
    if not isinstance(one, dict) or set(one) != _MEMBERS:
        raise _feeds_invalid(f"a series has the members {', '.join(sorted(_MEMBERS))}")
    feed, symbol, seconds = one["feed"], one["symbol"], one["timeframe_seconds"]
    if not isinstance(feed, str) or not re.fullmatch(FEED_FORM, feed):
        raise _feeds_invalid(f"{str(feed)[:100]!r} is no feed")
    if feed.startswith("alert:") and feed != alert_feed(slug):
        raise _feeds_invalid(f"{feed} serves the strategy whose secret brought it alone")
    if not isinstance(symbol, str) or not 1 <= len(symbol) <= 64:
        raise _feeds_invalid("a symbol is text of 1 to 64 characters")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= SECONDS_MAX:
        raise _feeds_invalid("timeframe_seconds is a whole number")


def _feeds_invalid(reason: str) -> PolicyInvalid:
    return PolicyInvalid(f"The feeds are not usable: {reason}.", field="feeds")


def taught_check(documents: Any) -> None:
    """Refuse (PolicyInvalid) formats that cannot be, or that fail their own examples."""
    try:
        formats_check(documents)
    except FormatWrong as error:
        raise PolicyInvalid(str(error), field="formats") from error


def members_check(document: Any) -> None:
    """Refuse (PolicyInvalid) a settlement that a reader could not go by."""
    try:
        settlement_check(document, KNOWN)
    except SettlementWrong as error:
        raise PolicyInvalid(str(error), field="members") from error
    odd = next((name for name in document if key_of(name) != name), None)
    if odd is not None:
        raise PolicyInvalid(f"Write {odd!r} as {key_of(odd)!r}.", field="members")
