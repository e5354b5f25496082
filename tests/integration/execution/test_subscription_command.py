"""`manage.py subscription`: which accounts trade a strategy, and how that is changed."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from execution.models import Subscription
from execution.services.accounts import account_create
from fusion_project.events.models import Event
from signals.services.strategies import strategy_create
from tests.builders.pages import staff_make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two() -> None:
    strategy_create(slug="ema-cross", name="EMA cross", actor="system")
    told = {"name": "Desk", "book": "paper", "server": "Paper", "login": "5001"}
    account_create(**told, currency="USD", actor="system")


@pytest.fixture
def anna() -> str:
    return staff_make("ops").get_username()


def _run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command("subscription", *arguments, stdout=out)
    return out.getvalue()


def test_a_fresh_strategy_is_followed_by_nobody_and_says_so() -> None:
    assert _run("list") == "ema-cross\t5001\tpaper\tDesk\tdoes not follow\n"


def test_an_account_follows_from_then_on_until_that_is_ended(anna) -> None:
    following = ("ema-cross", "5001", "--as", anna)
    assert "follows, 0.25 lots" in _run("add", *following, "--lots", "0.25")
    assert Subscription.objects.get().is_active
    assert "does not follow" in _run("remove", *following)
    assert not Subscription.objects.get().is_active
    told = Event.objects.filter(subject__startswith="execution.subscription:").order_by("id")
    assert [json.loads(one.detail)["is_active"] for one in told] == [True, False]
    assert {one.actor for one in told} != {"system"}


def test_an_unknown_account_is_refused_with_those_that_are_known(anna) -> None:
    with pytest.raises(CommandError, match=r"no account 9\. Known: 5001\."):
        _run("add", "ema-cross", "9", "--as", anna)


def test_who_is_not_on_the_staff_changes_nothing() -> None:
    with pytest.raises(CommandError, match="no member of staff 'nina'"):
        _run("add", "ema-cross", "5001", "--as", "nina")
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("lots", ["0", "-1", "NaN", "many", "1001"])
def test_lots_that_make_no_sense_are_refused_in_words(lots: str, anna) -> None:
    with pytest.raises(CommandError, match="--lots"):
        _run("add", "ema-cross", "5001", "--as", anna, f"--lots={lots}")


def test_an_unknown_strategy_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="nobody"):
        _run("list", "nobody")
