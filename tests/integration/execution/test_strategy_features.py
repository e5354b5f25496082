"""What fusion may know of the accounts behind a strategy: the worst of them, each minute."""

from decimal import Decimal

import pytest

from execution.services.features import strategy_features_record
from signals.models import Feature
from tests.builders.execution import account_follow, desk_make
from tests.builders.risk import heartbeat_tell
from tests.builders.switches import account_halt

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = desk_make()
    heartbeat_tell(made.account, 10_000)
    made.poll()
    return made


def told(desk) -> dict[str, Decimal]:
    strategy_features_record()
    rows = Feature.objects.filter(strategy=desk.strategy).order_by("id")
    return {row.name: row.value for row in rows}


def test_drawdown_exposure_and_health_are_told_of_each_strategy(desk) -> None:
    desk.opened(lots="0.10")
    heartbeat_tell(desk.account, 9_500)
    assert told(desk) == {
        "strategy.drawdown_bps": Decimal(500),
        "strategy.exposure_bps": (Decimal(11_000) / Decimal(9_500) * 10_000).quantize(
            Decimal("0.0001")
        ),
        "strategy.health": 1,
    }


def test_the_worst_account_counts(desk) -> None:
    other = account_follow(desk.strategy)
    heartbeat_tell(other, 10_000)
    heartbeat_tell(other, 8_000)
    facts = told(desk)
    assert facts["strategy.drawdown_bps"] == 2_000
    # Nothing has been heard of its executor.
    assert facts["strategy.health"] == 0


def test_what_is_known_of_no_account_is_not_told(desk) -> None:
    account_follow(desk.strategy)
    assert "strategy.drawdown_bps" not in told(desk)


def test_a_halted_account_is_not_well(desk) -> None:
    account_halt(desk.account.id)
    assert told(desk)["strategy.health"] == 0


def test_a_minute_is_told_once(desk, clock) -> None:
    told(desk)
    count = Feature.objects.count()
    told(desk)
    assert Feature.objects.count() == count
    clock.advance(seconds=60)
    heartbeat_tell(desk.account, 10_000)
    told(desk)
    assert Feature.objects.count() == count * 2
