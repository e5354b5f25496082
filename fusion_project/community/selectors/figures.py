"""Tiles of the overview: result in each currency, the share of winners, the speed of the flow."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from execution.models import Position
from fusion_project.community import policy
from fusion_project.text.formats import (
    UNDEFINED,
    chance,
    counted,
    seconds_between,
    signed,
    signed_exact,
    span,
    tone,
    whole,
)
from treasury.rules.runs import CashLine


@dataclass(frozen=True, slots=True)
class Tile:
    """A labelled figure with its unit and what it rests on."""

    label: str
    value: str
    note: str
    unit: str = ""
    tone: str = ""


def tiles(*, lines: list[CashLine], latest: list[Position]) -> list[Tile]:
    """All from the same closed trades, so that they speak of one moment."""
    traded = [one for one in lines if one.whole.trades]
    traded.sort(key=lambda one: (-one.whole.trades, one.currency))
    return [
        *_net_tiles(traded),
        Tile("Closed trades", whole(_trades(traded)), "since the first one"),
        _winners_tile(traded),
        _speed_tile(latest),
    ]


def _trades(lines: Sequence[CashLine]) -> int:
    return sum(one.whole.trades for one in lines)


def _net_tiles(lines: list[CashLine]) -> list[Tile]:
    if not lines:
        return [Tile("Net result", UNDEFINED, "no closed trade yet")]
    return [_net_tile(one) for one in lines]


def _net_tile(line: CashLine) -> Tile:
    total = line.whole.net
    note = f"of {counted(line.whole.trades, 'closed trade')}"
    return Tile("Net result", signed_exact(total), note, line.currency, tone(total))


def _winners_tile(lines: list[CashLine]) -> Tile:
    trades, wins = _trades(lines), sum(one.whole.wins for one in lines)
    if trades < policy.TRADES_MIN_FOR_SHARE:
        few = f"too few trades: {trades} of {policy.TRADES_MIN_FOR_SHARE}"
        return Tile("Winners", UNDEFINED, few)
    share = chance(Decimal(wins) / trades)
    of = f"{wins} of {trades}"
    if len(lines) > 1:
        return Tile("Winners", share, f"{of}; averages differ by currency")
    sums = lines[0].whole
    win, loss = _average(sums.won, sums.wins), _average(sums.lost, sums.losses)
    return Tile("Winners", share, f"{of}; average win {win}, loss {loss} {lines[0].currency}")


def _average(total: Decimal, count: int) -> str:
    return signed(total / count) if count else UNDEFINED


def _speed_tile(latest: list[Position]) -> Tile:
    took = [
        seconds_between(one.decision.alert.received_at, one.opened_at)
        for one in latest
        if one.decision is not None
    ]
    if not took:
        return Tile("Alert to fill", UNDEFINED, "no closed trade of an alert yet")
    return Tile("Alert to fill", span(median(took)), f"median of the last {whole(len(took))}")
