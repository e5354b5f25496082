"""A drill sends faults on purpose: counted apart, watched for nothing, and never traded."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from execution.errors import DrillNotTraded
from execution.models import Subscription
from execution.services.subscriptions import subscription_create
from fusion_project.events.clock import now
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from fusion_project.ops.selectors.home import home_figures
from signals.models import Strategy
from signals.selectors.deliveries import refusals_since
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built
from tests.database import owner_writes
from tests.factories.execution import BrokerAccountFactory
from tests.factories.signals import EntryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def drill() -> BuiltStrategy:
    return strategy_built("drill", is_drill=True)


def broken() -> dict[str, Any]:
    return {**EntryFactory(at=now()), "side": "sideways"}


def refused_tile() -> tuple[str, str, str]:
    found = {one.label: one for one in home_figures(at=now(), allowed=lambda _: True)}
    tile = found["Refused in a day"]
    return tile.value, tile.tone, tile.note


def test_its_faults_are_told_apart_from_real_ones(drill: BuiltStrategy) -> None:
    alert_received(drill, broken())
    assert refused_tile() == (
        "0",
        "fine",
        "no alert refused or unreadable; 1 more on purpose, by drills",
    )
    alert_received(strategy_built(), broken())
    assert refused_tile() == (
        "1",
        "warn",
        "most often unknown_side; 1 more on purpose, by drills",
    )
    found = refusals_since(now() - timedelta(days=1))
    assert (found.count, found.on_purpose) == (1, 1)


def test_the_list_behind_the_tile_shows_what_the_tile_counts(
    drill: BuiltStrategy, admin_client: Any
) -> None:
    real = strategy_built()
    for one in (drill, real):
        alert_received(one, broken())
    listed = admin_client.get("/admin/signals/delivery/", {"verdict": "not_acted_on"})
    assert [row.strategy_id for row in listed.context["cl"].result_list] == [real.strategy.id]


def test_it_may_fire_as_it_likes(drill: BuiltStrategy, clock: Any) -> None:
    entry = EntryFactory(at=now())
    for _ in range(20):
        clock.advance(seconds=2)
        alert_received(drill, entry)
    periodic_run("signals.watch_rates")
    assert not Incident.objects.exists()


def test_no_account_can_follow_it_by_either_road(drill: BuiltStrategy) -> None:
    account = BrokerAccountFactory()
    with pytest.raises(DrillNotTraded):
        subscription_create(strategy_id=drill.strategy.id, account_id=account.id)
    with (
        pytest.raises(IntegrityError, match="no account follows it"),
        transaction.atomic(),
    ):
        Subscription.objects.create(
            strategy_id=drill.strategy.id, account_id=account.id, created_at=now()
        )


def test_an_account_is_not_led_from_a_strategy_to_a_drill(drill: BuiltStrategy) -> None:
    followed = subscription_create(
        strategy_id=strategy_built().strategy.id, account_id=BrokerAccountFactory().id
    )
    with (
        pytest.raises(IntegrityError, match="no account follows it"),
        transaction.atomic(),
        owner_writes(),
    ):
        Subscription.objects.filter(id=followed.id).update(strategy_id=drill.strategy.id)


@pytest.mark.parametrize("is_drill", [True, False])
def test_a_strategy_stays_what_it_was_made_as(is_drill: bool) -> None:
    row = strategy_built(is_drill=is_drill).strategy
    with (
        pytest.raises(IntegrityError, match="drill never changes"),
        transaction.atomic(),
        owner_writes(),
    ):
        Strategy.objects.filter(id=row.id).update(is_drill=not is_drill, version=row.version + 1)


def test_one_is_made_by_a_command() -> None:
    call_command("strategy_create", "noisy", "--drill")
    call_command("strategy_create", "quiet")
    assert list(Strategy.objects.filter(is_drill=True).values_list("slug", flat=True)) == ["noisy"]
