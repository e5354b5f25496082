"""Thirty-two pollers, two thousand orders, answers that are lost and programs that die."""

import threading
from collections import Counter
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from execution.models import Order
from execution.services.leases import lease_expire_all
from fusion_project.events.models import Event
from tests.builders.execution import Desk, account_set, desk_make

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.long]
ACCOUNTS, POLLERS_EACH, ORDERS_EACH = 8, 4, 250
# A lease of ten seconds runs out twice within the life of an entry that is acknowledged.
LEASE_ENDS = 5


class Program:
    """One executor with several pollers: they share its journal, and forget all else at a kill.

    The journal says what is going to be sent before it is, and what was said to be never sent.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.lock = threading.Lock()
        self.sent: set[int] = set()
        self.given_back: set[tuple[int, int]] = set()
        self.applied: list[tuple[int, int]] = []
        self.stale_applied = 0

    def step(self, rng: Random) -> bool:
        """One poll and what comes of it; whether anything is left to do."""
        answer = self.desk.poll()
        if rng.random() < 0.3:
            return True  # the answer is lost, or the program is killed before it acts on it
        for order in answer.orders:
            if rng.random() < 0.1:
                return True  # killed half-way
            if self.is_taken(order):
                self.acknowledge(order, rng)
        for one in answer.desired:
            self.looked_up(one.order)
        return bool(answer.orders or answer.desired) or self.is_waiting()

    def is_taken(self, order: Order) -> bool:
        with self.lock:
            if (order.id, order.fence) in self.given_back:
                return False
            self.sent.add(order.id)
            return True

    def acknowledge(self, order: Order, rng: Random) -> None:
        """Told up to three times, now and then by one who holds an older fence."""
        report_id, fence = uuid4().hex, order.fence
        if rng.random() < 0.1:
            verdict = self.desk.report("ack", order, fence=fence - 1)
            self.stale_applied += verdict.applied
        for _ in range(rng.choice([1, 1, 2, 3])):
            verdict = self.desk.report("ack", order, fence=fence, report_id=report_id)
            if verdict.applied:
                self.applied.append((order.id, fence))
                self.desk.report("working", order, fence=fence)

    def looked_up(self, order: Order) -> None:
        with self.lock:
            was_sent = order.id in self.sent
            if not was_sent:
                self.given_back.add((order.id, order.fence))
        if not was_sent:
            self.desk.report("never_sent", order, fence=order.fence)
        elif order.acknowledged_at:
            # Of two pollers that told of one order, the later word may have come first.
            self.desk.report("working", order, fence=order.fence)

    def loses_an_answer(self) -> list[int]:
        """A poll whose orders nobody ever saw: its journal has none of them."""
        return [order.id for order in self.desk.poll().orders]

    def is_waiting(self) -> bool:
        out = ("staged", "leased", "acknowledged", "unknown")
        return Order.objects.filter(account=self.desk.account, state__in=out).exists()


def _stock(programs: list[Program]) -> Any:
    def stage(number: int) -> None:
        desk = programs[number].desk
        account_set(desk.account, entries_per_minute_max=10_000, open_lots_max=1_000)
        for _ in range(ORDERS_EACH):
            desk.stage(lots="0.01", valid_seconds=36_000)

    return stage


def test_each_of_two_thousand_orders_is_acknowledged_once_under_its_fence(in_threads, clock):
    programs = [Program(desk_make()) for _ in range(ACCOUNTS)]
    failed = [one for one in in_threads(ACCOUNTS, _stock(programs)) if one is not None]
    assert not failed, failed
    assert Order.objects.filter(state="staged").count() == ACCOUNTS * ORDERS_EACH
    # For certain, and not only where a kill and the end of a lease meet: these are leased twice.
    lost = [order_id for program in programs for order_id in program.loses_an_answer()]
    assert len(lost) >= ACCOUNTS
    clock.advance(seconds=11)
    lease_expire_all()
    ended = iter(range(LEASE_ENDS))
    has_failed = threading.Event()

    def work(number: int) -> int:
        program, rng = programs[number % ACCOUNTS], Random(number)
        polls = 0
        try:
            while not has_failed.is_set() and program.step(rng):
                polls += 1
                if polls % 4 == 0:
                    if number == 0 and next(ended, None) is not None:
                        clock.advance(seconds=11)
                    # Time passes by itself too, and a lease that is over is served to nobody.
                    lease_expire_all()
        except Exception:
            # The others would wait for ever for what this one has in hand.
            has_failed.set()
            raise
        return polls

    polls = in_threads(ACCOUNTS * POLLERS_EACH, work)
    assert not [one for one in polls if isinstance(one, Exception)], polls
    acknowledged = Counter(
        Event.objects.filter(name="order.acknowledged").values_list("subject", flat=True)
    )
    assert len(acknowledged) == ACCOUNTS * ORDERS_EACH
    assert set(acknowledged.values()) == {1}
    fences = dict(Order.objects.values_list("id", "fence"))
    applied = [pair for program in programs for pair in program.applied]
    assert sorted(applied) == sorted(fences.items())
    assert sum(program.stale_applied for program in programs) == 0
    assert Event.objects.filter(name="order.unknown").exists()
    assert {fences[order_id] > 1 for order_id in lost} == {True}
