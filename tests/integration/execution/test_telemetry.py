"""Heartbeats over time, latency of each hop, slippage in four parts, counts of return codes."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from execution.models import Heartbeat
from execution.rules.retcodes import ACTIONS, RETCODES, WHO
from execution.selectors.heartbeats import HeartbeatFigures, heartbeat_figures
from execution.selectors.quality import HOPS, hop_figures, order_times, slippage_of
from execution.selectors.retcodes import retcode_list
from execution.services.sessions import heartbeat_record
from execution.services.staging import decision_stage
from execution.services.telemetry import heartbeat_forget, heartbeat_partitions_make
from execution.wire import Heartbeat as HeartbeatTold
from execution.wire import ToldQuote, Watermark
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from signals.models import Decision
from tests.builders.execution import desk_make
from tests.database import owner_writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def beat(desk, bid="1.10000", ask="1.10010", symbol="EURUSD", **fields):
    quote = ToldQuote(symbol, Decimal(bid), Decimal(ask), int(now().timestamp() * 1000))
    facts = HeartbeatTold(
        instance=desk.instance,
        balance=desk.account.balance,
        equity=desk.account.equity,
        margin=desk.account.balance,
        watermark=Watermark(time_msc=0, ticket=0),
        quotes=(quote,),
        **fields,
    )
    return heartbeat_record(caller=desk.caller, facts=facts)


def test_each_heartbeat_is_a_row_with_the_quotes_of_what_may_be_traded(desk, clock):
    beat(desk, number=1, entries_blocked=("daily_loss", "spread"))
    clock.advance(seconds=2)
    beat(desk, symbol="GBPUSD", number=2)
    second, first = Heartbeat.objects.all()
    assert (first.number, first.entries_blocked) == (1, "daily_loss spread")
    (quoted,) = json.loads(first.quotes).items()
    assert (quoted[0], quoted[1][:2]) == ("EURUSD", ["1.10000", "1.10010"])
    assert json.loads(second.quotes) == {}


def test_a_heartbeat_that_is_told_twice_is_one_row(desk):
    at = now()
    for _ in range(2):
        quote = ToldQuote("EURUSD", Decimal(1), Decimal(2), int(at.timestamp() * 1000))
        facts = HeartbeatTold(
            instance="ea-1",
            balance=desk.account.balance,
            equity=desk.account.equity,
            margin=desk.account.balance,
            watermark=Watermark(time_msc=0, ticket=0),
            quotes=(quote,),
            number=1,
        )
        heartbeat_record(caller=desk.caller, facts=facts)
    assert Heartbeat.objects.count() == 1


def partitions():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'execution_heartbeat'::regclass ORDER BY 1"
        )
        return [row[0] for row in cursor.fetchall()]


def test_months_are_made_ahead_and_old_ones_go_whole(clock, settings):
    settings.HEARTBEAT_DAYS = 31
    heartbeat_partitions_make()
    assert heartbeat_partitions_make() == 0
    before = partitions()
    clock.advance(days=62)
    assert heartbeat_partitions_make() >= 2
    assert heartbeat_forget() >= 1
    after = partitions()
    oldest = f"execution_heartbeat_{now() - timedelta(days=62):%Y_%m}"
    assert oldest in before
    assert oldest not in after
    assert {f"execution_heartbeat_{now():%Y_%m}", "execution_heartbeat_default"} <= set(after)


def test_nobody_makes_the_table_forget_the_last_month(clock):
    heartbeat_partitions_make()
    month = now().month
    while now().month == month:
        clock.advance(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT execution_heartbeat_forget(0)")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("statement", ["UPDATE {} SET latch = 'x'", "DELETE FROM {}"])
def test_a_heartbeat_is_never_changed(desk, statement):
    beat(desk)
    with pytest.raises(DatabaseError), transaction.atomic(), owner_writes():
        connection.cursor().execute(statement.format("execution_heartbeat"))


def filled(desk, clock):
    """An entry of 1.10000 whose price moves between each hop, by 1, 2, 4 and 8 points."""
    beat(desk, ask="1.10001")
    decision = desk.decide(approve=False, ref_price="1.10000")
    clock.advance(seconds=2)
    beat(desk, ask="1.10003")
    record(
        names.DECISION_PROPOSED,
        subject=subject_of(Decision, decision.id),
        trace_id=decision.trace_id,
        actor="system",
        detail={},
    )
    clock.advance(seconds=3)
    beat(desk, ask="1.10007")
    Decision.objects.filter(id=decision.id).update(
        state="approved",
        inputs="{}",
        p_final=Decimal("0.6"),
        risk_bps=50,
        size_factor=1,
        author="engine:test",
        decided_at=now(),
        reviews_needed=0,
    )
    order = desk.leased(desk_stage(decision))
    desk.report("ack", order)
    clock.advance(seconds=1)
    desk.deal(order, price=Decimal("1.10015"))
    return order


def desk_stage(decision):
    (order,) = decision_stage(decision_id=decision.id)
    return order


def test_slippage_has_four_parts_that_add_up(desk, clock):
    order = filled(desk, clock)
    (times,) = order_times(since=now() - timedelta(hours=1))
    parts = slippage_of([times])[order.id]
    # One point of a price of 1.1 is 0.0909 basis points.
    assert (parts.feed, parts.decision) == (Decimal("0.09"), Decimal("0.18"))
    assert (parts.approval, parts.broker) == (Decimal("0.36"), Decimal("0.73"))
    assert parts.whole == Decimal("1.36")


def test_without_a_quote_a_part_is_not_known_and_the_whole_still_is(desk):
    order = desk.leased(ref_price="1.10000")
    desk.deal(order, price=Decimal("1.10011"))
    parts = slippage_of(order_times(since=now() - timedelta(hours=1)))[order.id]
    assert (parts.feed, parts.decision, parts.approval, parts.broker) == (None,) * 4
    assert parts.whole == Decimal("1.00")


def test_each_hop_has_its_seconds(desk, clock):
    filled(desk, clock)
    figures = {one.hop: one for one in hop_figures(order_times(since=now() - timedelta(hours=1)))}
    assert set(figures) == {*HOPS, "whole"}
    assert figures["decide"].p50 == pytest.approx(2, abs=0.5)
    assert figures["approve"].p99 == pytest.approx(3, abs=0.5)
    assert figures["whole"].p50 >= 6


def test_every_return_code_has_a_meaning_and_somebody_who_acts():
    assert {row.who for row in RETCODES.values()} == set(WHO)
    assert {row.action for row in RETCODES.values()} == set(ACTIONS)
    assert [code for code, row in RETCODES.items() if not row.meaning.endswith(".")] == []


def test_return_codes_are_counted_also_those_that_nobody_knows(desk):
    order = desk.leased()
    desk.report("rejected", order, retcode=10019)
    desk.report("unknown", order, retcode=10999)
    desk.report("unknown", order, retcode=10999)
    seen = {one.code: one.times for one in retcode_list(since=now() - timedelta(hours=1))}
    assert (seen[10019], seen[10999], seen[10004]) == (1, 2, 0)
    assert all(one.times == 0 for one in retcode_list(since=now() + timedelta(seconds=1)))


def test_of_heartbeats_pauses_pings_and_what_was_told_are_counted(desk, clock):
    clock.set(now())
    beat(desk, number=1, ping_ms=10, outbox_depth=0)
    clock.advance(seconds=2)
    beat(desk, number=2, ping_ms=30, outbox_depth=4, entries_blocked=("daily_loss",))
    clock.advance(seconds=7)
    beat(desk, number=3, ping_ms=20)
    beside = desk_make()
    beat(beside, number=1)
    ours, others = heartbeat_figures(since=now() - timedelta(hours=1))
    assert ours == HeartbeatFigures(
        account=desk.account.name,
        count=3,
        pause_seconds=7,
        ping_p50_ms=20,
        ping_p99_ms=pytest.approx(29.8),
        outbox_most=4,
        blocked=1,
    )
    assert (others.account, others.pause_seconds, others.ping_p50_ms) == (
        beside.account.name,
        None,
        None,
    )
    assert heartbeat_figures(since=now() + timedelta(seconds=1)) == []


def test_the_command_prints_them(desk, clock, capsys):
    order = filled(desk, clock)
    desk.report("rejected", order, retcode=10019)
    call_command("execution_quality", account=desk.account.name)
    printed = capsys.readouterr().out
    assert "1 filled entries" in printed
    assert "whole        1.36 bps on average of 1" in printed
    assert "10019 no_money 1 times" in printed
    assert f"{desk.account.name}: 3 heartbeats, longest pause" in printed
