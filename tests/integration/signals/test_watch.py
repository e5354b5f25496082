"""What never arrived: each finding opens one incident and closes it by rule, in any order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fusion_project.events.clock import now
from fusion_project.events.models import Event, Handling
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_close
from signals.models import Alert, Expectation, ToldPosition
from signals.services.strategies import strategy_switch
from signals.services.watching import alert_watch, told_position_prune
from tests.builders.signals import BuiltStrategy, alert_received, entry_received, exit_received
from tests.database import owner_writes
from tests.factories.signals import EntryFactory, ExitFactory, TestSignalFactory


def sentence(side: str, quantity: str, position: str, symbol: str = "OANDA:EURUSD") -> bytes:
    return (
        f"Trend: order {side} @ {quantity} filled on {symbol}. New strategy position is {position}"
    ).encode()


OPEN_LONG, CLOSE_LONG = sentence("buy", "1", "1"), sentence("sell", "1", "0")
OPEN_SHORT, CLOSE_SHORT = sentence("sell", "1", "-1"), sentence("buy", "1", "0")


@pytest.fixture
def say(built: BuiltStrategy, clock: Any) -> Any:
    """Receive messages a minute apart; return their alert ids."""

    def receive(*bodies: bytes) -> list[int]:
        ids = []
        for body in bodies:
            clock.advance(seconds=60)
            answer = alert_received(built, body)
            assert answer.status == 202, answer
            ids.append(answer.receipt.alert_id)
        return ids

    return receive


def incidents(kind: str, **facts: Any) -> list[Incident]:
    return list(Incident.objects.filter(kind=kind, **facts).order_by("id"))


def watch(*alert_ids: int) -> None:
    for alert_id in alert_ids:
        alert_watch(alert_id=alert_id)


def test_a_lost_alert_opens_an_incident_that_names_its_neighbours_and_the_repair(
    built: BuiltStrategy, say: Any, run_handlers: Any
) -> None:
    first, second = say(OPEN_LONG, OPEN_SHORT)
    run_handlers.only("signals.watch_alert")
    (found,) = incidents("alert.lost", closed_at=None)
    assert found.subject == f"signals.strategy:{built.strategy.id}/EURUSD"
    assert f"lost between alert {first}" in found.note
    assert f"and alert {second}" in found.note
    assert "never arrived" in found.note
    assert f"close what the long position of alert {first} still holds" in found.note
    assert found.trace_id == Alert.objects.get(id=second).trace_id
    assert Event.objects.filter(name="incident.opened").count() == 1


def test_it_closes_by_rule_when_a_later_alert_fits_again(say: Any, run_handlers: Any) -> None:
    say(OPEN_LONG, OPEN_SHORT)
    run_handlers()
    (third,) = say(CLOSE_SHORT)
    run_handlers()
    (found,) = incidents("alert.lost")
    assert found.closed_at is not None
    assert found.closed_by == "system"
    assert str(third) in found.closing_note


def test_a_complete_chain_opens_nothing(say: Any, run_handlers: Any) -> None:
    say(
        OPEN_LONG,
        CLOSE_LONG,
        OPEN_SHORT,
        CLOSE_SHORT,
        sentence("buy", "2", "2"),
        sentence("sell", "1", "1"),
        sentence("sell", "2", "-1"),
    )
    run_handlers()
    assert incidents("alert.lost") == []


def test_a_lost_partial_exit_shows_in_the_size(say: Any, run_handlers: Any) -> None:
    say(sentence("buy", "3", "3"), sentence("sell", "2", "0"))
    run_handlers()
    (found,) = incidents("alert.lost")
    assert "close the surplus of 1 units" in found.note


def test_symbols_and_strategies_have_chains_of_their_own(say: Any, run_handlers: Any) -> None:
    say(OPEN_LONG, sentence("sell", "1", "-1", "OANDA:GBPUSD"), CLOSE_LONG)
    run_handlers()
    assert incidents("alert.lost") == []


def test_df_signal_tells_its_position_too(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    long = entry_received(built, sl=None, tp=None)
    clock.advance(minutes=15)
    entry_received(built, side="sell", id="x:2", trade_id="x:2")
    run_handlers()
    (found,) = incidents("alert.lost", closed_at=None)
    assert f"alert {long.id}" in found.note
    clock.advance(minutes=15)
    exit_received(built, "x:2", side="buy", id="x:3")
    run_handlers()
    assert incidents("alert.lost", closed_at=None) == []


def test_a_stop_that_was_hit_without_a_message_is_no_lost_alert(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    entry_received(built)
    clock.advance(minutes=15)
    entry_received(built, side="sell")
    run_handlers()
    assert incidents("alert.lost") == []


def test_a_canary_that_tells_a_position_finds_a_loss_without_waiting_for_a_trade(
    built: BuiltStrategy, run_handlers: Any, clock: Any
) -> None:
    entry_received(built)
    for position in ("flat", "short"):
        assert incidents("alert.lost") == []
        clock.advance(minutes=1)
        alert_received(built, TestSignalFactory(at=now(), position=position))
        run_handlers()
    (found,) = incidents("alert.lost", closed_at=None)
    assert "short before it" in found.note


def test_a_refused_message_is_named_as_what_may_explain_the_gap(
    built: BuiltStrategy, say: Any, run_handlers: Any
) -> None:
    say(OPEN_LONG, CLOSE_LONG)
    stale = EntryFactory(at=now() - timedelta(hours=1), side="sell")
    assert alert_received(built, stale).reason == "stale"
    say(CLOSE_SHORT)
    run_handlers()
    (found,) = incidents("alert.lost")
    assert "1 message(s) were refused in between, the last as stale" in found.note


def test_after_an_alert_that_tells_no_position_nothing_is_claimed(
    built: BuiltStrategy, say: Any, run_handlers: Any
) -> None:
    say(OPEN_LONG, b'{"symbol": "EURUSD", "action": "close_all"}', OPEN_SHORT)
    run_handlers()
    assert incidents("alert.lost") == []


def test_an_inactive_strategy_raises_no_alarm(
    built: BuiltStrategy, say: Any, run_handlers: Any
) -> None:
    say(OPEN_LONG)
    strategy_switch(strategy_id=built.strategy.id, is_active=False)
    say(CLOSE_SHORT)
    run_handlers()
    assert incidents("alert.lost") == []


def test_handlers_in_any_order_and_twice_leave_the_same(say: Any) -> None:
    ids = say(OPEN_LONG, OPEN_SHORT, CLOSE_SHORT, CLOSE_LONG)
    outcomes = set()
    for order in permutations(ids):
        mark = transaction.savepoint()
        watch(*order, *order[::-1])
        (found,) = incidents("alert.lost", closed_at=None)
        told = ToldPosition.objects.order_by("alert_id").values_list("alert_id", "gap_after")
        due = Expectation.objects.values_list("last_alert_id", "due_by")
        outcomes.add((found.note, tuple(told), tuple(due)))
        transaction.savepoint_rollback(mark)
    ((note, gap_marks, _),) = outcomes
    assert f"between alert {ids[2]}" in note
    assert dict(gap_marks) == {ids[0]: None, ids[1]: ids[0], ids[2]: None, ids[3]: ids[2]}


def test_what_a_person_closed_does_not_open_again_by_handling_twice(say: Any) -> None:
    ids = say(OPEN_LONG, OPEN_SHORT)
    watch(*ids)
    (found,) = incidents("alert.lost")
    incident_close(incident_id=found.id, note="closed at the broker", actor="user:1")
    watch(*ids)
    assert len(incidents("alert.lost")) == 1
    assert incidents("alert.lost", closed_at=None) == []


def test_told_positions_are_forgotten_after_a_quarter(say: Any, clock: Any) -> None:
    watch(*say(OPEN_LONG))
    assert told_position_prune() == 0
    clock.advance(days=91)
    assert told_position_prune() == 1
    watch(*say(OPEN_SHORT))
    assert incidents("alert.lost") == []


@pytest.mark.parametrize(
    "fields", [{"before": "up"}, {"after": "up"}, {"gap_after": 0}], ids=lambda one: str(one)
)
def test_the_table_refuses_positions_that_cannot_be(say: Any, fields: dict[str, Any]) -> None:
    (alert_id,) = say(OPEN_LONG)
    watch(alert_id)
    if "gap_after" in fields:
        fields = {"gap_after": alert_id}
    with pytest.raises(IntegrityError), transaction.atomic(), owner_writes():
        ToldPosition.objects.update(**fields)


def test_the_watch_handles_every_accepted_alert_without_parking(
    built: BuiltStrategy, run_handlers: Any
) -> None:
    bodies = [
        b"LICENCE,EURUSD,buy,risk=0.01",
        b'{"ticker": "SQ", "action": "exit", "cancel": true}',
        b'{"symbol": "#US30", "side": "buy", "lots": 1}',
        b"signal=closeall,symbol=EURUSD",
        b'{"apikey": "K", "symbol": "SBIN", "action": "SELL", "quantity": "25", "exchange": "NSE",'
        b' "position_size": "75", "pricetype": "MARKET"}',
    ]
    for body in [*bodies, OPEN_LONG]:
        assert alert_received(built, body).status == 202, body
    alert_received(built, ExitFactory(at=now()))
    run_handlers.only("signals.watch_alert")
    assert not Handling.objects.filter(handler="signals.watch_alert", done_at=None).exists()
