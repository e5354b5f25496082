"""One sample strategy on one instrument: from bars and its open trade to messages. Pure.

It behaves like a Pine script on confirmed bars: exit before entry, ids made of the bar's time, a
trade that its bracket has closed is forgotten without a message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from fusion_project.local.market.rules.alert_text import entry_message, exit_message
from fusion_project.local.market.rules.prices import INSTRUMENTS, Bar
from fusion_project.local.market.rules.sample_rules import (
    ENTRY_BARS,
    PAYOFF,
    SampleStrategy,
    bracket_is_hit,
    is_entry_bar,
    stop_share,
    wanted_side,
)


@dataclass(frozen=True, slots=True)
class OpenTrade:
    """What a script remembers of the trade it has announced."""

    trade_id: str
    side: str
    sl: Decimal
    tp: Decimal

    @classmethod
    def of_entry(cls, message: dict[str, Any]) -> Self:
        return cls(
            message["trade_id"], message["side"], Decimal(message["sl"]), Decimal(message["tp"])
        )

    @classmethod
    def from_json(cls, value: dict[str, str]) -> Self:
        return cls(value["trade_id"], value["side"], Decimal(value["sl"]), Decimal(value["tp"]))

    def to_json(self) -> dict[str, str]:
        return {
            "trade_id": self.trade_id,
            "side": self.side,
            "sl": str(self.sl),
            "tp": str(self.tp),
        }


def bars_needed(rule: SampleStrategy) -> int:
    """The slow average's, and those since the last entry bar: was the wish there by then?"""
    return rule.slow + ENTRY_BARS


def messages_next(
    rule: SampleStrategy, name: str, bars: Sequence[Bar], trade: OpenTrade | None, at: datetime
) -> tuple[OpenTrade | None, list[dict[str, Any]]]:
    """The trade still open before any entry, and the messages to send in this order."""
    instrument, last = INSTRUMENTS[name], bars[-1]
    wanted = wanted_side(bars, rule, instrument)
    messages: list[dict[str, Any]] = []
    if trade and bracket_is_hit(last, side=trade.side, sl=trade.sl, tp=trade.tp):
        trade = None
    if trade and wanted != trade.side and (wanted or not rule.holds):
        messages.append(
            exit_message(
                script=rule.slug,
                instrument=instrument,
                bar_open_at=last.open_at,
                sent_at=at,
                entry_side=trade.side,
                trade_id=trade.trade_id,
                price=last.close,
                reason="reversal" if wanted else "faded",
            )
        )
        trade = None
    # Only a new wish is an entry: a script started in mid-move does not jump on.
    former = wanted_side(bars[:-ENTRY_BARS], rule, instrument)
    if trade is None and wanted and is_entry_bar(last) and wanted != former:
        messages.append(
            entry_message(
                script=rule.slug,
                instrument=instrument,
                bar_open_at=last.open_at,
                sent_at=at,
                side=wanted,
                price=last.close,
                stop_share=stop_share(instrument),
                payoff=PAYOFF,
                reason="crossing",
            )
        )
    return trade, messages
