"""Lobes that call out are asked beside everything else; their alerts are decided at a deadline."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from fusion_project.events.clock import now
from fusion_project.events.models import Event, Handling
from signals.lobes.base import LobeAnswer, Question
from signals.models import Decision
from signals.services.calling import ALERTS_MAX, HANDLER
from signals.services.strategies import strategy_policy_change
from tests.builders.calling import served_until
from tests.builders.signals import (
    BuiltStrategy,
    entry_received,
    exit_received,
    results_record,
    strategy_built,
)

pytestmark = pytest.mark.usefixtures("committed_db")


class Outside:
    """A lobe that calls out: it answers after so many seconds, or never."""

    version = "1"
    daily_usd_max = Decimal(0)

    def __init__(self, name: str = "outside", seconds: float = 0, *, awake: bool = True) -> None:
        self.name, self.seconds, self.awake = name, seconds, awake
        self.asked = 0

    def asleep_because(self) -> str:
        return "" if self.awake else "no_key"

    def cost_max_usd(self, question: Question) -> Decimal:
        return Decimal(0)

    async def call(self, question: Question) -> LobeAnswer:
        self.asked += 1
        await asyncio.sleep(self.seconds)
        return LobeAnswer(lobe=self.name, version="1", status="awake", p=Decimal("0.7"))


class Held(Outside):
    """It answers once it is let go."""

    is_let_go, waiting = False, 0

    async def call(self, question: Question) -> LobeAnswer:
        self.waiting += 1
        while not self.is_let_go:
            await asyncio.sleep(0.01)
        return await super().call(question)


class Dying(Outside):
    async def call(self, question: Question) -> LobeAnswer:
        raise ConnectionError("gone")


@pytest.fixture
def lobes(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`lobes(...)`: these call out from now on."""

    def use(*some: Outside) -> None:
        monkeypatch.setattr("signals.services.asking.CALLING_LOBES", some)
        names = frozenset(one.name for one in some)
        monkeypatch.setattr("signals.services.fusing._CALLING_OUT", names)

    return use


def handed_over(built: BuiltStrategy, run_handlers: Any) -> Decision:
    alert = entry_received(built)
    run_handlers.only("signals.fuse_alert")
    return alert.decisions.get()


def is_decided(*decisions: Decision) -> bool:
    ids = [one.id for one in decisions]
    return not Decision.objects.filter(id__in=ids, state="proposed").exists()


def is_handled() -> bool:
    return not Handling.objects.filter(handler=HANDLER, done_at=None).exists()


def test_a_strategy_without_an_awake_lobe_that_calls_out_keeps_its_road(
    lobes: Any, run_handlers: Any
) -> None:
    lobes(Outside(awake=False), Outside("other"))
    built = strategy_built(lobes=["base_rate"])
    assert handed_over(built, run_handlers).state == "approved"
    assert not Handling.objects.filter(handler=HANDLER).exists()


def test_an_alert_is_decided_as_soon_as_all_have_spoken(lobes: Any, run_handlers: Any) -> None:
    lobes(Outside(), Outside("second"))
    decision = handed_over(strategy_built(), run_handlers)
    assert (decision.state, Event.objects.filter(name="opinions.awaited").count()) == (
        "proposed",
        1,
    )
    served_until(is_handled, soft=30, hard=30)
    decision.refresh_from_db()
    assert decision.state == "approved"
    told = dict(decision.alert.opinions.values_list("lobe", "status"))
    assert (told["outside"], told["second"], told["base_rate"]) == ("awake",) * 3
    assert Handling.objects.get(handler=HANDLER).done_at is not None


def test_a_lobe_that_a_new_policy_asks_since_is_asked_with_all_that_it_goes_by(
    lobes: Any, run_handlers: Any, clock: Any
) -> None:
    lobes(Outside("grok"))
    built = strategy_built(lobes=["base_rate", "grok"])
    results_record(built, wins=60, losses=40)
    clock.advance(seconds=1)
    decision = handed_over(built, run_handlers)
    wider = ["base_rate", "track_record", "grok"]
    strategy_policy_change(strategy_id=built.strategy.id, actor="user:1", lobes=wider)
    served_until(is_handled, soft=30, hard=30)
    told = decision.alert.opinions.get(lobe="track_record")
    assert (told.status, told.evidence) == ("awake", 500)


def test_a_lobe_that_hangs_or_dies_is_recorded_and_the_entry_decided_at_the_deadline(
    lobes: Any, run_handlers: Any
) -> None:
    lobes(Outside("hangs", seconds=60), Dying("dies"))
    decision = handed_over(strategy_built(), run_handlers)
    served_until(lambda: is_handled() and decision.alert.opinions.filter(lobe="dies").exists())
    decision.refresh_from_db()
    assert decision.state == "approved"
    assert '"reason":"no_answer_in_time"' in (decision.inputs or "")
    assert decision.alert.opinions.get(lobe="dies").status == "failed"
    assert not decision.alert.opinions.filter(lobe="hangs").exists()


def test_below_the_quorum_the_hard_deadline_is_waited_for(lobes: Any, run_handlers: Any) -> None:
    lobes(Outside(seconds=0.6))
    decision = handed_over(strategy_built(quorum=2), run_handlers)
    served_until(is_handled, soft=0.1, hard=60)
    decision.refresh_from_db()
    assert (decision.state, decision.reason) == ("approved", "edge_above_margin")


def test_a_late_answer_is_stored_as_late_and_changes_nothing(lobes: Any, run_handlers: Any) -> None:
    lobes(held := Held())
    decision = handed_over(strategy_built(quorum=2), run_handlers)
    stood: list[str | None] = []

    def late() -> bool:
        if not held.is_let_go and is_handled():
            stood.append(Decision.objects.get(id=decision.id).inputs)
            held.is_let_go = True
        return decision.alert.opinions.filter(lobe="outside").exists()

    served_until(late, soft=0.1, hard=0.3)
    decision.refresh_from_db()
    assert (decision.state, decision.reason) == ("abstained", "quorum_missed")
    late_one = decision.alert.opinions.get(lobe="outside")
    assert (late_one.status, late_one.p) == ("late", Decimal("0.7"))
    assert stood == [decision.inputs]


def test_without_the_process_drain_decides_from_the_database_after_the_soft_deadline(
    lobes: Any, run_handlers: Any, clock: Any
) -> None:
    moment = now()
    clock.set(moment)
    lobes(outside := Outside())
    decision = handed_over(strategy_built(), run_handlers)
    clock.advance(seconds=5)
    call_command("drain", "--once")
    decision.refresh_from_db()
    assert decision.state == "proposed"
    clock.advance(seconds=2)
    call_command("drain", "--once")
    decision.refresh_from_db()
    assert (decision.state, decision.reason) == ("approved", "lobes_away")
    assert outside.asked == 0


def test_an_exit_that_comes_meanwhile_supersedes_the_entry(lobes: Any, run_handlers: Any) -> None:
    lobes(Outside(seconds=60))
    built = strategy_built()
    decision = handed_over(built, run_handlers)
    exit_received(built, decision.trade_ref)
    served_until(is_handled)
    decision.refresh_from_db()
    assert decision.state == "superseded"


def test_alerts_wait_beside_each_other(lobes: Any, run_handlers: Any) -> None:
    """All are asked before the first one is answered: none waits for another's answer."""
    lobes(held := Held())
    built = strategy_built(entries_per_minute_max=100)
    decisions = [handed_over(built, run_handlers) for _ in range(8)]

    def all_asked() -> bool:
        held.is_let_go = held.waiting == len(decisions)
        return is_decided(*decisions)

    served_until(all_asked, soft=60, hard=60)
    assert set(Decision.objects.values_list("state", flat=True)) == {"approved"}


@pytest.mark.long
def test_fifty_alerts_whose_lobes_hang_are_decided_in_time(lobes: Any, run_handlers: Any) -> None:
    """Theirs is the time of the database alone: one wait, not fifty."""
    lobes(outside := Outside(seconds=60))
    built = strategy_built(entries_per_minute_max=100)
    for _ in range(ALERTS_MAX):
        handed_over(built, run_handlers)
    start = time.monotonic()
    served_until(is_handled, soft=0.5, hard=1.0)
    assert time.monotonic() - start < 15
    assert outside.asked == ALERTS_MAX
    assert set(Decision.objects.values_list("state", flat=True)) == {"approved"}


def test_nobody_rings_for_what_is_left_to_a_process_of_its_own(
    lobes: Any, run_handlers: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    rung: list[str] = []
    settings.REDIS_URL = "redis://nowhere"
    ring = "fusion_project.events.doorbell.bell.ring"
    monkeypatch.setattr(ring, lambda name, **_: rung.append(name))
    lobes(Outside())
    handed_over(strategy_built(), run_handlers)
    assert "signals.fuse_alert" in rung
    assert HANDLER not in rung
