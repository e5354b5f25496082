"""An entry that a passing reason stands in the way of: judged again, staged, or ended with it."""

from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Order, Quote
from execution.rules.switches import EVERYTHING
from execution.selectors.previews import lots_kept
from execution.services.staging import decision_stage, entry_stage_awaited
from fusion_project.events.registry import NotYet
from signals.models import Decision
from signals.selectors.decisions import decision_shown_sha256
from signals.services.decisions import decision_approve
from tests.builders.execution import account_follow, decision_make, desk_make
from tests.builders.pages import client_of, flow_make, staff_make
from tests.builders.risk import limit_set, quote_tell
from tests.builders.switches import stop

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    """Its executor tells quotes."""
    made = desk_make()
    tells_quotes(made.account)
    return made


def tells_quotes(account: BrokerAccount) -> None:
    BrokerAccount.objects.filter(id=account.id).update(instance_minor=2)


def judged_again(told) -> Order | None:
    return entry_stage_awaited(
        decision_id=told["decision_id"], account_id=told["account_id"], awaited=told["reason"]
    )


def test_it_is_staged_once_the_quote_is_there(desk) -> None:
    told = desk.awaits()
    with pytest.raises(NotYet, match="no_quote"):
        judged_again(told)
    quote_tell(desk.account, "1.10490", "1.10500")
    order = judged_again(told)
    # Sized by the quote that is there now, not by what the alert said.
    assert (order.state, order.volume_lots) == ("staged", Decimal("0.05"))
    assert judged_again(told) is None
    assert Order.objects.count() == 1


def test_it_ends_with_the_reason_that_stood_in_the_way(desk, clock) -> None:
    told = desk.awaits(valid_seconds=30)
    clock.advance(seconds=31)
    order = judged_again(told)
    assert (order.state, order.reason) == ("rejected", "too_late")
    assert order.message == "it waited: no_quote"


def test_a_reason_that_stays_ends_it_at_once(desk) -> None:
    told = desk.awaits(trade_ref="t1")
    decision_make(desk.strategy, "exit", side="sell", trade_ref="t1")
    assert judged_again(told).reason == "trade_already_closed"


def test_a_spread_that_narrows_lets_it_go(desk) -> None:
    limit_set(desk, spread_bps_max=5)
    quote_tell(desk.account, "1.09950", "1.10050")
    told = desk.awaits()
    assert "spread_bps_max" in told["words"]
    quote_tell(desk.account, "1.09999", "1.10000")
    assert judged_again(told).state == "staged"


def test_one_accounts_trouble_holds_up_no_other(desk) -> None:
    other = account_follow(desk.strategy)
    decision = desk.decide()
    (order,) = decision_stage(decision_id=decision.id)
    assert (order.account_id, order.state) == (other.id, "staged")
    quote_tell(desk.account, "1.10000", "1.10000")
    late = entry_stage_awaited(
        decision_id=decision.id, account_id=desk.account.id, awaited="no_quote"
    )
    assert late.state == "staged"


def test_it_never_exceeds_what_was_kept_when_it_was_decided(desk) -> None:
    told = desk.awaits()
    decision = Decision.objects.get(id=told["decision_id"])
    assert lots_kept(decision) == {desk.account.id: Decimal("0.10")}
    BrokerAccount.objects.filter(id=desk.account.id).update(equity=50_000)
    quote_tell(desk.account, "1.10000", "1.10000")
    assert judged_again(told).volume_lots == Decimal("0.10")


def test_without_any_price_to_size_by_it_ends_with_a_stated_reason(desk) -> None:
    told = desk.awaits(ref_price=None, sl="1.09500")
    quote_tell(desk.account, "1.10000", "1.10000")
    assert judged_again(told).reason == "account_not_shown"


def test_an_account_that_follows_no_longer_gets_nothing(desk) -> None:
    told = desk.awaits()
    desk.strategy.subscriptions.update(is_active=False)
    quote_tell(desk.account, "1.10000", "1.10000")
    assert judged_again(told) is None


def test_a_switch_that_was_turned_meanwhile_refuses_it(desk) -> None:
    told = desk.awaits()
    stop(EVERYTHING)
    assert judged_again(told).reason == "all_stopped"


def test_what_people_approve_shows_the_bound_and_that_it_waits(run_handlers) -> None:
    flow = flow_make(run_handlers, approval="one")
    tells_quotes(flow.desk.account)
    decision = flow.decided()
    assert lots_kept(decision) == {flow.desk.account.id: Decimal("0.1")}
    page = client_of(staff_make("reviewer")).get(f"/ops/decisions/{decision.id}/")
    (preview,) = page.context["previews"]
    assert (preview.refusal, preview.wait) == ("", "no_quote")


def test_approved_and_waiting_it_is_staged_by_the_handler(run_handlers) -> None:
    flow = flow_make(run_handlers, approval="one")
    account = flow.desk.account
    tells_quotes(account)
    decision = flow.decided()
    quote_tell(account, "1.10000", "1.10000")
    decision_approve(
        decision_id=decision.id,
        reviewer_id=staff_make("reviewer").pk,
        reason="checked_chart",
        note="",
        shown_sha256=decision_shown_sha256(decision.id),
    )
    Quote.objects.update(bid=2, ask=1)
    run_handlers()
    assert not Order.objects.exists()
    quote_tell(account, "1.10000", "1.10000")
    run_handlers()
    assert Order.objects.get().state == "staged"
