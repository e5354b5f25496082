"""A live account follows a strategy as two people want it; a paper account as one does."""

from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from execution.errors import DrillNotTraded, SecondPersonNeeded
from execution.models import Subscription
from execution.services.subscriptions import (
    subscription_ask,
    subscription_create,
    subscription_end,
)
from fusion_project.events.clock import now
from fusion_project.second_person.models import Request
from tests.builders.execution import account_subscribe, strategy_make
from tests.builders.people import staff_make
from tests.builders.second_person import confirm, request_confirmed
from tests.factories.execution import BrokerAccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(db):
    return BrokerAccountFactory(book="live")


@pytest.fixture
def strategy(db):
    return strategy_make()


def asked(strategy, account, **changes):
    fields = {
        "strategy_id": strategy.id,
        "account_id": account.id,
        "lots_default": Decimal("0.20"),
        "size_mode": "risk_pct",
        "size_value": Decimal("0.5"),
        "deviation_points": 20,
        "spread_points_max": None,
        **changes,
    }
    return subscription_ask(reason="ready", actor=f"user:{staff_make('ops').pk}", **fields)


def test_one_person_alone_lets_no_live_account_follow(strategy, live) -> None:
    with pytest.raises(SecondPersonNeeded):
        subscription_create(strategy_id=strategy.id, account_id=live.id)
    assert not Subscription.objects.exists()


def test_two_do_and_it_is_what_they_saw(strategy, live) -> None:
    request = asked(strategy, live)
    assert request.words == (
        f"Let the LIVE account {live.name} follow {strategy.slug}: 0.20 lots where an entry names "
        "no size, size at most risk_pct=0.5, deviation at most 20 points."
    )
    assert not Subscription.objects.exists()
    confirm(request)
    row = Subscription.objects.get()
    assert (row.lots_default, row.size_value, row.deviation_points) == (
        Decimal("0.2"),
        Decimal("0.5"),
        20,
    )
    assert (row.request_id, row.is_active) == (request.pk, True)


def test_other_terms_of_one_that_follows_take_two_again(strategy, live) -> None:
    confirm(asked(strategy, live))
    with pytest.raises(SecondPersonNeeded):
        subscription_create(strategy_id=strategy.id, account_id=live.id, lots_default=Decimal(9))
    confirm(asked(strategy, live, lots_default=Decimal(9)))
    assert Subscription.objects.get().lots_default == 9


def test_one_person_ends_it(strategy, live) -> None:
    account_subscribe(strategy, live)
    assert subscription_end(strategy_id=strategy.id, account_id=live.id)
    assert not Subscription.objects.get().is_active


def test_a_drill_is_followed_by_nobody(live) -> None:
    with pytest.raises(DrillNotTraded):
        asked(strategy_make(is_drill=True), live)


def test_the_table_refuses_the_same(strategy, live) -> None:
    values = {"strategy": strategy, "account": live, "created_at": now()}
    for request in (None, request_confirmed("key.issue")):
        with (
            pytest.raises(IntegrityError, match="two people must want"),
            transaction.atomic(),
        ):
            Subscription.objects.create(**values, request=request)
    row = Subscription.objects.create(**values, request=request_confirmed("account.subscribe"))
    Request.objects.filter(id=row.request_id).update(
        state="done", ended_at=now(), ended_by="user:1"
    )
    with pytest.raises(IntegrityError, match="two people must want"), transaction.atomic():
        Subscription.objects.filter(id=row.id).update(lots_default=Decimal(9))
    Subscription.objects.filter(id=row.id).update(is_active=False)
    with pytest.raises(IntegrityError, match="two people must want"), transaction.atomic():
        Subscription.objects.filter(id=row.id).update(is_active=True)


def test_the_command_asks_for_a_live_account_and_acts_for_a_paper_one(
    strategy, live, capsys
) -> None:
    by = ("--as", staff_make("ops").get_username())
    call_command("subscription", "add", strategy.slug, live.login, "--reason", "ready", *by)
    assert "waits for a second person: Let the LIVE account" in capsys.readouterr().out
    assert not Subscription.objects.exists()
    paper = BrokerAccountFactory()
    call_command("subscription", "add", strategy.slug, paper.login, *by)
    assert Subscription.objects.get().account == paper
