"""Tiles of the overview: result in each currency, the share of winners, the speed of the flow."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from fusion_project.community import policy
from fusion_project.community.selectors.closed import ClosedTrade
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


@dataclass(frozen=True, slots=True)
class Tile:
    """A labelled figure with its unit and what it rests on."""

    label: str
    value: str
    note: str
    unit: str = ""
    tone: str = ""


def tiles(*, closed: list[ClosedTrade]) -> list[Tile]:
    """All from the same closed trades, so that they speak of one moment."""
    by_currency: dict[str, list[Decimal]] = defaultdict(list)
    for one in closed:
        by_currency[one.currency].append(one.net)
    nets = sorted(by_currency.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        *_net_tiles(nets),
        Tile("Closed trades", whole(len(closed)), "since the first one"),
        _winners_tile(nets),
        _speed_tile(closed),
    ]


def _net_tiles(nets: list[tuple[str, list[Decimal]]]) -> list[Tile]:
    if not nets:
        return [Tile("Net result", UNDEFINED, "no closed trade yet")]
    return [_net_tile(currency, found) for currency, found in nets]


def _net_tile(currency: str, found: list[Decimal]) -> Tile:
    total = sum(found, Decimal(0))
    note = f"of {counted(len(found), 'closed trade')}"
    return Tile("Net result", signed_exact(total), note, currency, tone(total))


def _winners_tile(nets: list[tuple[str, list[Decimal]]]) -> Tile:
    every = [net for _, found in nets for net in found]
    if len(every) < policy.TRADES_MIN_FOR_SHARE:
        few = f"too few trades: {len(every)} of {policy.TRADES_MIN_FOR_SHARE}"
        return Tile("Winners", UNDEFINED, few)
    wins, losses = [net for net in every if net > 0], [net for net in every if net < 0]
    share = chance(Decimal(len(wins)) / len(every))
    of = f"{len(wins)} of {len(every)}"
    if len(nets) > 1:
        return Tile("Winners", share, f"{of}; averages differ by currency")
    win, loss = _average(wins), _average(losses)
    return Tile("Winners", share, f"{of}; average win {win}, loss {loss} {nets[0][0]}")


def _average(found: list[Decimal]) -> str:
    return signed(sum(found, Decimal(0)) / len(found)) if found else UNDEFINED


def _speed_tile(closed: list[ClosedTrade]) -> Tile:
    took = [seconds_between(one.alert_at, one.opened_at) for one in closed if one.alert_at]
    if not took:
        return Tile("Alert to fill", UNDEFINED, "no closed trade of an alert yet")
    return Tile("Alert to fill", span(median(took)), f"median of {whole(len(took))}")
