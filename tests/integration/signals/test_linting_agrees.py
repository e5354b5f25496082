"""What the linter says and what the intake does are the same, rule by rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fusion_project.events.clock import now
from signals.lint.judging import LintPolicy, lint
from signals.models import Alert, Delivery, Strategy
from signals.selectors.linting import alert_known, entry_rule_now
from signals.services.intake import body_sha256
from signals.services.strategies import strategy_switch
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built
from tests.factories.signals import EntryFactory, ExitFactory, body_of
from tests.unit.signals.dialects.reading import EXAMPLES
from tests.unit.signals.dialects.test_published_samples import LINES
from tests.unit.signals.dialects.test_published_samples import NOW as SAMPLE_NOW

pytestmark = pytest.mark.django_db
BODIES = [
    *(line["body"].encode() for line in LINES),
    *(one.body.encode() for examples in EXAMPLES.values() for one in examples),
]


@pytest.fixture
def built(clock: Any) -> BuiltStrategy:
    clock.set(SAMPLE_NOW)
    return strategy_built(entries_per_minute_max=10_000)


def test_every_known_message_is_judged_as_it_is_received(built: BuiltStrategy) -> None:
    for raw in dict.fromkeys(BODIES):
        at = now()
        judged = lint(raw, now=at, policy=LintPolicy(slug=built.strategy.slug))
        known = judged.reading and alert_known(
            strategy_id=built.strategy.id,
            body_sha256=body_sha256(raw),
            reading=judged.reading,
            at=at + timedelta(microseconds=1),
        )
        answer = alert_received(built, raw)
        if known:
            assert answer.reason == known[0], raw
        else:
            assert answer.reason == judged.reason, raw
            if judged.reason == "":
                assert Alert.objects.first().intent == judged.intent.to_json()


@pytest.mark.parametrize("age_seconds", [-31, -30, 0, 119, 120, 121, 3600])
def test_an_entrys_age_is_judged_alike(built: BuiltStrategy, age_seconds: int) -> None:
    raw = body_of(EntryFactory(at=SAMPLE_NOW - timedelta(seconds=age_seconds)))
    assert alert_received(built, raw).reason == lint(raw, now=SAMPLE_NOW).reason


def _rule_now(built: BuiltStrategy, raw: bytes) -> str:
    strategy = Strategy.objects.get(id=built.strategy.id)
    reading = lint(raw, now=now()).reading
    assert reading is not None
    return entry_rule_now(strategy=strategy, reading=reading, at=now() + timedelta(microseconds=1))


def test_a_strategy_that_is_switched_off_is_named(built: BuiltStrategy) -> None:
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    raw = body_of(EntryFactory(at=now()))
    assert _rule_now(built, raw) == "strategy_inactive" == alert_received(built, raw).reason
    assert _rule_now(built, body_of(ExitFactory(at=now()))) == ""


def test_an_entry_of_a_trade_that_is_over_is_named(built: BuiltStrategy, clock: Any) -> None:
    raw = body_of(EntryFactory(at=now(), trade_id="trade-1"))
    clock.advance(seconds=20)
    assert _rule_now(built, raw) == ""
    later = now() + timedelta(seconds=900)
    alert_received(built, ExitFactory(at=later, trade_id="trade-1"))
    assert _rule_now(built, raw) == "trade_closed_already" == alert_received(built, raw).reason


def test_too_many_entries_are_named(clock: Any) -> None:
    clock.set(SAMPLE_NOW)
    built = strategy_built(slug="busy", entries_per_minute_max=2)
    for _ in range(2):
        assert alert_received(built, EntryFactory(at=now())).status == 202
    raw = body_of(EntryFactory(at=now()))
    assert _rule_now(built, raw) == "rate_limited" == alert_received(built, raw).reason


def test_judging_stores_nothing(built: BuiltStrategy) -> None:
    for raw in BODIES[:20]:
        lint(raw, now=now())
    assert not Delivery.objects.exists()
