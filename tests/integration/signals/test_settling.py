"""Members that nobody knows: refused with an entry, told by a test, settled with who and why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from fusion_project.events.models import Event
from signals.errors import PolicyInvalid
from signals.models import Alert, Decision, Delivery, StrategyPolicy
from signals.services.settling import members_forget, members_settle
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(db: None) -> BuiltStrategy:
    return strategy_built()


def send(built: BuiltStrategy, **members: Any) -> Any:
    return alert_received(built, json.dumps({"symbol": "EURUSD", **members}).encode())


def settle(**told: Any) -> None:
    given = {"slug": "ema-cross", "names": ["rsiDiv"], "kind": "harmless", "why": "a plot"}
    members_settle(actor="system", **{**given, **told})


def test_an_entry_with_an_unknown_member_is_refused_and_kept_with_its_name(
    built: BuiltStrategy,
) -> None:
    answer = send(built, side="buy", rsiDiv=1)
    assert (answer.status, answer.verdict, answer.reason) == (422, "unreadable", "unknown_member")
    assert "rsiDiv" in answer.message
    assert Delivery.objects.get().detail == "Not understood: rsiDiv."
    assert Event.objects.get(name="alert.refused").detail == (
        '{"lowers_risk":false,"rule":"unknown_member"}'
    )
    assert not Alert.objects.exists()


def test_an_exit_passes_and_names_what_was_left_out(built: BuiltStrategy) -> None:
    answer = send(built, action="close", rsiDiv=1)
    assert (answer.status, answer.message) == (
        202,
        "Accepted. Not understood, and left out: rsiDiv.",
    )


def test_a_test_names_what_an_entry_would_be_refused_for(built: BuiltStrategy) -> None:
    answer = send(built, action="buy", test=True, rsiDiv=1, zone=2)
    assert answer.message == "Accepted. An entry would be refused for: rsiDiv, zone."


def test_of_a_reversal_the_exit_is_decided_and_the_entry_is_over(built: BuiltStrategy) -> None:
    answer = send(built, action="reverse", side="buy", rsiDiv=1)
    assert (answer.status, "rsiDiv" in answer.message) == (202, True)
    closing, opening = Decision.objects.order_by("leg_no")
    assert (closing.state, opening.verb) == ("approved", "entry")
    assert opening.valid_until == opening.created_at
    detail = json.loads(Event.objects.get(name="alert.received").detail)
    assert detail["entry_refused"] == "unknown_member"


def test_what_is_settled_is_a_version_of_the_policy_with_who_and_why(built: BuiltStrategy) -> None:
    settle()
    policy = StrategyPolicy.objects.get(strategy=built.strategy, version=2)
    assert policy.members == {"rsidiv": {"is": "harmless", "why": "a plot"}}
    change = json.loads(Event.objects.filter(name="policy.changed").latest("id").detail)
    assert change["changes"]["members"] == policy.members
    assert send(built, side="buy", rsiDiv=1).status == 202
    assert send(built, side="buy", rsiDiv=1, zone=2).reason == "unknown_member"


def test_what_was_refused_is_not_traded_late(built: BuiltStrategy) -> None:
    send(built, side="buy", rsiDiv=1)
    settle()
    assert not Alert.objects.exists()


def test_a_settlement_is_taken_back(built: BuiltStrategy) -> None:
    settle()
    members_forget(slug="ema-cross", names=["rsi_div"], actor="system")
    assert send(built, side="buy", rsiDiv=1).reason == "unknown_member"
    with pytest.raises(PolicyInvalid, match="not settled"):
        members_forget(slug="ema-cross", names=["rsi_div"], actor="system")


def test_a_member_may_mean_another(built: BuiltStrategy) -> None:
    settle(names=["pieces"], kind="means", means="qty")
    assert send(built, side="buy", pieces=3).status == 202
    assert '"mode":"qty","value":"3"' in Alert.objects.get().intent


def test_a_member_named_as_a_credential_is_blanked_before_it_is_stored(
    built: BuiltStrategy,
) -> None:
    settle(names=["ourWord"], kind="credential")
    assert send(built, side="buy", ourWord="HUSH-HUSH").status == 202
    assert b"HUSH" not in bytes(Delivery.objects.get().body)


def test_the_strategys_own_secret_is_blanked_wherever_it_stands(built: BuiltStrategy) -> None:
    send(built, action="close", comment=f"my {built.secret} here")
    assert built.secret.encode() not in bytes(Delivery.objects.get().body)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"kind": "nothing"}, "must be one of"),
        ({"why": " "}, "needs a why"),
        ({"why": "x" * 201}, "needs a why"),
        ({"names": []}, "Name the members"),
        ({"names": ["x" * 65]}, "1 to 64"),
        ({"kind": "means", "means": "nonsense"}, "cannot mean"),
        ({"names": [f"m{number}" for number in range(65)]}, "at most 64"),
    ],
)
def test_a_settlement_that_cannot_be_is_refused(
    built: BuiltStrategy, told: dict[str, Any], words: str
) -> None:
    with pytest.raises(PolicyInvalid, match=words):
        settle(**told)


def test_the_policy_itself_takes_plain_names_only(built: BuiltStrategy) -> None:
    odd = {"rsi_Div": {"is": "harmless", "why": "a plot"}}
    with pytest.raises(PolicyInvalid, match="Write 'rsi_Div' as 'rsidiv'"):
        strategy_policy_change(strategy_id=built.strategy.id, actor="system", members=odd)


@pytest.mark.parametrize(
    "members",
    [
        {"a": {"is": "harmless"}},
        {"a": {"is": "traded", "why": "x"}},
        {"a": {"is": "means", "why": "x"}},
        {"a": {"is": "harmless", "why": "x", "as": "qty"}},
        {"": {"is": "harmless", "why": "x"}},
    ],
)
def test_the_table_refuses_a_member_without_a_reason_or_kind(
    built: BuiltStrategy, members: dict[str, Any]
) -> None:
    with (
        pytest.raises(IntegrityError, match="settled without a reason"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO signals_strategypolicy SELECT (jsonb_populate_record(p,"
            " jsonb_build_object('id', p.id + 1000, 'version', 99, 'members', %s::jsonb))).*"
            " FROM signals_strategypolicy p LIMIT 1",
            [json.dumps(members)],
        )
