"""Whose the lots of a shared position are: the fold against a heap of single lots kept by hand."""

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from execution.rules.folding import position_folded
from execution.rules.shares import FOREIGN, OwnedDeal, Share, shares_folded
from execution.wire import ReportedDeal

CENT = Decimal("0.01")


def deal(number: int, kind: str, entry: str, lots: str, *, reason: str = "expert", **money: str):
    return ReportedDeal(
        ticket=number,
        kind_told=kind,
        time_msc=1_760_000_000_000 + number,
        entry=entry,
        position_ticket=77,
        reason=reason,
        volume_lots=Decimal(lots),
        price=Decimal("1.1"),
        **{name: Decimal(value) for name, value in money.items()},
    )


def opened(number: int, entry_id: int, lots: str, **money: str) -> OwnedDeal:
    return OwnedDeal(deal(number, "buy", "in", lots, **money), entry_id, is_ours=entry_id > 0)


def closed(number: int, lots: str, *names: int, by_hand: bool = False, **more: str) -> OwnedDeal:
    facts = deal(number, "sell", "out", lots, **more)
    is_ours = not by_hand or bool(names)
    return OwnedDeal(facts, FOREIGN if by_hand else None, frozenset(names), is_ours=is_ours)


def lots_of(shares) -> dict[int, str]:
    return {key: str(one.lots.normalize()) for key, one in shares.by_entry.items()}


def test_an_exit_takes_the_share_of_its_own_trade():
    shares = shares_folded([opened(1, 5, "0.10"), opened(2, 6, "0.20"), closed(3, "0.20", 6)])
    assert lots_of(shares) == {5: "0.1"}
    assert shares.by_entry[5] == Share(Decimal("0.10"), Decimal("0.10"))


def test_a_part_closed_of_one_trade_leaves_its_base_and_the_others():
    shares = shares_folded([opened(1, 5, "0.10"), opened(2, 6, "0.20"), closed(3, "0.05", 6)])
    assert shares.by_entry == {
        5: Share(Decimal("0.10"), Decimal("0.10")),
        6: Share(Decimal("0.15"), Decimal("0.20")),
    }


def test_what_is_closed_beyond_the_trade_is_the_oldest_of_ours_and_others_at_last():
    deals = [opened(1, 0, "0.10"), opened(2, 5, "0.10"), opened(3, 6, "0.10")]
    shares = shares_folded([*deals, closed(4, "0.15", 6)])
    assert (lots_of(shares), shares.foreign_lots) == ({5: "0.05"}, Decimal("0.10"))
    shares = shares_folded([*deals, closed(4, "0.25", 6)])
    assert (lots_of(shares), shares.foreign_lots) == ({}, Decimal("0.05"))


def test_a_close_by_hand_takes_what_was_opened_by_hand_first():
    deals = [opened(1, 5, "0.10"), opened(2, 0, "0.10", profit="-1")]
    shares = shares_folded([*deals, closed(3, "0.10", by_hand=True, profit="30")])
    assert (lots_of(shares), shares.foreign_lots) == ({5: "0.1"}, Decimal(0))
    assert shares.foreign_net == 29


def test_a_stop_that_bears_an_entrys_number_takes_from_that_trade_and_closes_what_it_closes():
    deals = [opened(1, 5, "0.10"), opened(2, 0, "0.10")]
    shares = shares_folded([*deals, closed(3, "0.20", 5, by_hand=True, reason="sl", profit="-40")])
    assert (lots_of(shares), shares.foreign_lots, shares.foreign_net) == ({}, Decimal(0), -20)


def test_an_entry_against_the_position_takes_off_the_oldest_and_has_no_share():
    facts = deal(3, "sell", "out", "0.15")
    turned = deal(3, "sell", "inout", "0.45")
    deals = [opened(1, 5, "0.10"), opened(2, 6, "0.20")]
    assert lots_of(shares_folded([*deals, OwnedDeal(facts, 7, is_ours=True)])) == {6: "0.15"}
    assert lots_of(shares_folded([*deals, OwnedDeal(turned, 7, is_ours=True)])) == {7: "0.15"}


def test_what_an_exit_of_ours_opens_too_much_is_of_the_trade_that_it_closed():
    turned = deal(3, "sell", "inout", "0.45")
    deals = [opened(1, 5, "0.10"), opened(2, 6, "0.20")]
    named = OwnedDeal(turned, None, frozenset({6}), is_ours=True)
    assert lots_of(shares_folded([*deals, named])) == {6: "0.15"}


def test_a_split_in_several_deals_keeps_each_ones_part():
    deals = [opened(1, 5, "0.10"), opened(2, 0, "0.30")]
    out = OwnedDeal(deal(3, "sell", "out", "0.40", reason="split"))
    between = shares_folded([*deals, out])
    assert (lots_of(between), between.foreign_lots) == ({5: "0.1"}, Decimal("0.30"))
    again = [OwnedDeal(deal(n, "buy", "in", "0.40", reason="split")) for n in (4, 5)]
    shares = shares_folded([*deals, out, *again])
    assert shares.by_entry == {5: Share(Decimal("0.20"), Decimal("0.20"))}
    assert shares.foreign_lots == Decimal("0.60")


def test_of_a_position_that_nobody_here_opened_no_money_is_ours():
    shares = shares_folded([opened(1, 0, "0.10", fee="-1"), closed(2, "0.10", by_hand=True)])
    assert shares.foreign_net == -1


@dataclass
class Heap:
    """Each hundredth of a lot by itself, with its owner, in the order in which it came.

    Owners are put in order of age once an owner has come; money in fractions.
    """

    side: str = ""
    units: list[int] = field(default_factory=list)
    base: dict[int, int] = field(default_factory=dict)
    came: list[int] = field(default_factory=list)
    foreign_money: Fraction = Fraction(0)
    money: Fraction = Fraction(0)
    ours_ever: bool = False

    def bring(self, owner: int, count: int) -> None:
        if owner not in self.came:
            self.came.append(owner)
        self.units += [owner] * count
        self.base[owner] = self.units.count(owner)

    def take(self, count: int, queue: list[int]) -> int:
        """Take units of the owners in the queue, one after the other; returns how many foreign."""
        foreign = 0
        for owner in queue:
            while count and owner in self.units:
                self.units.remove(owner)
                foreign += owner == FOREIGN
                count -= 1
        return foreign

    def queue(self, names: frozenset[int], *, is_ours: bool) -> list[int]:
        named = [one for one in self.came if one in names]
        ours = [one for one in self.came if one and one not in names]
        first = [] if is_ours else [FOREIGN]
        return [*first, *named, *ours, FOREIGN]


class Life:
    """The life of one position that trades and others share, and the heap that it leaves."""

    def __init__(self, rng: Random) -> None:
        self.rng, self.heap = rng, Heap()
        self.found: list[OwnedDeal] = []
        self.number = 0

    def told(self, kind: str, entry: str, count: int, reason: str = "expert") -> ReportedDeal:
        self.number += 1
        money = Fraction(self.rng.randint(-50, 50))
        self.heap.money += money
        lots = str(CENT * count)
        return deal(self.number, kind, entry, lots, reason=reason, profit=str(money))

    @property
    def out(self) -> str:
        return "sell" if self.heap.side == "buy" else "buy"

    def opens(self) -> None:
        heap, owner, count = self.heap, self.rng.choice([FOREIGN, 1, 2, 3]), self.rng.randint(1, 20)
        if not heap.units:
            heap.side = self.rng.choice(["buy", "sell"])
        facts = self.told(heap.side, "in", count)
        self.found.append(OwnedDeal(facts, owner, is_ours=owner > 0))
        heap.ours_ever |= owner > 0
        heap.bring(owner, count)
        heap.foreign_money += Fraction(facts.profit) if owner == FOREIGN else 0

    def rebuilds(self) -> None:
        heap, factor = self.heap, self.rng.choice([1, 1, 2])
        foreign = Fraction(heap.units.count(FOREIGN), len(heap.units))
        away = self.told(self.out, "out", len(heap.units), "split")
        back = self.told(heap.side, "in", len(heap.units) * factor, "split")
        self.found += [OwnedDeal(away), OwnedDeal(back)]
        heap.foreign_money += Fraction(away.profit) * foreign
        heap.units = [one for one in heap.units for _ in range(factor)]
        heap.base = {one: heap.units.count(one) for one in heap.came}

    def closes(self, what: str) -> None:
        """By an exit (`out`, `over`), by hand, or by an entry against the position."""
        heap, rng = self.heap, self.rng
        names = frozenset() if what == "against" else frozenset(rng.sample([1, 2, 3], 1)[:1])
        names = names if rng.random() < 0.6 else frozenset()
        owner = rng.choice([FOREIGN, 1, 2, 3])
        opens_for = {"hand": FOREIGN, "against": owner}.get(what)
        is_ours = opens_for != FOREIGN or bool(names)
        extra = rng.randint(1, 9) if what in ("against", "over") and rng.random() < 0.4 else 0
        count = len(heap.units) if extra else min(rng.randint(1, 20), len(heap.units))
        facts = self.told(self.out, "inout" if extra else "out", count + extra)
        self.found.append(OwnedDeal(facts, opens_for, names, is_ours=is_ours))
        heap.ours_ever |= is_ours
        foreign = heap.take(count, heap.queue(names, is_ours=is_ours))
        if extra:
            foreign += self.turns(opens_for, names, extra)
        heap.foreign_money += Fraction(facts.profit) * Fraction(foreign, count + extra)

    def turns(self, opens_for: int | None, names: frozenset[int], extra: int) -> int:
        """Bring what is opened on the other side; returns how much of it is foreign."""
        heap = self.heap
        ours = sorted(one for one in heap.came if one)
        heir = next((one for one in ours if one in names), ours[0] if ours else FOREIGN)
        owner = heir if opens_for is None else opens_for
        heap.side, heap.came, heap.base = self.out, [], {}
        heap.bring(owner, extra)
        return extra if owner == FOREIGN else 0


@st.composite
def lives(draw) -> Life:
    life = Life(Random(draw(st.integers(0, 10**9))))
    for _ in range(draw(st.integers(1, 14))):
        what = life.rng.choice(["in", "in", "out", "out", "hand", "against", "rebuild", "over"])
        if not life.heap.units or what == "in":
            life.opens()
        elif what == "rebuild":
            life.rebuilds()
        else:
            life.closes(what)
    return life


@settings(max_examples=400, deadline=None)
@given(lives())
def test_in_any_order_of_deals_the_shares_are_what_the_heap_says(life) -> None:
    deals, heap, rng = life.found, life.heap, life.rng
    shares = shares_folded(deals)
    for _ in range(2):
        rng.shuffle(deals)
        assert shares_folded(deals) == shares
    held = {owner: heap.units.count(owner) for owner in dict.fromkeys(heap.units) if owner}
    assert {key: one.lots / CENT for key, one in shares.by_entry.items()} == held
    assert {key: one.base_lots / CENT for key, one in shares.by_entry.items()} == {
        key: heap.base[key] for key in held
    }
    assert shares.foreign_lots / CENT == heap.units.count(FOREIGN)
    foreign = heap.foreign_money if heap.ours_ever else heap.money
    assert abs(Fraction(shares.foreign_net) - foreign) < Fraction(1, 10**7)
    folded = position_folded([one.deal for one in deals])
    assert folded is not None
    assert folded.volume_open_lots == CENT * len(heap.units)
