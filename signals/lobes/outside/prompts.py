"""What a model is asked, both ways round. Pure.

A prompt holds words that stand here and numbers that were measured or declared: none of the words
of an alert, and no other lobe's number. A change of any word is another version.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from signals.fusion.numbers import rounded
from signals.lobes.base import MarketSeen, Question
from signals.lobes.outside.endpoint import Endpoint
from signals.market.features import BARS_MAX
from signals.market.timeframes import timeframe_seconds

VERSIONS: Final = ("1",)
# It writes a chance, or it says yes or no and its doubts are read off the probabilities.
CHANCE, YES_NO = "chance", "yes_no"
METHODS: Final = (CHANCE, YES_NO)
# The one asks for the win, the other for all else: whoever knows says p to one, 1 - p to the other.
WINS, FAILS = "wins", "fails"
FRAMINGS: Final = (WINS, FAILS)
ALTERNATIVES: Final = 10

_SIDES: Final = {"buy": "buys", "sell": "sells short"}
_ORDERS: Final = {
    "market": "at the market",
    "limit": "by a limit order",
    "stop": "by a stop order",
    "stop_limit": "by a stop-limit order",
}
_ASKED: Final = {
    WINS: "its target is reached before its stop and within {seconds} seconds",
    FAILS: "its target is not reached within {seconds} seconds, or only after its stop",
}
# What all four questions share comes first: a server that keeps what it has read reads it once.
_SYSTEM: Final = (
    "You forecast single trades from numbers. Chances near one half are honest where the numbers"
    " say little."
)
_QUESTION: Final = {
    CHANCE: (
        "What is the chance in percent that {asked}? Reply with JSON alone:"
        ' {{"chance_percent": N}}, N a whole number from 1 to 99.'
    ),
    YES_NO: "Is it so that {asked}? Reply with one word: Yes or No.",
}
_SCHEMA: Final = {
    "type": "object",
    "properties": {"chance_percent": {"type": "integer", "minimum": 1, "maximum": 99}},
    "required": ["chance_percent"],
    "additionalProperties": False,
}


def body_of(endpoint: Endpoint, question: Question, method: str, framing: str) -> dict[str, Any]:
    """Return the request's body. `question.features.market` must hold features."""
    if endpoint.prompt not in VERSIONS:
        raise ValueError(f"no prompt has the version {endpoint.prompt}")
    body: dict[str, Any] = {
        "model": endpoint.model,
        "messages": [
            {"role": "system", "content": _SYSTEM},
            {"role": "user", "content": _words(question, method, framing)},
        ],
        "temperature": 0,
    }
    if method == YES_NO:
        answer = {"max_tokens": 1, "logprobs": True, "top_logprobs": ALTERNATIVES}
        return {**body, **answer, **endpoint.more}
    kept = {"type": "json_object"}
    if endpoint.schema:
        named = {"name": "chance", "strict": True, "schema": _SCHEMA}
        kept = {"type": "json_schema", "json_schema": named}  # type: ignore[dict-item]
    return {**body, "max_tokens": endpoint.tokens_max, "response_format": kept, **endpoint.more}


def _words(question: Question, method: str, framing: str) -> str:
    asked = _ASKED[framing].format(seconds=question.horizon_seconds)
    lines = [
        f"A trader {_SIDES[question.side]} {_ORDERS[question.order_type]}.",
        f"The time is {question.known_until:%A %H:%M} UTC.",
        *_levels(question),
        *_market(question.features.market, question.side, question.timeframe),
        _QUESTION[method].format(asked=asked),
    ]
    return "\n".join(lines)


def _levels(question: Question) -> list[str]:
    """The stop and the target by their distance: a price would tell which market it is."""
    entry, stop, target = question.entry_price, question.stop_price, question.target_price
    if entry is None or stop is None or entry <= 0 or stop == entry:
        return ["How far off stop and target are is not known."]
    risk = abs(entry - stop)
    share = _number(100 * risk / entry, "0.001")
    told = f"The stop is {share} % away from the entry"
    # Without a target of its own an entry is labelled by the policy's payoff.
    payoff = question.payoff_r if target is None else abs(target - entry) / risk
    if payoff is None:
        return [f"{told}; how far the target is, is not known."]
    return [f"{told}; the target is {_number(payoff)} times as far."]


def _market(seen: MarketSeen | None, side: str, timeframe: str | None) -> list[str]:
    if seen is None or seen.features is None:
        raise ValueError("a model is not asked without a market")
    trend, momentum, volatility, ahead, behind = map(_number, seen.features.for_side(side))
    seconds = timeframe_seconds(timeframe or "")
    own = f" The trader's own bars last {seconds} seconds." if seconds else ""
    return [
        f"The market in bars of {seen.timeframe_seconds} seconds, seen from the trade's side, in"
        f" average ranges of a bar: trend {trend}, momentum {momentum}, room ahead to the extreme"
        f" of {BARS_MAX} bars {ahead}, room behind {behind}. The recent range is {volatility} times"
        f" the usual one.{own}"
    ]


def _number(value: Decimal, places: str = "0.01") -> str:
    return f"{rounded(float(value)).quantize(Decimal(places)) + 0:f}"
