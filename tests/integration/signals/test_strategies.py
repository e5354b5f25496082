"""Strategies, their versioned policy, their secrets, and the features pushed for them."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.errors import (
    FeatureConflict,
    PolicyInvalid,
    SecretNotFound,
    StrategyExists,
    StrategyNotFound,
)
from signals.management.webhook_address import webhook_words
from signals.models import Feature, Strategy, StrategySecret
from signals.services.features import feature_record
from signals.services.strategies import (
    strategy_create,
    strategy_get,
    strategy_policy_change,
    strategy_secret_issue,
    strategy_secret_revoke,
    strategy_switch,
)
from tests.builders.signals import BuiltStrategy, entry_received
from tests.factories.signals import EntryFactory


def test_a_policy_change_appends_a_version_and_is_recorded(built: BuiltStrategy) -> None:
    before, former = built.strategy.version, built.strategy.policy
    changed = strategy_policy_change(
        strategy_id=built.strategy.id, actor="user:7", risk_bps=25, prior_p=Decimal("0.55")
    )
    assert (changed.version, changed.policy.version, changed.policy.risk_bps) == (before + 1, 2, 25)
    assert (changed.policy.actor, changed.policy.valid_from) == ("user:7", changed.changed_at)
    assert changed.policy.prior_strength == former.prior_strength
    former.refresh_from_db()
    assert (former.version, former.risk_bps, former.prior_p) == (1, 50, Decimal("0.6"))
    event = Event.objects.filter(name="policy.changed").latest("id")
    assert event.actor == "user:7"
    assert json.loads(event.detail) == {
        "slug": "ema-cross",
        "version": 2,
        "changes": {"risk_bps": 25, "prior_p": "0.55"},
        "former": {"risk_bps": 50, "prior_p": "0.600000"},
    }


def test_the_name_and_the_switch_make_no_version_of_the_policy(built: BuiltStrategy) -> None:
    before = built.strategy.version
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    changed = strategy_policy_change(strategy_id=built.strategy.id, actor="user:7", name="Another")
    assert (changed.version, changed.policy.version) == (before + 2, 1)
    assert Event.objects.filter(name="policy.changed").latest("id").actor == "user:7"


def test_a_switch_that_stands_so_already_is_not_turned(built: BuiltStrategy) -> None:
    before = built.strategy.version
    assert not strategy_switch(strategy_id=built.strategy.id, is_active=True)
    assert strategy_switch(strategy_id=built.strategy.id, is_active=False)
    built.strategy.refresh_from_db()
    assert (built.strategy.version, built.strategy.is_active) == (before + 1, False)


def test_the_switch_is_no_part_of_the_policy(built: BuiltStrategy) -> None:
    with pytest.raises(PolicyInvalid, match="is_active"):
        strategy_policy_change(strategy_id=built.strategy.id, actor="user:7", is_active=False)


@pytest.mark.parametrize(
    "policy",
    [
        {"risk_bps": 0},
        {"risk_bps": 1001},
        {"prior_p": Decimal(1)},
        {"prior_p": Decimal(0)},
        {"approval": "none"},
        {"review_seconds": 0},
        {"cost_r": Decimal(-1)},
        {"slug": "x"},
        {"version": 9},
        {"colour": "blue"},
        {"prior_strength": Decimal(0)},
    ],
)
def test_a_policy_outside_its_range_is_refused(built: BuiltStrategy, policy: Any) -> None:
    with pytest.raises(PolicyInvalid):
        strategy_policy_change(strategy_id=built.strategy.id, actor="user:1", **policy)
    built.strategy.refresh_from_db()
    assert (built.strategy.policy.risk_bps, built.strategy.policies.count()) == (50, 1)


def test_a_slug_is_given_once_and_must_fit_a_path(built: BuiltStrategy) -> None:
    with pytest.raises(StrategyExists):
        strategy_create(slug="ema-cross", name="again", actor="system")
    with pytest.raises(PolicyInvalid):
        strategy_create(slug="a/b", name="slash", actor="system")
    with pytest.raises(StrategyNotFound):
        strategy_get(slug="nobody")


def test_a_secret_is_told_once_and_stored_as_its_hash(built: BuiltStrategy) -> None:
    issued = strategy_secret_issue(strategy_id=built.strategy.id, actor="user:1", label="new")
    row = StrategySecret.objects.get(id=issued.id)
    assert row.sha256 == hashlib.sha256(issued.secret.encode()).hexdigest()
    assert len(issued.secret) >= 32
    assert issued.path == f"/hooks/tradingview/ema-cross/{issued.secret}"
    event = Event.objects.filter(name="key.issued").latest("id")
    assert issued.secret not in event.detail
    assert row.sha256 not in event.detail


def test_a_secret_is_revoked_once_and_only_by_its_own_strategy(built: BuiltStrategy) -> None:
    secret = built.strategy.secrets.get()
    other = strategy_create(slug="other", name="other", actor="system")
    with pytest.raises(SecretNotFound):
        strategy_secret_revoke(strategy_id=other.id, secret_id=secret.id, actor="user:1")
    strategy_secret_revoke(strategy_id=built.strategy.id, secret_id=secret.id, actor="user:1")
    assert Event.objects.latest("id").name == "key.revoked"
    with pytest.raises(SecretNotFound):
        strategy_secret_revoke(strategy_id=built.strategy.id, secret_id=secret.id, actor="user:1")


def test_a_secret_with_an_end_stops_by_itself(built: BuiltStrategy, post: Any, clock: Any) -> None:
    issued = strategy_secret_issue(strategy_id=built.strategy.id, actor="user:1", valid_seconds=60)
    assert post(EntryFactory(at=now()), path=issued.path).status_code == 202
    clock.advance(seconds=60)
    assert post(EntryFactory(at=now()), path=issued.path).status_code == 401


def test_an_end_is_never_moved_to_a_later_time(built: BuiltStrategy) -> None:
    issued = strategy_secret_issue(strategy_id=built.strategy.id, actor="user:1", valid_seconds=60)
    for after_seconds, left in ((3_600, 60), (30, 30), (31, 30)):
        row = strategy_secret_revoke(
            strategy_id=built.strategy.id,
            secret_id=issued.id,
            actor="user:1",
            after_seconds=after_seconds,
        )
        assert row.valid_until == now() + timedelta(seconds=left)


def record(built: BuiltStrategy, **changes: Any) -> Feature:
    facts = {
        "key": "trade:1",
        "name": "trade.result_r",
        "strategy_id": built.strategy.id,
        "instrument": "EURUSD",
        "at": now(),
        "value": Decimal("1.5"),
        "trace_id": "",
    }
    return feature_record(**{**facts, **changes})


def test_a_feature_is_recorded_once_by_its_key(built: BuiltStrategy, clock: Any) -> None:
    first = record(built)
    at = now()
    clock.advance(seconds=5)
    again = record(built, at=at, value=Decimal("1.50"))
    assert again.id == first.id
    assert Feature.objects.get().recorded_at == at


@pytest.mark.parametrize("change", [{"value": Decimal(2)}, {"name": "x"}, {"instrument": "X"}])
def test_a_known_feature_key_with_another_content_is_a_conflict(
    built: BuiltStrategy, change: Any
) -> None:
    record(built)
    with pytest.raises(FeatureConflict):
        record(built, **change)
    assert Feature.objects.get().value == Decimal("1.5")


@pytest.mark.parametrize(
    ("origins", "hosts", "site", "note"),
    [
        (["https://*.desk.example", "https://desk.example"], ["x"], "https://desk.example", ""),
        ([], ["desk.example"], "https://desk.example", ""),
        (["http://127.0.0.1:8000"], ["127.0.0.1"], "http://127.0.0.1:8000", "cannot reach"),
        ([], [".desk.example", "*"], "", "Put your site before it"),
    ],
)
def test_the_address_of_a_webhook_is_told_whole_as_far_as_the_site_is_known(
    settings: Any, origins: list[str], hosts: list[str], site: str, note: str
) -> None:
    settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS = origins, hosts
    address, *rest = webhook_words("/hooks/tradingview/x/y").splitlines()
    assert address == f"{site}/hooks/tradingview/x/y"
    assert note in " ".join(rest) if note else not rest


def test_the_create_command_makes_a_strategy_that_takes_alerts(
    db: None, client: Any, settings: Any
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://desk.example"]
    out = StringIO()
    call_command(
        "strategy_create",
        "scalper",
        "--approval=automatic",
        "--risk-bps=20",
        "--prior-p=0.6",
        stdout=out,
    )
    address = out.getvalue().splitlines()[-1]
    assert address.startswith("https://desk.example/hooks/tradingview/scalper/")
    path = urlsplit(address).path
    strategy = Strategy.objects.get(slug="scalper")
    policy = strategy.policy
    assert (policy.approval, policy.risk_bps, policy.prior_p) == (
        "automatic",
        20,
        Decimal("0.6"),
    )
    body = json.dumps(EntryFactory(at=now()))
    assert client.post(path, body, content_type="text/plain").status_code == 202
    with pytest.raises(CommandError, match=r"already|exists"):
        call_command("strategy_create", "scalper", stdout=StringIO())


def test_the_secret_command_issues_lists_and_revokes(built: BuiltStrategy) -> None:
    out = StringIO()
    call_command("strategy_secret", "ema-cross", "--issue", "--label=second", stdout=out)
    first = built.strategy.secrets.order_by("id")[0]
    call_command("strategy_secret", "ema-cross", f"--revoke={first.id}", stdout=out)
    call_command("strategy_secret", "ema-cross", stdout=out)
    text = out.getvalue()
    assert "/hooks/tradingview/ema-cross/" in text
    assert f"{first.id}\t-\tends 2026-03-02 12:00:00 UTC" in text
    assert "\tsecond\tno end" in text
    with pytest.raises(CommandError, match="There is no strategy"):
        call_command("strategy_secret", "nobody", stdout=StringIO())


def test_a_strategy_with_history_cannot_vanish(built: BuiltStrategy) -> None:
    entry_received(built)
    with pytest.raises(Exception, match=r"protected|permission"):
        built.strategy.delete()
