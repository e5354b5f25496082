"""The demo can be seeded again and again; its credentials open what they say."""

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import HttpRequest
from django.test import override_settings

from execution.models import BrokerAccount, ExecutorKey, Subscription, SymbolMap
from execution.services.keys import key_revoke
from fusion_project.local.home.folder import json_read
from fusion_project.local.market.rules.alert_text import (
    HAND_INSTRUMENT,
    HAND_REVIEW_STRATEGY,
    HAND_STRATEGY,
)
from fusion_project.local.market.rules.pine_strategies import PINE_STRATEGIES
from fusion_project.local.market.rules.prices import INSTRUMENTS
from fusion_project.local.market.rules.sample_rules import FAULTY_STRATEGY, SAMPLE_STRATEGIES
from fusion_project.local.run.demo import demo_seed
from signals.models import Strategy, StrategySecret

pytestmark = pytest.mark.django_db
BY_HAND = {HAND_STRATEGY, HAND_REVIEW_STRATEGY}


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    path = tmp_path / "secrets" / "demo.json"
    demo_seed(path)
    return path


def test_the_pine_scripts_get_strategies_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "demo.json"
    demo_seed(path, alerts="pine")
    secrets = json_read(path)["strategies"]
    assert set(secrets) == {*BY_HAND, *(one.script for one in PINE_STRATEGIES)}
    assert Strategy.objects.filter(slug__in=secrets, is_active=True).count() == len(secrets)
    assert Subscription.objects.filter(strategy__slug__in=secrets).count() == len(secrets)


def test_going_to_and_fro_between_the_kinds_of_alerts_issues_no_new_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "demo.json"
    for alerts in ("sample", "pine", "sample", "pine"):
        demo_seed(path, alerts=alerts)
    assert StrategySecret.objects.count() == Strategy.objects.count()


def test_staff_can_log_in_and_only_ops_is_superuser(credentials: Path) -> None:
    users = json_read(credentials)["users"]
    for name in ("ops", "reviewer"):
        user = authenticate(HttpRequest(), username=name, password=users[name])
        assert isinstance(user, User)
        assert user.is_staff
        assert user.is_superuser == (name == "ops")
    assert list(User.objects.get(username="reviewer").groups.values_list("name", flat=True)) == [
        "reviewer"
    ]


def test_every_sample_instrument_is_mapped_and_confirmed(credentials: Path) -> None:
    account = BrokerAccount.objects.get()
    assert account.book == "paper"
    confirmed = SymbolMap.objects.filter(account=account, confirmation__isnull=False)
    assert set(confirmed.values_list("instrument", flat=True)) == set(INSTRUMENTS)


def test_every_strategy_has_a_secret_and_the_account_follows_it(credentials: Path) -> None:
    told = json_read(credentials)["strategies"]
    traded = {*BY_HAND, *(one.slug for one in SAMPLE_STRATEGIES)}
    assert set(told) == {*traded, FAULTY_STRATEGY}
    for slug, secret in told.items():
        digest = hashlib.sha256(secret.encode()).hexdigest()
        assert StrategySecret.objects.filter(strategy__slug=slug, sha256=digest).exists()
        followed = Subscription.objects.filter(strategy__slug=slug, is_active=True).exists()
        assert followed == (slug in traded)
    assert Strategy.objects.get(is_drill=True).slug == FAULTY_STRATEGY


def test_a_person_decides_for_one_strategy_of_the_market_and_one_by_hand(
    credentials: Path,
) -> None:
    asking = Strategy.objects.filter(policy__approval="one").values_list("slug", flat=True)
    assert set(asking) == {"careful", HAND_REVIEW_STRATEGY}
    assert Strategy.objects.get(slug=HAND_STRATEGY).policy.approval == "automatic"


def test_the_sample_market_leaves_the_strategies_by_hand_alone() -> None:
    assert BY_HAND.isdisjoint(one.slug for one in SAMPLE_STRATEGIES)
    assert HAND_INSTRUMENT in INSTRUMENTS


def test_seeding_again_changes_nothing(credentials: Path) -> None:
    told = credentials.read_text()
    counts = [model.objects.count() for model in (StrategySecret, ExecutorKey, Subscription, User)]
    demo_seed(credentials)
    assert credentials.read_text() == told
    assert counts == [
        model.objects.count() for model in (StrategySecret, ExecutorKey, Subscription, User)
    ]


def test_a_lost_file_is_made_anew_and_opens_everything(credentials: Path) -> None:
    old = json_read(credentials)
    credentials.unlink()
    demo_seed(credentials)
    fresh = json_read(credentials)
    assert fresh["users"] != old["users"]
    assert authenticate(HttpRequest(), username="ops", password=fresh["users"]["ops"])
    assert fresh["executor_key"] != old["executor_key"]
    assert ExecutorKey.objects.filter(prefix=fresh["executor_key"].partition(".")[0]).exists()


def test_another_home_gets_another_account_because_its_broker_has_other_books(
    credentials: Path, tmp_path: Path
) -> None:
    demo_seed(tmp_path / "other" / "demo.json")
    logins = {json_read(one)["account"]["login"] for one in tmp_path.glob("*/demo.json")}
    assert len(logins) == 2
    assert set(BrokerAccount.objects.values_list("login", flat=True)) == logins


def test_a_password_that_a_person_has_changed_stays(credentials: Path) -> None:
    user = User.objects.get(username="ops")
    user.set_password("changed-by-a-person")
    user.save()
    demo_seed(credentials)
    user.refresh_from_db()
    assert user.check_password("changed-by-a-person")


def test_a_revoked_key_is_replaced(credentials: Path) -> None:
    old = json_read(credentials)["executor_key"]
    key_revoke(key_id=ExecutorKey.objects.get().id, actor="system")
    demo_seed(credentials)
    assert json_read(credentials)["executor_key"] != old


def test_the_command_writes_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    call_command("seed_demo", credentials=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
