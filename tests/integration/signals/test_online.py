"""The online lobe's labels: those that were known, whatever a process has folded before."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fusion_project.events.clock import now
from signals.lobes.online import KNOWN_MIN
from signals.models import Label
from signals.selectors import online as selector
from signals.selectors.online import online_known
from tests.builders.signals import FED, BuiltStrategy, entry_received, market_told, strategy_built
from tests.integration.signals.conftest import NOON


@pytest.fixture
def fed(db: None, clock: Any) -> BuiltStrategy:
    clock.set(NOON)
    return strategy_built(**FED, entries_per_minute_max=10_000)


def labelled(built: BuiltStrategy, count: int, *, known_at: datetime | None = None) -> list[Label]:
    """So many entries whose outcome is known, as it was told at that moment."""
    made = []
    for number in range(count):
        decision = entry_received(built).decisions.get()
        told_at = known_at or now()
        won = number % 3 == 0
        made.append(
            Label.objects.create(
                decision=decision,
                rule="triple_barrier/1",
                outcome="target" if won else "stop",
                won=won,
                result_r=Decimal(1 if won else -1),
                features=[str(number % 5), "0.5", "1", str(number % 7), "2"],
                known_at=told_at,
                created_at=told_at,
            )
        )
    return made


def test_it_goes_on_with_what_came_since_and_comes_to_the_same(
    fed: BuiltStrategy, clock: Any
) -> None:
    family = [fed.strategy.id]
    labelled(fed, KNOWN_MIN)
    clock.advance(minutes=1)
    first = online_known(family, known_until=now())
    assert first is not None
    assert first.labels == KNOWN_MIN
    labelled(fed, 7)
    clock.advance(minutes=1)
    gone_on = online_known(family, known_until=now())
    selector._folds.of_family.clear()
    assert online_known(family, known_until=now()) == gone_on
    assert gone_on is not None
    assert gone_on.labels == KNOWN_MIN + 7


def test_no_label_counts_that_became_known_after_the_alert(fed: BuiltStrategy, clock: Any) -> None:
    family = [fed.strategy.id]
    labelled(fed, KNOWN_MIN)
    clock.advance(minutes=1)
    then = now()
    before = online_known(family, known_until=then)
    clock.advance(minutes=1)
    labelled(fed, 9)
    clock.advance(minutes=1)
    assert online_known(family, known_until=now()) != before
    assert online_known(family, known_until=then) == before
    assert online_known(family, known_until=NOON - timedelta(days=1)) is None


def test_a_window_that_moves_begins_at_a_later_label(
    fed: BuiltStrategy, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signals.lobes.online.FOLD_MAX", 60)
    monkeypatch.setattr("signals.lobes.online.FOLD_STEP", 10)
    made = labelled(fed, 60)
    clock.advance(minutes=1)
    whole = online_known([fed.strategy.id], known_until=now())
    assert whole is not None
    assert whole.first_label_id == made[0].id
    labelled(fed, 1)
    clock.advance(minutes=1)
    moved = online_known([fed.strategy.id], known_until=now())
    assert moved is not None
    assert (moved.first_label_id, moved.labels) == (made[10].id, 51)


def test_an_entry_hears_it_where_the_policy_asks_it(fed: BuiltStrategy, clock: Any) -> None:
    from signals.services.asking import alert_ask

    labelled(fed, KNOWN_MIN)
    clock.advance(minutes=1)
    market_told()
    clock.advance(seconds=1)
    alert = entry_received(fed)
    [asked] = alert_ask(alert_id=alert.id)
    [online] = [one for one in asked.opinions if one.lobe == "online"]
    assert (online.status, online.evidence) == ("awake", KNOWN_MIN)
