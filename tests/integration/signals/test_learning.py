"""Labels are written once, when they are known, and move what later entries are decided by."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.errors import PolicyInvalid
from signals.fusion.engines.registry import ENGINES
from signals.fusion.learned import state_after
from signals.lobes.registry import LOBE_NAMES
from signals.models import Decision, FusionState, Label
from signals.selectors.learning import neighbours_known, state_known
from signals.services.bars import BarFacts, bars_record
from signals.services.labels import labels_write
from signals.services.learning import label_learn
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import BuiltStrategy, entry_decided, entry_received, strategy_built
from tests.database import superuser_connect
from tests.integration.signals.conftest import NOON

MINUTE = timedelta(minutes=1)
PRICE = Decimal("1.0842")
FEED = {"feed": "executor:7", "symbol": "EURUSD", "timeframe_seconds": 60}
POLICY: dict[str, Any] = {"feeds": {"EURUSD": [FEED]}, "horizon_seconds": 600, "labels_min": 3}


def bars_come(count: int, *, high: str = "1.0843", low: str = "1.0841", since: Any = None) -> None:
    """The next bars of the feed, the last of which closes now."""
    first = since or now() - MINUTE * count
    bars_record(
        feed="executor:7",
        symbol="EURUSD",
        timeframe_seconds=60,
        bars=[
            BarFacts(
                open_at=first + MINUTE * number,
                open=PRICE,
                high=Decimal(high),
                low=Decimal(low),
                close=PRICE,
            )
            for number in range(count)
        ],
    )


WIN = {"high": "1.0873"}
LOSS = {"low": "1.0821"}


@pytest.fixture
def fed(db: None, clock: Any) -> BuiltStrategy:
    """A strategy whose bars an executor tells; one bar came before."""
    clock.set(NOON)
    built = strategy_built(**POLICY)
    bars_come(1)
    return built


def ended(built: BuiltStrategy, clock: Any, **bar: str) -> Decision:
    """An entry that is decided, and ends in the minute after it."""
    decision = entry_decided(built)
    clock.advance(minutes=1)
    bars_come(1, **bar)
    labels_write()
    return decision


def test_every_entry_gets_its_label_traded_or_not(fed: BuiltStrategy, clock: Any) -> None:
    shy = strategy_built("shy", prior_p=Decimal("0.2"), **POLICY)
    late = entry_received(fed)
    decisions = [entry_decided(fed), entry_decided(shy)]
    clock.advance(minutes=2)
    bars_come(2, **WIN)
    assert labels_write() == 3
    assert {one.state for one in decisions} == {"approved", "abstained"}
    assert set(Label.objects.values_list("outcome", "won")) == {("target", True)}
    label = late.decisions.get().label
    assert (label.result_r, label.rule) == (Decimal("1.45"), "triple_barrier/1")
    assert (label.feed, label.bars, label.known_at) == ("executor:7", 1, now())
    assert labels_write() == 0


def test_a_label_waits_for_its_bars_and_is_never_written_anew(
    fed: BuiltStrategy, clock: Any
) -> None:
    decision = entry_decided(fed)
    assert labels_write() == 0
    clock.advance(minutes=1)
    start = now() - MINUTE
    bars_come(1, **LOSS)
    assert labels_write() == 1
    bars_come(1, since=start, **WIN)
    assert labels_write() == 0
    assert (decision.label.outcome, decision.label.won) == ("stop", False)


def test_a_backlog_of_labels_is_written_in_turns_the_first_known_first(
    fed: BuiltStrategy, clock: Any
) -> None:
    """After an outage there may be thousands, and every other periodic job waits for them."""
    decisions = []
    for _ in range(3):
        decisions.append(entry_decided(fed))
        clock.advance(minutes=1)
        bars_come(1, **WIN)
    assert [labels_write(seconds_max=0) for _ in range(4)] == [1, 1, 1, 0]
    labelled = Label.objects.order_by("id").values_list("decision_id", flat=True)
    assert list(labelled) == [one.id for one in decisions]


def test_without_bars_it_says_why_there_is_no_label(fed: BuiltStrategy, clock: Any) -> None:
    bare = strategy_built("bare", horizon_seconds=600)
    lone, stopless = entry_decided(bare), entry_decided(fed, sl=None)
    clock.advance(minutes=1)
    bars_come(1)
    assert labels_write() == 1
    assert (stopless.label.outcome, stopless.label.reason) == ("unlabelled", "no_stop")
    clock.advance(minutes=9)
    assert labels_write() == 1
    assert lone.label.reason == "no_feed"


def test_a_hole_in_the_feed_leaves_the_entry_unlabelled_and_teaches_nothing(
    fed: BuiltStrategy, clock: Any
) -> None:
    decision = entry_decided(fed)
    clock.advance(minutes=4)
    bars_come(2, **WIN)
    assert labels_write() == 1
    assert (decision.label.reason, decision.label.won) == ("bars_missing", None)
    assert not FusionState.objects.exists()


def test_a_label_moves_the_state_of_its_family_once_with_what_was_told_then(
    fed: BuiltStrategy, clock: Any
) -> None:
    first = ended(fed, clock, **WIN)
    state = FusionState.objects.get()
    assert (state.family, state.horizon_seconds, state.version) == ("ema-cross", 600, 1)
    assert state.label.decision == first
    assert json.loads(state.value)["labels"] == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        label_learn(label=state.label)
    clock.advance(seconds=1)
    second = ended(fed, clock, **LOSS)
    record = json.loads(second.inputs or "")
    assert record["context"]["learning"]["state_id"] == state.id
    assert record["inputs"]["state"] == json.loads(state.value)
    newest = FusionState.objects.get(version=2)
    assert newest.former_sha256 == state.sha256


def test_strategies_of_one_family_learn_together(fed: BuiltStrategy, clock: Any) -> None:
    twins = [strategy_built(slug, family="twins", **POLICY) for slug in ("one", "two")]
    for built in twins:
        ended(built, clock, **WIN)
        clock.advance(seconds=1)
    assert list(FusionState.objects.order_by("version").values_list("family", "version")) == [
        ("twins", 1),
        ("twins", 2),
    ]


def test_after_enough_labels_what_was_learned_decides(fed: BuiltStrategy, clock: Any) -> None:
    for _ in range(8):
        ended(fed, clock, **LOSS)
        clock.advance(seconds=1)
    decision = entry_decided(fed)
    assert decision.p_final is not None
    assert decision.p_final < Decimal("0.5")
    assert (decision.state, decision.author) == ("abstained", "engine:fusion/2")


def planted(statement: str, *values: Any) -> None:
    """As only somebody who switches guards off could do it."""
    with superuser_connect() as server:
        server.execute("ALTER TABLE signals_label DISABLE TRIGGER USER")
        server.execute("ALTER TABLE signals_fusionstate DISABLE TRIGGER USER")
        server.execute("ALTER TABLE signals_bar DISABLE TRIGGER USER")
        server.execute(statement, values)


_PLANT_LABEL = """
    INSERT INTO signals_label (decision_id, rule, outcome, reason, won, result_r, feed, symbol,
        bars, features, known_at, created_at)
    VALUES (%s, 'x', 'target', '', true, 1, '', '', 1, %s, %s, %s)"""
_PLANT_STATE = """
    INSERT INTO signals_fusionstate (family, horizon_seconds, version, value, sha256,
        former_sha256, label_id, known_at, created_at)
    SELECT 'ema-cross', 600, 99, %s, repeat('a', 64), '', max(id), %s, %s FROM signals_label"""
_PLANT_BAR = """
    INSERT INTO signals_bar (feed, symbol, timeframe_seconds, open_at, revision, close_at, open,
        high, low, close, recorded_at)
    VALUES ('executor:7', 'EURUSD', 60, %s, %s, %s, 9, 9, 9, 9, %s)"""


@pytest.mark.usefixtures("committed_db")
def test_future_labels_states_and_bars_planted_in_the_tables_move_no_decision(clock: Any) -> None:
    clock.set(now())
    built = strategy_built(**{**POLICY, "labels_min": 0})
    bars_come(45)
    clock.advance(seconds=1)
    honest, first = entry_decided(built), entry_decided(built)
    later, instant = now() + timedelta(hours=1), now()
    vector = json.dumps(["1", "1", "1", "1", "1"])
    planted(_PLANT_LABEL, first.id, vector, later, later)
    value = json.loads(honest.inputs or "")["outcome"]["told"]
    planted(_PLANT_STATE, json.dumps(value), later, later)
    planted(_PLANT_BAR, instant - MINUTE, 2, instant, later)
    planted(_PLANT_BAR, instant + MINUTE, 1, instant + 2 * MINUTE, instant)
    again = entry_decided(built)
    records = [json.loads(one.inputs or "") for one in (honest, again)]
    for one in records:
        one["inputs"]["rules"].pop("open_labels")
        one["outcome"]["told"].pop("open_labels")
    assert records[0]["inputs"] == records[1]["inputs"]
    assert records[0]["outcome"] == records[1]["outcome"]
    seen = json.loads(records[1]["context"]["answers"][2]["request"])["market"]
    assert (seen["bars"], seen["features"] is None) == (45, False)
    assert neighbours_known([built.strategy.id], known_until=now()) == []
    assert state_known("ema-cross", 600, known_until=now()) is None
    assert labels_write() == 0


def test_the_tables_refuse_labels_and_states_from_the_future(
    fed: BuiltStrategy, clock: Any
) -> None:
    decision = ended(fed, clock, **WIN)
    other, state = entry_decided(fed), FusionState.objects.get()
    later = now() + MINUTE
    for statement, values in (
        (_PLANT_LABEL, [other.id, "[]", later, later]),
        (_PLANT_LABEL, [other.id, "[]", now(), now() - MINUTE]),
        (_PLANT_LABEL, [decision.id, "[]", now(), now()]),
        (_PLANT_STATE, [state.value, later, later]),
        (_PLANT_STATE.replace("99", "2"), [state.value, now(), now()]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(statement, values)


def test_a_state_follows_the_one_before_it_in_number_and_hash(
    fed: BuiltStrategy, clock: Any
) -> None:
    ended(fed, clock, **WIN)
    state = FusionState.objects.get()
    chained = hashlib.sha256((state.sha256 + state.value).encode()).hexdigest()
    alone = hashlib.sha256(state.value.encode()).hexdigest()
    for version, former, digest in (
        (3, state.sha256, chained),
        (2, "", alone),
        (2, state.sha256, alone),
    ):
        with pytest.raises(DatabaseError, match="does not follow"), transaction.atomic():
            FusionState.objects.create(
                family=state.family,
                horizon_seconds=state.horizon_seconds,
                version=version,
                value=state.value,
                sha256=digest,
                former_sha256=former,
                label=state.label,
                known_at=now(),
                created_at=now(),
            )


def test_decisions_of_both_engines_and_all_states_replay(
    fed: BuiltStrategy, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as former:
        former.setattr("signals.services.fusing.CURRENT", ENGINES["engine:fusion/1"])
        ended(fed, clock, **WIN)
        clock.advance(seconds=1)
    assert not FusionState.objects.exists()
    for outcome in (WIN, LOSS, WIN, WIN):
        ended(fed, clock, **outcome)
        clock.advance(seconds=1)
    entry_decided(fed)
    out = StringIO()
    call_command("replay_decisions", stdout=out)
    told = "6 decisions replayed (1 by engine:fusion/1, 5 by engine:fusion/2), 0 differ."
    assert told in out.getvalue()
    assert "4 learned states replayed, 0 differ." in out.getvalue()
    out = StringIO()
    call_command("replay_decisions", "--since", f"{now():%Y-%m-%dT%H:%M:%S}", stdout=out)
    assert "1 decisions replayed" in out.getvalue()
    assert "0 learned states replayed" in out.getvalue()
    with pytest.raises(CommandError, match="is no time"):
        call_command("replay_decisions", "--since", "yesterday")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lobes": ["base_rate"], "quorum": 2}, "can never be met"),
        ({"quorum": len(LOBE_NAMES) + 1}, "can never be met"),
        ({"lobes": ["base_rate", "oracle"]}, "must be a list of"),
        ({"lobes": ["base_rate", "base_rate"]}, "listed twice"),
        ({"quorum": 0}, "quorum is at least 1"),
        ({"feeds": []}, "must be an object"),
        ({"feeds": {"EURUSD": []}}, "1 to 5 series"),
        ({"feeds": {"OANDA:EURUSD": [FEED]}}, "is no instrument"),
        ({"feeds": {"EURUSD": [{**FEED, "feed": "mine"}]}}, "is no feed"),
        ({"feeds": {"EURUSD": [{**FEED, "more": 1}]}}, "has the members"),
        ({"horizon_seconds": 5}, "horizon_seconds from 60"),
    ],
)
def test_a_policy_that_could_never_work_is_refused_when_it_is_saved(
    fed: BuiltStrategy, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PolicyInvalid, match=reason):
        strategy_policy_change(strategy_id=fed.strategy.id, actor="user:1", **changes)
    with pytest.raises(PolicyInvalid, match=reason):
        strategy_built("another", **changes)


def test_the_table_refuses_a_quorum_that_can_never_be_met(fed: BuiltStrategy) -> None:
    with pytest.raises(DatabaseError, match="is never met"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO signals_strategypolicy SELECT (jsonb_populate_record(p, "
            """ jsonb_build_object('id', 9999, 'version', 77, 'quorum', 2,"""
            """ 'lobes', '["base_rate"]'::jsonb))).* FROM signals_strategypolicy p LIMIT 1"""
        )


def test_a_policy_is_shown_and_changed_by_command_and_each_change_is_an_event(
    fed: BuiltStrategy,
) -> None:
    out = StringIO()
    call_command(
        "strategy_policy",
        "ema-cross",
        "--lobes",
        "base_rate,bar_features",
        "--quorum",
        "2",
        "--outage",
        "ask",
        stdout=out,
    )
    assert "quorum 1 -> 2" in out.getvalue()
    event = Event.objects.filter(name="policy.changed").latest("id")
    assert json.loads(event.detail)["changes"] == {
        "lobes": ["base_rate", "bar_features"],
        "quorum": 2,
        "outage": "ask",
    }
    assert json.loads(event.detail)["former"] == {"lobes": [], "quorum": 1, "outage": "abstain"}
    decision = entry_decided(fed)
    assert (decision.state, decision.reason, decision.reviews_needed) == (
        "pending_review",
        "quorum_asks",
        1,
    )


def test_a_state_that_was_changed_in_the_table_is_named(fed: BuiltStrategy, clock: Any) -> None:
    ended(fed, clock, **WIN)
    state = FusionState.objects.get()
    record = json.loads(state.label.decision.inputs or "")
    assert state_after(None, record, won=True) == state.value
    assert state_after(None, record, won=False) != state.value
