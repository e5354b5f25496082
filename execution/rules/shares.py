"""Whose the open lots of a position are: on a netting account trades share one. Pure.

Our entries each have a share; lots that no order of ours opened are foreign, under the key 0.
Permutation-proof, as folding is: deals are put in (UTC, ticket) order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from execution.rules.rebuilding import REBUILD_REASONS
from execution.wire import ReportedDeal

ZERO: Final = Decimal(0)
FOREIGN: Final = 0
LOTS_STEP: Final = Decimal("0.0000000001")
MONEY_STEP: Final = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class OwnedDeal:
    """A deal, and whose it is.

    `opens_for`: the entry that what it opens belongs to; None for an exit of ours that turned the
    position round, which opens for the trade that it closed. `names`: entries of the trade that it
    closes. `is_ours`: it fills an order of ours, or bears the number of an entry that it closes.
    """

    deal: ReportedDeal
    opens_for: int | None = FOREIGN
    names: frozenset[int] = frozenset()
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Open lots of one entry, and `base_lots`: what it had open when it opened something last."""

    lots: Decimal
    base_lots: Decimal


@dataclass(frozen=True, slots=True)
class Shares:
    """Open shares by entry, oldest first; what is foreign, and the money that came of it.

    While the broker closes and opens it anew, they are what it then will be.
    """

    by_entry: dict[int, Share] = field(default_factory=dict)
    foreign_lots: Decimal = ZERO
    foreign_net: Decimal = ZERO


def shares_folded(deals: Iterable[OwnedDeal]) -> Shares:
    """Return who has what of one position, by all its deals.

    A close takes from the trade that its order names, then from the oldest of ours, then from what
    is foreign; one by hand begins with what is foreign. What a broker closes to open it anew keeps
    each one's part.
    """
    ordered = sorted(deals, key=lambda owned: (owned.deal.at, owned.deal.ticket))
    fold = _Fold()
    for one in ordered:
        fold.apply(one)
    lots = fold.before or fold.lots
    if not any(one.is_ours for one in ordered):
        fold.foreign_net = sum((_net(one.deal) for one in ordered), ZERO)
    return Shares(
        by_entry={
            key: Share(part.quantize(LOTS_STEP), fold.base[key].quantize(LOTS_STEP))
            for key, part in lots.items()
            if key != FOREIGN and part
        },
        foreign_lots=lots.get(FOREIGN, ZERO).quantize(LOTS_STEP),
        foreign_net=fold.foreign_net.quantize(MONEY_STEP),
    )


class _Fold:
    """Lots by entry in order of age; `before` is what stood until a rebuilding made it flat."""

    def __init__(self) -> None:
        self.lots: dict[int, Decimal] = {}
        self.base: dict[int, Decimal] = {}
        self.before: dict[int, Decimal] = {}
        self.foreign_net = ZERO

    @property
    def total(self) -> Decimal:
        return sum(self.lots.values(), ZERO)

    def apply(self, one: OwnedDeal) -> None:
        deal = one.deal
        is_trade = deal.kind in ("buy", "sell") and deal.entry != "" and deal.volume_lots > 0
        if not is_trade:
            self.foreign_net += self._foreign_part(deal)
        elif deal.reason in REBUILD_REASONS and deal.entry != "inout":
            self.foreign_net += self._foreign_part(deal)
            self._rebuild(one)
        else:
            self._trade(one)

    def _trade(self, one: OwnedDeal) -> None:
        """Apply what is bought or sold, and count the part of its money that is not ours."""
        deal, was_foreign = one.deal, self.lots.get(FOREIGN, ZERO)
        self.before = {}
        closing = ZERO if deal.entry == "in" else deal.volume_lots
        if deal.entry == "inout":
            closing = min(closing, self.total)
        self._take(closing, one)
        foreign = was_foreign - self.lots.get(FOREIGN, ZERO)
        opening = deal.volume_lots - closing
        if deal.entry in ("in", "inout") and opening:
            owner = self._owner(one)
            if deal.entry == "inout":
                self.lots, self.base = {}, {}
            self._add(owner, opening)
            foreign += opening if owner == FOREIGN else ZERO
        self.foreign_net += _net(deal) * foreign / deal.volume_lots

    def _add(self, key: int, lots: Decimal) -> None:
        self.lots[key] = self.base[key] = self.lots.get(key, ZERO) + lots

    def _owner(self, one: OwnedDeal) -> int:
        """Whose the lots are that it opens."""
        if one.opens_for is not None:
            return one.opens_for
        ours = self.lots.keys() - {FOREIGN}
        return min(ours & one.names or ours, default=FOREIGN)

    def _take(self, lots: Decimal, one: OwnedDeal) -> None:
        def rank(key: int) -> int:
            if key == FOREIGN:
                return 3 if one.is_ours else 0
            return 1 if key in one.names else 2

        for key in sorted(self.lots, key=rank):
            taken = min(lots, self.lots[key])
            self.lots[key] -= taken
            lots -= taken

    def _foreign_part(self, deal: ReportedDeal) -> Decimal:
        """Money that no single trade has made, by what is open."""
        total = self.total
        return _net(deal) * self.lots.get(FOREIGN, ZERO) / total if total else ZERO

    def _rebuild(self, one: OwnedDeal) -> None:
        """Each keeps its part of what is closed and opened anew."""
        total, volume = self.total, one.deal.volume_lots
        if one.deal.entry != "in":
            left = max(ZERO, total - volume)
            if total and not left:
                self.before = dict(self.lots)
            self._scale(self.lots, left)
        elif total or self.before:
            self._scale(self.before or self.lots, total + volume)
            self.before, self.base = {}, dict(self.lots)
        else:
            self._add(self._owner(one), volume)

    def _scale(self, parts: dict[int, Decimal], total: Decimal) -> None:
        was = sum(parts.values(), ZERO)
        self.lots = {key: lots * total / was if was else lots for key, lots in parts.items()}


def _net(deal: ReportedDeal) -> Decimal:
    net: Decimal = deal.profit + deal.swap + deal.commission + deal.fee
    return net
