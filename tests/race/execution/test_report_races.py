"""The same facts told at once, by several requests."""

from functools import partial

import pytest

from execution.models import Deal, Order, Position, Report
from execution.services.leases import lease_expire_all
from execution.services.reports import report_record
from execution.services.staging import decision_stage
from execution.wire import ExecutionReport
from fusion_project.events.models import Event
from tests.builders.execution import desk_make


@pytest.fixture
def desk(committed_db):
    return desk_make()


def test_a_report_sent_eight_times_at_once_records_one_deal(desk, in_threads):
    order = desk.leased()
    facts = ExecutionReport(report_id="r1", seq=1, kind="deal", deal=desk.deal_facts(order))

    def work(_number):
        return report_record(caller=desk.caller, facts=facts, raw="{}", instance="ea-1").verdict

    verdicts = in_threads(8, work)
    assert sorted(verdicts) == ["duplicate"] * 7 + ["stored"]
    assert (Report.objects.count(), Deal.objects.count()) == (1, 1)


def test_one_deal_in_eight_reports_is_one_deal(desk, in_threads):
    order = desk.leased()
    deal = desk.deal_facts(order)

    def work(number):
        facts = ExecutionReport(report_id=f"r{number}", seq=number + 1, kind="deal", deal=deal)
        return report_record(
            caller=desk.caller, facts=facts, raw=str(number), instance="ea-1"
        ).verdict

    assert in_threads(8, work) == ["stored"] * 8
    assert Deal.objects.count() == 1
    assert Event.objects.filter(name="deal.recorded").count() == 1


def test_deals_of_one_position_told_at_once_fold_to_the_whole(desk, in_threads):
    from decimal import Decimal

    order = desk.leased(lots="0.80")
    deals = [
        desk.deal_facts(order, position_ticket=7, volume_lots=Decimal("0.10")) for _ in range(8)
    ]
    in_threads(8, lambda number: desk.report("deal", deal=deals[number]))
    assert Position.objects.get().volume_open_lots == Decimal("0.80")
    order.refresh_from_db()
    assert (order.state, order.filled_lots) == ("filled", Decimal("0.80"))


def test_a_stale_holder_racing_the_new_one_changes_nothing(desk, in_threads, clock):
    order = desk.leased()
    clock.advance(seconds=11)
    lease_expire_all()
    desk.report("never_sent", order)
    desk.poll()

    def work(number):
        kind, fence = ("ack", 2) if number == 0 else ("rejected", 1)
        return desk.report(kind, order, fence=fence).applied

    assert in_threads(6, work) == [True] + [False] * 5
    assert Order.objects.get().state == "acknowledged"


def test_an_entry_staged_six_times_at_once_is_one_order(desk, in_threads):
    decision = desk.decide()
    results = in_threads(6, lambda _: decision_stage(decision_id=decision.id))
    assert not [one for one in results if isinstance(one, Exception)]
    assert Order.objects.count() == 1


def test_an_exit_racing_its_entrys_staging_leaves_nothing_to_send(desk, in_threads):
    for round_ in range(6):
        entry = desk.decide(trade_ref=f"t{round_}")
        leave = desk.decide("exit", side="sell", trade_ref=f"t{round_}")
        decisions = [entry, leave] if round_ % 2 else [leave, entry]
        in_threads(2, _stage_each(decisions))
        assert Order.objects.get(decision=entry).state in ("cancelled", "rejected")
        assert desk.poll().orders == []


def _stage_each(decisions):
    return lambda number: decision_stage(decision_id=decisions[number].id)


def test_an_exit_racing_the_fill_always_closes_the_position(desk, in_threads):
    for round_ in range(6):
        order = desk.leased(trade_ref=f"t{round_}")
        leave = desk.decide("exit", side="sell", trade_ref=f"t{round_}")
        deal = desk.deal_facts(order)
        works = [
            partial(desk.report, "deal", deal=deal),
            partial(decision_stage, decision_id=leave.id),
        ]
        if round_ % 2:
            works.reverse()
        results = in_threads(2, _run_each(works))
        assert not [one for one in results if isinstance(one, Exception)]
        exit_order = Order.objects.get(decision=leave, state="staged")
        assert exit_order.position_ticket == deal.position_ticket
        desk.poll()


def _run_each(works):
    return lambda number: works[number]()
