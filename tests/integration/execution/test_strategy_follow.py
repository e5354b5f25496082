"""`manage.py strategy_follow`: which accounts trade a strategy, and how that is changed."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from execution.models import Subscription
from execution.services.accounts import account_create
from signals.services.strategies import strategy_create

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two() -> None:
    strategy_create(slug="ema-cross", name="EMA cross", actor="system")
    account_create(name="Desk", book="paper", server="Paper", login="5001", currency="USD")


def _run(*arguments: Any) -> str:
    out = io.StringIO()
    call_command("strategy_follow", "ema-cross", *arguments, stdout=out)
    return out.getvalue()


def test_a_fresh_strategy_is_followed_by_nobody_and_says_so() -> None:
    assert _run() == "5001\tpaper\tDesk\tdoes not follow\n"


def test_an_account_follows_from_then_on_until_that_is_ended() -> None:
    assert "follows, 0.25 lots" in _run("--account", "5001", "--lots", "0.25")
    assert Subscription.objects.get().is_active
    assert "does not follow" in _run("--account", "5001", "--end")
    assert not Subscription.objects.get().is_active


def test_an_end_that_names_no_account_is_refused() -> None:
    with pytest.raises(CommandError, match="--end needs --account"):
        _run("--end")


def test_an_unknown_account_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(CommandError, match=r"no account 9\. Known: 5001\."):
        _run("--account", "9")


@pytest.mark.parametrize("lots", ["0", "-1", "NaN", "many", "1001"])
def test_lots_that_make_no_sense_are_refused_in_words(lots: str) -> None:
    with pytest.raises(CommandError, match="--lots"):
        _run("--account", "5001", f"--lots={lots}")


def test_an_unknown_strategy_is_refused_in_words() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("strategy_follow", "nobody")
