"""The tables refuse by themselves what the services never do."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from fusion_project.events.clock import now
from signals.fusion import states
from signals.models import Alert, Decision, Delivery, Feature, Opinion, Strategy
from signals.services.previews import preview_attach
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import (
    BuiltStrategy,
    entry_decided,
    entry_received,
    exit_received,
    strategy_built,
)
from tests.database import owner_writes


def refused(work: Any, match: str) -> None:
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        work()


def refused_owner(work: Any, match: str) -> None:
    """Also to the owner, who has the right that the app has not."""
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        work()
    with owner_writes():
        refused(work, match)


def with_state(built: BuiltStrategy, state: str) -> Decision:
    """An entry decision brought to a state by plain updates along legal edges."""
    decision = entry_received(built).decisions.get()
    facts = {"inputs": "{}", "p_final": "0.6", "risk_bps": 1, "size_factor": 1}
    road = {
        "rejected": ["pending_review", "rejected"],
        "pending_review": ["pending_review"],
        "proposed": [],
    }.get(state, [state])
    for step in road:
        changes = {} if step == "rejected" else {**facts, "reviews_needed": 0}
        Decision.objects.filter(id=decision.id).update(state=step, **changes)
    if state == states.PENDING_REVIEW:
        preview_attach(decision_id=decision.id, content={})
    return decision


@pytest.mark.parametrize("old", states.DECISION_STATES)
def test_the_table_takes_exactly_the_edges_of_the_state_table(
    built: BuiltStrategy, old: str
) -> None:
    for new in states.DECISION_STATES:
        decision = with_state(built, old)
        facts = {"inputs": "{}", "p_final": "0.6", "risk_bps": 1, "size_factor": 1}
        changes = {**facts, "reviews_needed": 0} if old == "proposed" else {}
        rows = Decision.objects.filter(id=decision.id)
        if new == old:
            continue
        if states.edge_is_legal(old, new):
            assert rows.update(state=new, **changes) == 1
        else:
            refused(lambda: rows.update(state=new, **changes), "no legal edge")  # noqa: B023


@pytest.mark.parametrize(
    "change",
    [
        {"side": "sell"},
        {"instrument": "GBPUSD"},
        {"leg": "{}"},
        {"trade_ref": "x"},
        {"trace_id": "0" * 32},
        {"leg_no": 1},
        {"version": 2},
        {"ref_price": "2"},
        {"verb": "exit"},
        {"scope": "last"},
        {"target_trace_id": "0" * 32},
    ],
)
def test_what_a_decision_decides_on_is_frozen(built: BuiltStrategy, change: Any) -> None:
    decision = entry_received(built).decisions.get()
    refused_owner(lambda: Decision.objects.filter(id=decision.id).update(**change), "frozen")


def test_a_decision_cannot_be_given_more_time(built: BuiltStrategy) -> None:
    decision = entry_received(built).decisions.get()
    rows = Decision.objects.filter(id=decision.id)
    refused_owner(lambda: rows.update(valid_until=now()), "frozen")


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": "{}"},
        {"p_final": "0.9"},
        {"risk_bps": 9},
        {"author": "x"},
        {"inputs_sha256": "x"},
        {"size_factor": "0.5"},
        {"reviews_needed": 1},
    ],
)
def test_what_a_decision_was_made_from_is_frozen(built: BuiltStrategy, change: Any) -> None:
    decision = entry_decided(built)
    refused(lambda: Decision.objects.filter(id=decision.id).update(**change), "made from is frozen")


def test_a_decision_is_born_proposed_or_if_it_lowers_risk_approved(built: BuiltStrategy) -> None:
    entry = entry_received(built, id="t:1").decisions.get()
    closing = exit_received(built, "t:1").decisions.get()
    for row, state in ((entry, "approved"), (closing, "proposed"), (closing, "rejected")):
        row.pk, row.version, row.state = None, 2, state
        row.reviews_needed = 0
        refused(lambda: row.save(force_insert=True), "is not born")  # noqa: B023


def test_a_leg_has_one_live_version(built: BuiltStrategy) -> None:
    decision = entry_received(built).decisions.get()
    decision.pk, decision.version = None, 2
    refused(lambda: decision.save(force_insert=True), "signals_decision_one_live_version")


def test_an_entry_needs_a_side_and_an_end(built: BuiltStrategy) -> None:
    decision = entry_received(built).decisions.get()
    Decision.objects.filter(id=decision.id).update(state="expired")
    decision.pk, decision.version = None, 2
    decision.side = "any"
    refused(lambda: decision.save(force_insert=True), "signals_decision_entry_has_side_and_end")
    decision.side, decision.valid_until = "buy", None
    refused(lambda: decision.save(force_insert=True), "signals_decision_entry_has_side_and_end")


def test_an_entry_cannot_be_approved_before_it_was_authored(built: BuiltStrategy) -> None:
    decision = entry_received(built).decisions.get()
    rows = Decision.objects.filter(id=decision.id)
    refused(
        lambda: rows.update(state="approved", reviews_needed=0),
        "signals_decision_entry_was_authored",
    )


def test_a_strategy_cannot_change_behind_its_version(built: BuiltStrategy) -> None:
    rows = Strategy.objects.filter(id=built.strategy.id)
    refused(lambda: rows.update(is_active=False), "raises the version")
    refused(lambda: rows.update(is_active=False, version=99), "raises the version by one")
    refused_owner(lambda: rows.update(slug="other", version=F("version") + 1), "keeps the slug")


def test_a_strategy_follows_later_versions_of_its_own_policy_only(built: BuiltStrategy) -> None:
    rows = Strategy.objects.filter(id=built.strategy.id)
    first = built.strategy.policy
    changed = strategy_policy_change(strategy_id=built.strategy.id, actor="user:1", risk_bps=9)
    refused(
        lambda: rows.update(policy=first, version=F("version") + 1), "followed by a later version"
    )
    other = strategy_built("other").strategy
    later = strategy_policy_change(strategy_id=other.id, actor="user:1", risk_bps=8)
    later = strategy_policy_change(strategy_id=other.id, actor="user:1", risk_bps=7)

    def follow_anothers() -> None:
        rows.update(policy=later.policy, version=F("version") + 1)
        connection.check_constraints()

    refused(follow_anothers, "signals_strategy_own_policy")
    assert rows.get().policy == changed.policy


def test_a_sender_id_and_an_intent_key_are_stored_once_a_strategy(built: BuiltStrategy) -> None:
    alert = entry_received(built)
    alert.pk = None
    refused(lambda: alert.save(force_insert=True), "signals_alert_sender_id")
    for _ in range(2):
        alert.pk, alert.sender_id = None, None
        alert.save(force_insert=True)
    alert.pk, alert.intent_key = None, "k"
    alert.save(force_insert=True)
    alert.pk = None
    refused(lambda: alert.save(force_insert=True), "signals_alert_intent_key")


FACTS = [
    "signals_alert",
    "signals_alertconflict",
    "signals_opinion",
    "signals_review",
    "signals_feature",
    "signals_delivery",
    "signals_decision",
    "signals_strategypolicy",
    "signals_lobeweight",
    "signals_bar",
    "signals_label",
    "signals_fusionstate",
]


@pytest.mark.parametrize("table", FACTS)
def test_the_app_role_may_not_delete_or_truncate_facts(built: BuiltStrategy, table: str) -> None:
    entry_decided(built)
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.usefixtures("committed_db")
class TestEvenTheOwner:
    """The owner, with triggers for replication switched off, meets the same refusals."""

    @pytest.fixture
    def facts(self, committed_db: None) -> None:
        built = strategy_built()
        entry_decided(built, id="t:1")
        exit_received(built, "t:1")
        Feature.objects.create(key="k", name="n", at=now(), recorded_at=now(), value=1)
        assert Alert.objects.exists()
        assert Delivery.objects.exists()
        assert Opinion.objects.exists()

    def test_may_not_rewrite_facts(self, facts: None, superuser_connection: Any) -> None:
        partition = self._partition(superuser_connection)
        for role in ("origin", "replica"):
            for statement in (
                "UPDATE signals_alert SET intent = '{}'",
                "DELETE FROM signals_alert",
                "UPDATE signals_opinion SET p = 0.9",
                "UPDATE signals_feature SET value = 2",
                "UPDATE signals_strategypolicy SET risk_bps = 1000",
                "DELETE FROM signals_strategypolicy",
                "UPDATE signals_delivery SET verdict = 'refused'",
                "DELETE FROM signals_delivery",
                "DELETE FROM signals_decision",
                "UPDATE signals_decision SET state = 'rejected'",
                "UPDATE signals_decision SET leg = '{}'",
                "TRUNCATE signals_decision, signals_alert, signals_opinion, signals_review,"
                " signals_alertconflict CASCADE",
                "TRUNCATE signals_delivery",
                "TRUNCATE signals_delivery_default",
                f"DELETE FROM ONLY {partition}",
                f"TRUNCATE {partition}",
            ):
                superuser_connection.rollback()
                superuser_connection.execute(f"SET LOCAL session_replication_role = {role}")
                with pytest.raises(psycopg.errors.IntegrityError):
                    superuser_connection.execute(statement)
        superuser_connection.rollback()

    def _partition(self, server: Any) -> str:
        row = server.execute("SELECT tableoid::regclass::text FROM signals_delivery").fetchone()
        return str(row[0])
