"""Asking the lobes: each opinion is stored as it arrives, once; no lobe breaks a handling."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fusion_project.events.models import Event, Handling
from signals.lobes.base import LobeAnswer, Question
from signals.models import Decision, Opinion
from signals.selectors.questions import asking_list
from signals.services.asking import lobes_ask
from tests.builders.signals import BuiltStrategy, entry_received, strategy_built


class Killed(BaseException):
    """The process ends in the middle of a call."""


class Counted:
    """A lobe that counts how often it is asked, and dies as often as told."""

    version = "1"

    def __init__(self, name: str, *, deaths: int = 0) -> None:
        self.name = name
        self.asked = 0
        self.deaths = deaths

    def answer(self, question: Question) -> LobeAnswer:
        self.asked += 1
        if self.asked <= self.deaths:
            raise Killed
        return LobeAnswer(
            lobe=self.name,
            version=self.version,
            status="awake",
            p=Decimal("0.6"),
            evidence=Decimal(400),
        )


def asked_about(built: BuiltStrategy) -> Question:
    [asking] = asking_list(alert_id=entry_received(built).id)
    return asking.question


@pytest.mark.usefixtures("committed_db")
def test_a_retry_after_a_kill_asks_only_the_lobes_that_had_not_answered(
    monkeypatch: pytest.MonkeyPatch, clock: Any, run_handlers: Any, owner_connection: Any
) -> None:
    first, second = Counted("first"), Counted("second", deaths=1)
    monkeypatch.setattr("signals.services.asking.LOBES", (first, second))
    alert = entry_received(strategy_built())
    with pytest.raises(Killed):
        run_handlers.only("signals.fuse_alert")
    stored = owner_connection.execute("SELECT lobe FROM signals_opinion").fetchall()
    assert stored == [("first",)]
    clock.advance(seconds=30)
    assert run_handlers.only("signals.fuse_alert") == 1
    assert (first.asked, second.asked) == (1, 2)
    assert Decimal("0.6") == Decision.objects.get(alert=alert).p_final
    assert Handling.objects.get(handler="signals.fuse_alert").done_at is not None
    received = Event.objects.filter(name="opinion.received", trace_id=alert.trace_id)
    assert received.count() == 2


def test_an_opinion_is_an_event_of_its_own(built: BuiltStrategy) -> None:
    opinions = lobes_ask(question=asked_about(built))
    subjects = Event.objects.filter(name="opinion.received").values_list("subject", flat=True)
    assert set(subjects) == {f"signals.opinion:{one.id}" for one in opinions}


def test_another_version_of_a_lobe_is_another_expert(built: BuiltStrategy) -> None:
    question, lobe = asked_about(built), Counted("one")
    lobes_ask(question=question, lobes=[lobe])
    lobe.version = "2"
    [opinion] = lobes_ask(question=question, lobes=[lobe])
    assert (lobe.asked, opinion.lobe_version, Opinion.objects.count()) == (2, "2", 2)


def test_an_opinion_that_another_worker_stored_meanwhile_stays(built: BuiltStrategy) -> None:
    question = asked_about(built)

    class Overtaken(Counted):
        def answer(self, question: Question) -> LobeAnswer:
            lobes_ask(question=question, lobes=[Counted(self.name)])
            return LobeAnswer(lobe=self.name, version="1", status="asleep")

    [opinion] = lobes_ask(question=question, lobes=[Overtaken("slow")])
    assert opinion.status == "awake"
    assert Event.objects.filter(name="opinion.received").count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"lobe": "another"},
        {"version": "9"},
        {"status": "shouting"},
        {"p": None},
        {"p": Decimal("NaN")},
        {"p": Decimal("1e-13")},
        {"p": Decimal("-0.1"), "status": "asleep"},
        {"evidence": Decimal(-1)},
        {"evidence": Decimal("1e15")},
        {"eps": Decimal("0.5")},
        {"response": "a\x00b"},
        {"p": 0.5},
    ],
)
def test_an_answer_that_cannot_be_kept_is_a_failure_and_no_exception(
    built: BuiltStrategy, answer: Any
) -> None:
    class Odd(Counted):
        def answer(self, question: Question) -> LobeAnswer:
            fair = {"lobe": self.name, "version": "1", "status": "awake", "p": Decimal("0.5")}
            return LobeAnswer(**{**fair, **answer})

    [opinion] = lobes_ask(question=asked_about(built), lobes=[Odd("odd")])
    assert (opinion.status, opinion.p) == ("failed", None)
    assert Event.objects.filter(name="lobe.failed").count() == 1


def test_a_decision_is_made_from_what_is_stored(built: BuiltStrategy) -> None:
    class Endless(Counted):
        def answer(self, question: Question) -> LobeAnswer:
            third = Decimal(1) / Decimal(3)
            return LobeAnswer(lobe=self.name, version="1", status="awake", p=third, evidence=third)

    [opinion] = lobes_ask(question=asked_about(built), lobes=[Endless("endless")])
    assert (opinion.p, opinion.evidence) == (Decimal("0.333333333333"), Decimal("0.333333"))
