"""Any order and repetition of what a truthful executor tells ends in one state: the truth.

The truth is kept beside the telling, by a fold of its own in fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import chain, product
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.models import Order, Position
from execution.rules.switches import ACTIVE
from execution.selectors.shares import position_shares
from execution.selectors.switches import account_state
from execution.services.reports import report_record
from execution.services.staging import decision_stage
from execution.wire import ExecutionReport, ReportedDeal
from fusion_project.events.clock import now
from tests.builders.execution import Desk, desk_make

pytestmark = pytest.mark.django_db
OTHER = {"buy": "sell", "sell": "buy"}
STEP = Decimal("0.01")


@dataclass
class Truth:
    """A position as it truly is: signed lots, the price of what is open, what was gained.

    `parts`: whose its lots are, by entry in order of age, 0 for what somebody traded by hand.
    """

    lots: Fraction = Fraction(0)
    price: Fraction = Fraction(0)
    closed: Fraction = Fraction(0)
    net: Fraction = Fraction(0)
    parts: dict[int, Fraction] = field(default_factory=dict)

    def trade(self, signed: Fraction, price: Fraction, owner: int, first: list[int]) -> str:
        """Trade so many lots at the price; returns MT5's word for what that was.

        What is opened is `owner`'s, what is closed comes from `first` before all others.
        """
        was = self.lots
        self.lots += signed
        if was * signed >= 0:
            self.price = (self.price * abs(was) + price * abs(signed)) / abs(self.lots)
            self.parts[owner] = self.parts.get(owner, Fraction(0)) + abs(signed)
            return "in"
        self.closed += min(abs(was), abs(signed))
        if was * self.lots < 0:
            self.price = price
            self.parts = {owner: abs(self.lots)}
            return "inout"
        left = abs(signed)
        for one in [*first, *(key for key in self.parts if key), 0]:
            taken = min(left, self.parts.get(one, Fraction(0)))
            self.parts[one] = self.parts.get(one, Fraction(0)) - taken
            left -= taken
        self.parts = {one: lots for one, lots in self.parts.items() if lots}
        return "out"


@dataclass
class Life:
    """What happened at the broker, and the reports of it in the order of happening."""

    desk: Desk
    rng: Random
    reports: list[ExecutionReport] = field(default_factory=list)
    truth: Truth = field(default_factory=Truth)
    ends: dict[int, tuple[str, Decimal]] = field(default_factory=dict)
    first_order_id: int = 0
    ticket: int = 1_000
    started: int = 0

    def says(self, kind: str, order: Order | None = None, deal: ReportedDeal | None = None) -> None:
        seq = len(self.reports) + self.started + 1
        members: dict[str, Any] = {} if order is None else {"order_id": order.id, "fence": 1}
        facts = ExecutionReport(report_id=f"r{seq}", seq=seq, kind=kind, deal=deal, **members)
        self.reports.append(facts)

    def deals(
        self,
        side: str,
        lots: Decimal,
        *,
        magic: int = 0,
        reason: str = "expert",
        of: int | None = None,
    ) -> None:
        """One deal at a price of its own, told right after it was made.

        `of`: the entry whose trade it opens or closes, where that is not the one of its number.
        """
        price = Decimal(self.rng.randint(100_000, 120_000)) / 100_000
        sign = 1 if side == "buy" else -1
        of = magic if of is None else of
        entry = self.truth.trade(Fraction(lots) * sign, Fraction(price), of, [of])
        self.ticket += 1
        money = Decimal(self.rng.randint(-500, 500)) / 10 if entry != "in" else Decimal("-0.3")
        self.truth.net += Fraction(money)
        facts = ReportedDeal(
            ticket=self.ticket,
            kind_told=side,
            time_msc=int(now().timestamp() * 1000) + self.ticket,
            entry=entry,
            position_ticket=77,
            magic=magic,
            symbol="EURUSD",
            reason=reason,
            volume_lots=lots,
            price=price,
            profit=money,
        )
        self.says("deal", deal=facts)

    def fills(self, order: Order, share: Decimal = Decimal(1), of: int | None = None) -> Decimal:
        """Fill the order, or a share of it, by one deal or several."""
        left = (order.volume_lots * share).quantize(STEP)
        filled = Decimal(0)
        while left > 0:
            lots = min(left, Decimal(self.rng.randint(1, 6)) / 100)
            lots = left if self.rng.random() < 0.6 else lots
            self.deals(order.side, lots, magic=order.id, of=of)
            left, filled = left - lots, filled + lots
        self.first_order_id = self.first_order_id or order.id
        return filled

    def enters(self, order: Order) -> None:
        """One entry from its acknowledgement to what became of it."""
        rng = self.rng
        self.says("ack", order)
        if rng.random() < 0.3:
            self.says("unknown", order)
        if rng.random() < 0.6:
            self.says("working", order)
        part = Decimal(rng.randint(1, 9)) / 10
        end = rng.choice(["filled", "filled", "done", "cancelled", "expired", "rests"])
        if end == "filled":
            filled = self.fills(order)
            if rng.random() < 0.5:
                self.says("done", order)
        else:
            if end == "rests":
                self.says("working", order)
            filled = self.fills(order, part)
            if end != "rests":
                self.says(end, order)
        self.ends[order.id] = ("partially_filled" if end == "rests" else end, filled)

    def leaves(self) -> None:
        """By hand, at a stop that bears the entry's number, whole or in part."""
        side = "sell" if self.truth.lots > 0 else "buy"
        open_lots = Decimal(abs(self.truth.lots.numerator)) / self.truth.lots.denominator
        lots = open_lots if self.rng.random() < 0.5 else open_lots / 2
        lots = max(STEP, lots.quantize(STEP))
        magic, reason = self.rng.choice([(0, "client"), (self.first_order_id, "sl")])
        self.deals(side, min(lots, open_lots), magic=magic, reason=reason)

    def joins(self) -> None:
        """Somebody adds to the position by hand."""
        self.deals("buy" if self.truth.lots > 0 else "sell", STEP * 5, reason="client")


def tell(life: Life, reports: list[ExecutionReport]) -> None:
    """Tell them in any order, some of them again, and deals once more under other numbers."""
    rng = life.rng
    told = [*reports, *(one for one in reports if rng.random() < 0.3)]
    for one in reports:
        if one.deal is not None and rng.random() < 0.2:
            seq = 10_000 + one.seq
            again = ExecutionReport(report_id=f"s{seq}", seq=seq, kind="deal", deal=one.deal)
            told.append(again)
    rng.shuffle(told)
    for one in told:
        report_record(caller=life.desk.caller, facts=one, raw=one.report_id, instance="ea-1")


def check(life: Life) -> None:
    """Orders, position and account are what truly happened."""
    truth = life.truth
    position = Position.objects.get(account=life.desk.account)
    assert Fraction(position.volume_open_lots) == abs(truth.lots)
    assert Fraction(position.volume_closed_lots) == truth.closed
    assert Fraction(position.net) == truth.net
    assert position.is_open == (truth.lots != 0)
    if truth.lots:
        assert position.side == ("buy" if truth.lots > 0 else "sell")
        assert abs(Fraction(position.price_open) - truth.price) < Fraction(1, 10**8)
    assert position.order_id == life.first_order_id
    if truth.lots:
        parts = {one.id: Fraction(part.lots) for one, part in position_shares(position).items()}
        assert parts == {one: lots for one, lots in truth.parts.items() if one}
    assert Fraction(position.volume_foreign_lots) == truth.parts.get(0, 0)
    for order_id, (state, filled) in life.ends.items():
        order = Order.objects.get(id=order_id)
        assert (order.state, order.filled_lots) == (state, filled)
    assert account_state(life.desk.account.id) == ACTIVE


@dataclass
class Floor:
    """A desk with entries to either side that are handed out already: each case takes of them."""

    desk: Desk
    orders: dict[str, list[Order]]

    @classmethod
    def made(cls, margin_mode: str, each: int) -> Floor:
        desk = desk_make(margin_mode=margin_mode)
        orders: dict[str, list[Order]] = {"buy": [], "sell": []}
        for number, side in product(range(each), orders):
            decision = desk.decide(side=side, lots="0.10", trade_ref=f"{side}{number}")
            orders[side] += decision_stage(decision_id=decision.id)
        desk.poll()
        for order in chain(*orders.values()):
            order.refresh_from_db()
            assert order.fence == 1, order.reason
        return cls(desk, orders)

    def entries(self, sides: list[str]) -> list[Order]:
        """An entry for each side, as it was handed out."""
        return [self.orders[side][sides[:n].count(side)] for n, side in enumerate(sides)]


def leave(life: Life, **fields: Any) -> None:
    """An exit of ours, told in any order too; `of`, where it is not the whole position's."""
    entry = fields.pop("of", None)
    life.started, life.reports = len(life.reports), []
    order = life.desk.stage("exit", side="any", **fields)
    assert order.state == "staged", order.reason
    life.desk.poll()
    order.refresh_from_db()
    # What is left of an entry that rests is cancelled by the exit of its trade.
    for one, (state, lots) in list(life.ends.items()):
        if state == "partially_filled" and entry in (None, one):
            life.ends[one] = ("cancel_requested", lots)
    life.says("ack", order)
    filled = life.fills(order, of=entry)
    if life.rng.random() < 0.5:
        life.says("done", order)
    life.ends[order.id] = ("filled", filled)
    tell(life, life.reports)
    check(life)


def hedging_life(floor: Floor, rng: Random) -> None:
    """An entry, closes by others, and an exit of ours at last."""
    life = Life(floor.desk, rng)
    (order,) = floor.entries([rng.choice(["buy", "sell"])])
    life.enters(order)
    if rng.random() < 0.5 and life.truth.lots:
        life.leaves()
    tell(life, life.reports)
    check(life)
    if life.truth.lots and rng.random() < 0.3:
        leave(life, trade_ref=order.trade_ref)


def netting_life(floor: Floor, rng: Random) -> None:
    """Two or three entries to either side, merged, taken off and turned round, what others trade
    between, and now and then the exit of one trade at last.

    A netting position that is flat is over: another identifier comes next.
    """
    life = Life(floor.desk, rng)
    for order in floor.entries([rng.choice(["buy", "sell"]) for _ in range(rng.randint(2, 3))]):
        life.enters(order)
        if life.truth.lots == 0:
            break
        if rng.random() < 0.3:
            life.leaves()
        elif rng.random() < 0.2:
            life.joins()
        if life.truth.lots == 0:
            break
    tell(life, life.reports)
    check(life)
    held = [one for one in life.truth.parts if one]
    if held and rng.random() < 0.3:
        entry = Order.objects.get(id=rng.choice(held))
        leave(life, trade_ref=entry.trade_ref, of=entry.id)


# What lives on an account of the mode, and how many entries to either side a life may take.
LIVES = {"hedging": (hedging_life, 1), "netting": (netting_life, 3)}
LIVES_EACH = 5_000
# The lives of a mode in parts that may run beside one another; no part lives another's.
PARTS = 4
SEEDS = st.integers(0, 2**40)


@pytest.fixture
def floor(margin_mode: str) -> Floor:
    return Floor.made(margin_mode, LIVES[margin_mode][1])


def rolled_back(margin_mode: str, floor: Floor, seed: str) -> None:
    with transaction.atomic():
        LIVES[margin_mode][0](floor, Random(seed))
        transaction.set_rollback(True)


def of(examples: int) -> Any:
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, suppress_health_check=checks)


@pytest.mark.parametrize("margin_mode", LIVES)
@of(8)
@given(seed=SEEDS)
def test_any_order_of_reports_and_deals_gives_one_state(margin_mode, floor, seed):
    rolled_back(margin_mode, floor, f"few:{seed}")


@pytest.mark.long
@pytest.mark.parametrize("margin_mode", LIVES)
@pytest.mark.parametrize("part", range(PARTS))
@of(LIVES_EACH // PARTS)
@given(seed=SEEDS)
def test_five_thousand_lives_of_each_mode(part, margin_mode, floor, seed):
    rolled_back(margin_mode, floor, f"{part}:{seed}")
