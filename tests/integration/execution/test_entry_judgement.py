"""One tuple of rules judges an entry wherever it is judged, from facts without its own order."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from execution.models import Order, SymbolMap
from execution.risk import rules
from execution.risk.limits import Scope
from execution.risk.reasons import ADVICE
from execution.risk.rules import EntryRule, Moment
from execution.selectors.entry_facts import EntryAsked, entry_facts, orders_asked
from execution.selectors.previews import entry_previews
from execution.services.staging import decision_stage
from fusion_project.events.clock import now
from signals.models import Decision
from tests.builders.execution import (
    account_follow,
    account_set,
    alert_make,
    decision_make,
    desk_make,
)
from tests.builders.pages import client_of, flow_make, signal_message, staff_make
from tests.builders.switches import account_halt, strategy_stop

pytestmark = pytest.mark.django_db
REASON = "moon_is_full"


@pytest.fixture
def desk():
    return desk_make()


def _rule_added(monkeypatch, *moments: Moment) -> None:
    added = EntryRule((REASON,), frozenset(moments), lambda facts: REASON)
    monkeypatch.setattr(rules, "ENTRY_RULES", (*rules.ENTRY_RULES, added))
    monkeypatch.setitem(ADVICE, REASON, "Wait for another moon.")


def _stopped_at_staging(desk, monkeypatch, *moments) -> bool:
    with monkeypatch.context() as patch:
        _rule_added(patch, *moments)
        order = desk.stage(lots="0.01")
    assert order.reason == (REASON if order.state == "rejected" else "")
    return order.state == "rejected"


def _stopped_at_claim(desk, monkeypatch, *moments) -> bool:
    order = desk.stage(lots="0.01")
    with monkeypatch.context() as patch:
        _rule_added(patch, *moments)
        taken = order.id in desk.poll().new_ids
    order.refresh_from_db()
    assert order.state == ("leased" if taken else "staged")
    return not taken


def _stopped_at_permit(desk, monkeypatch, *moments) -> bool:
    order = desk.leased(lots="0.01")
    with monkeypatch.context() as patch:
        _rule_added(patch, *moments)
        answer = desk.poll()
    assert order in answer.orders
    return order not in answer.permitted


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize(
    ("stopped", "where"),
    [
        (_stopped_at_staging, Moment.STAGING),
        (_stopped_at_claim, Moment.CLAIM),
        (_stopped_at_permit, Moment.PERMIT),
    ],
)
def test_a_rule_added_to_the_tuple_stops_an_order_where_it_says_so_and_nowhere_else(
    desk, monkeypatch, stopped, where, moment
) -> None:
    assert stopped(desk, monkeypatch, moment) == (moment is where)


@pytest.mark.parametrize("moment", list(Moment))
def test_a_rule_added_to_the_tuple_shows_in_both_previews_if_it_names_them(
    run_handlers, monkeypatch, moment
) -> None:
    flow = flow_make(run_handlers, approval="one")
    decision = flow.decided()
    reviewer = client_of(staff_make("reviewer"))
    _rule_added(monkeypatch, moment)
    review = reviewer.get(f"/ops/decisions/{decision.id}/")
    message = json.dumps(signal_message("entry"))
    linter = reviewer.post(
        "/ops/alert-linter/", {"message": message, "strategy": flow.strategy.slug}
    )
    shown = REASON if moment is Moment.PREVIEW else ""
    assert [one.refusal for one in review.context["previews"]] == [shown]
    assert [one.refusal for one in linter.context["legs"][0].accounts] == [shown]
    for page in (review, linter):
        assert ("Wait for another moon." in page.content.decode()) == bool(shown)


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (lambda d: strategy_stop(d.strategy), "strategy_stopped"),
        (lambda d: decision_make(d.strategy, "exit", trade_ref="t1"), "trade_already_closed"),
        (lambda d: account_set(d.account, entries_per_minute_max=0), "entry_rate_limit"),
        (lambda d: SymbolMap.objects.update(confirmation=None), "symbol_not_confirmed"),
    ],
)
def test_the_preview_refuses_what_staging_refuses(desk, arrange, reason) -> None:
    decision = desk.decide(trade_ref="t1", side="sell", sl="1.10500")
    arrange(desk)
    decision = Decision.objects.get(id=decision.id)
    assert [one.judgement.refusal for one in entry_previews(decision)] == [reason]


def test_the_preview_refuses_what_is_over_its_time(desk, clock) -> None:
    decision = desk.decide(valid_seconds=30)
    assert [one.judgement.refusal for one in entry_previews(decision)] == [""]
    clock.advance(seconds=31)
    assert [one.judgement.refusal for one in entry_previews(decision)] == ["too_late"]


def test_the_preview_of_a_reversal_says_that_it_waits(desk) -> None:
    desk.opened(trade_ref="t1")
    alert = alert_make(desk.strategy, trade_ref="t2")
    decision_make(desk.strategy, "exit", side="sell", alert=alert, trade_ref="t2")
    entry = decision_make(desk.strategy, side="sell", alert=alert, leg_no=1, trade_ref="t2")
    (preview,) = entry_previews(entry)
    assert (preview.judgement.refusal, preview.judgement.wait) == ("", "waits_for_flat")
    assert preview.size.lots == Decimal("0.10")


def _last_minute(facts) -> int:
    return facts.desk.standing_of(Scope.ACCOUNT).entries_last_minute


def _facts_of(desk, *orders):
    return entry_facts(orders_asked(orders, desk.account), at=now())


def test_an_order_does_not_count_against_itself(desk) -> None:
    decision = desk.decide(lots="0.10")
    asked = EntryAsked(decision, desk.account, grade="A", env="", waits_for_flat=False)
    (before,) = entry_facts([asked], at=now())
    order = desk.stage(lots="0.10")
    (after,) = _facts_of(desk, order)
    assert after == replace(
        before,
        desk=replace(before.desk, at=after.at),
        valid_until=order.valid_until,
    )
    room = after.room
    assert (room.equity, room.order_lots_max) == (10_000, desk.account.order_lots_max)
    assert room.open_lots_left == 50
    assert (_last_minute(after), after.is_flat) == (0, True)


def test_every_other_order_counts(desk) -> None:
    first, second, third = (desk.stage(lots=lots) for lots in ("0.10", "0.02", "0.03"))
    facts = _facts_of(desk, second, third)
    left = [one.room.open_lots_left for one in facts]
    assert left == [Decimal("49.87"), Decimal("49.88")]
    assert [_last_minute(one) for one in facts] == [2, 2]
    assert not any(one.is_flat for one in facts)
    assert first.volume_lots == Decimal("0.10")


def test_an_old_order_is_no_entry_of_the_last_minute_nor_is_a_refused_one(desk, clock) -> None:
    old = desk.stage(lots="0.01", valid_seconds=600)
    clock.advance(seconds=61)
    assert [_last_minute(one) for one in _facts_of(desk, old)] == [0]
    assert desk.stage(sl="1.20000").state == "rejected"
    new = desk.stage(lots="0.01")
    assert [_last_minute(one) for one in _facts_of(desk, old, new)] == [1, 0]


def test_facts_are_of_the_account_and_the_strategy_that_are_asked_about(desk) -> None:
    other = desk_make()
    other.opened(lots="0.10")
    other.stage(lots="0.10")
    second = account_follow(desk.strategy)
    (order, _) = sorted(
        decision_stage(decision_id=desk.decide(lots="0.10").id),
        key=lambda one: one.account_id == second.id,
    )
    (facts,) = _facts_of(desk, order)
    assert facts.room.open_lots_left == Decimal(50)
    assert (_last_minute(facts), facts.is_flat) == (0, True)


@pytest.mark.parametrize(
    "arrange",
    [
        lambda d, clock: account_halt(d.account.id),
        lambda d, clock: strategy_stop(d.strategy),
        lambda d, clock: clock.advance(seconds=6),
    ],
)
def test_the_statement_that_hands_out_asks_the_switches_itself(
    desk, monkeypatch, clock, arrange
) -> None:
    order = desk.stage(valid_seconds=5)
    monkeypatch.setattr(rules, "ENTRY_RULES", ())
    arrange(desk, clock)
    assert desk.poll().new_ids == frozenset()
    order.refresh_from_db()
    assert (order.state, order.fence) == ("staged", 0)


def test_entries_that_wait_do_not_keep_back_those_behind_them(desk, monkeypatch) -> None:
    waiting = [desk.stage(lots="0.01") for _ in range(25)]
    free = desk.stage(lots="0.02")
    held_back = EntryRule(
        ("small_waits",),
        frozenset({Moment.CLAIM}),
        lambda facts: "small_waits" if facts.leg.size.value == Decimal("0.01") else "",
        makes_wait=True,
    )
    monkeypatch.setattr(rules, "ENTRY_RULES", (held_back,))
    assert desk.poll().new_ids == {free.id}
    assert all(Order.objects.get(id=one.id).state == "staged" for one in waiting)


def test_facts_of_twenty_entries_cost_as_many_queries_as_those_of_one(desk) -> None:
    def queries(*orders) -> int:
        with CaptureQueriesContext(connection) as captured:
            _facts_of(desk, *orders)
        return len(captured) - 1  # the clock

    one = desk.stage(lots="0.01")
    others = [desk.stage(lots="0.01", trade_ref=f"t{number}") for number in range(19)]
    assert queries(one) == queries(one, *others) == 14


def test_a_poll_that_hands_out_exits_alone_judges_nothing(desk, monkeypatch) -> None:
    desk.opened(trade_ref="t1")
    leave = desk.stage("exit", side="sell", trade_ref="t1")
    monkeypatch.setattr("execution.services.claims.judge", None)
    monkeypatch.setattr("execution.services.claims.entry_facts", None)
    assert desk.poll().new_ids == {leave.id}
