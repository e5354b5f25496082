"""What each strategy can trade is pushed to signals, and the webhook's answer says it."""

import io
import sys
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.test import Client

from execution.models import Order, Subscription
from execution.risk.rules import ENTRY_RULES, Moment
from execution.selectors.tradable import NO_ACCOUNT, outlooks
from execution.services.sessions import sheet_store
from execution.services.subscriptions import subscription_create
from execution.services.symbols import (
    symbol_map_confirm,
    symbol_map_propose,
    symbol_map_revoke,
)
from execution.wire import Sheet
from fusion_project.events.periodic import periodic_run
from signals.intake.outlook import order_words
from signals.models import Alert, Tradable
from tests.builders.execution import account_follow, desk_make, strategy_make
from tests.builders.pages import client_of, flow_make, staff_make
from tests.builders.switches import account_halt, account_resume
from tests.database import owner_writes
from tests.factories.execution import EURUSD_SHEET, SymbolMapFactory

pytestmark = pytest.mark.django_db
STOP = '"stopLoss":{"type":"stop","stopPrice":1.09},"price":1.1'


def answer_to(flow, symbol: str, stop: str = STOP):
    text = f'{{"ticker":"{symbol}","action":"buy",{stop}}}'
    return Client().post(flow.webhook, text, content_type="text/plain")


def pushed(strategy) -> tuple[dict[str, str], str]:
    row = Tradable.objects.get(strategy=strategy)
    return row.reasons, row.otherwise


def test_an_entry_that_will_be_ordered_is_accepted_with_its_life_line(run_handlers) -> None:
    flow = flow_make(run_handlers)
    symbol_map_propose(account_id=flow.desk.account.id, instrument="AMD", broker_symbol="AMD")
    answer = answer_to(flow, "EURUSD").json()
    assert (answer["message"], answer["order_rule"]) == ("Accepted.", "")
    admin = client_of(staff_make(is_superuser=True))
    assert answer["life_line"] == f"/ops/trace/{answer['trace_id']}/"
    assert admin.get(answer["life_line"]).status_code == 200


def test_a_symbol_that_no_account_maps_is_accepted_and_said_not_to_be_traded(run_handlers) -> None:
    flow = flow_make(run_handlers)
    symbol_map_propose(account_id=flow.desk.account.id, instrument="X", broker_symbol="X")
    answer = answer_to(flow, "AMD")
    assert answer.status_code == 202
    told = answer.json()
    assert told["verdict"] == "accepted"
    assert told["order_rule"] == "symbol_not_mapped"
    assert told["message"] == (
        "Accepted; no account trades AMD yet: let its executor report it, then confirm it at"
        " /ops/symbols/."
    )
    assert Alert.objects.get().id == told["alert_id"]
    assert client_of(staff_make(is_superuser=True)).get("/ops/symbols/").status_code == 200


def test_an_entry_without_a_stop_is_answered_with_what_will_become_of_it(run_handlers) -> None:
    flow = flow_make(run_handlers)
    told = answer_to(flow, "EURUSD", stop='"price":1.1').json()
    assert told["order_rule"] == "stop_required"
    assert told["message"] == "Accepted; not ordered: the entry names no stop."


@pytest.mark.parametrize(
    "stop", ['"stopLoss":{"type":"stop","stopPrice":1.09}', '"stopLoss":{"percent":1}']
)
def test_an_entry_whose_stop_has_no_price_to_count_from_is_said_not_to_be_ordered(
    run_handlers, stop: str
) -> None:
    flow = flow_make(run_handlers)
    told = answer_to(flow, "EURUSD", stop=stop).json()
    assert told["order_rule"] == "no_reference_price"
    assert told["message"].startswith("Accepted; not ordered: the entry names no price")
    run_handlers()
    [order] = Order.objects.filter(trace_id=told["trace_id"])
    assert (order.state, order.reason) == ("rejected", "no_reference_price")


def test_an_alert_made_for_paper_is_told_where_live_accounts_alone_follow(
    run_handlers, monkeypatch
) -> None:
    monkeypatch.setattr("signals.services.callers.CACHE_SECONDS", 0)
    flow = flow_make(run_handlers, book="live")
    told = flow.alert(env="paper")
    assert told["order_rule"] == "made_for_paper"
    assert told["message"].startswith("Accepted; not ordered: it is made for paper")
    run_handlers()
    assert Order.objects.get().reason == "made_for_paper"
    account_follow(flow.strategy)
    assert flow.alert(env="paper")["order_rule"] == ""


def test_an_alert_of_too_low_a_grade_is_told_where_live_accounts_alone_follow(
    run_handlers,
) -> None:
    flow = flow_make(run_handlers, book="live", live_grade_min="B")
    assert answer_to(flow, "EURUSD").json()["order_rule"] == "provenance_too_low"
    run_handlers()
    assert Order.objects.get().reason == "provenance_too_low"


def test_a_size_in_money_without_a_price_is_told(run_handlers) -> None:
    flow = flow_make(run_handlers)
    sized = '"sl_pips":20,"quantity":500,"quantityType":"dollar_amount"'
    assert answer_to(flow, "EURUSD", sized).json()["order_rule"] == "no_reference_price"
    run_handlers()
    assert Order.objects.get().reason == "no_reference_price"


def test_each_change_of_what_can_be_traded_is_pushed_at_once() -> None:
    desk = desk_make()
    row = symbol_map_propose(account_id=desk.account.id, instrument="AMD", broker_symbol="AMD")
    told = {"symbol_map_id": row.id, "instrument": "AMD", "broker_symbol": "AMD"}
    unmapped = {"AMD": "symbol_not_confirmed", "EURUSD": ""}
    assert pushed(desk.strategy) == (unmapped, "symbol_not_mapped")
    sheet = {**EURUSD_SHEET, "symbol": "AMD"}
    sheet_store(account_id=desk.account.id, sheet=Sheet(**sheet))
    symbol_map_confirm(**told, actor="user:1")
    assert pushed(desk.strategy)[0]["AMD"] == ""
    symbol_map_revoke(symbol_map_id=row.id, actor="user:1")
    assert pushed(desk.strategy)[0] == unmapped
    account_halt(desk.account.id)
    assert pushed(desk.strategy) == ({}, "account_stopped")
    account_resume(desk.account.id)
    assert pushed(desk.strategy) == (unmapped, "symbol_not_mapped")


def test_a_new_follower_is_pushed_and_the_nearest_account_counts() -> None:
    desk = desk_make()
    other = SymbolMapFactory(instrument="GBPUSD").account
    assert "GBPUSD" not in outlooks([desk.strategy.id])[desk.strategy.id].reasons
    subscription_create(strategy_id=desk.strategy.id, account_id=other.id)
    assert pushed(desk.strategy)[0] == {"EURUSD": "", "GBPUSD": ""}
    account_halt(other.id)
    assert pushed(desk.strategy) == ({"EURUSD": ""}, "symbol_not_mapped")


def test_what_other_hands_changed_and_an_upgraded_database_are_pushed_within_seconds() -> None:
    desk, alone = desk_make(), strategy_make()
    with owner_writes():
        Tradable.objects.all().delete()
    periodic_run("execution.push_tradable")
    assert pushed(alone) == ({}, NO_ACCOUNT)
    Subscription.objects.update(is_active=False)
    periodic_run("execution.push_tradable")
    assert pushed(desk.strategy) == ({}, NO_ACCOUNT)


def test_lint_alert_says_first_what_would_be_traded(run_handlers, monkeypatch) -> None:
    flow = flow_make(run_handlers)

    def first_line(symbol: str, stop: str = STOP) -> str:
        raw = f'{{"ticker":"{symbol}","action":"buy",{stop}}}'.encode()
        monkeypatch.setattr(
            sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw), isatty=lambda: False)
        )
        out = io.StringIO()
        call_command("lint_alert", "--strategy", flow.strategy.slug, stdout=out)
        return out.getvalue().splitlines()[0]

    assert first_line("EURUSD") == "accept"
    assert first_line("AMD") == "accept  nothing would be ordered: symbol_not_mapped"
    bare = '"price":1.1'
    assert first_line("EURUSD", bare) == "accept  nothing would be ordered: stop_required"
    assert first_line("EURUSD", '"sl_pips":20') == "accept"
    share = '"stopLoss":{"percent":1}'
    assert first_line("EURUSD", share) == "accept  nothing would be ordered: no_reference_price"


def test_where_nothing_was_pushed_nothing_is_claimed(run_handlers) -> None:
    flow = flow_make(run_handlers)
    with owner_writes():
        Tradable.objects.all().delete()
    told = answer_to(flow, "AMD").json()
    assert (told["message"], told["order_rule"]) == ("Accepted.", "")


def test_every_reason_that_the_answer_may_give_has_its_words() -> None:
    rules = {one for rule in ENTRY_RULES if Moment.ANSWER in rule.moments for one in rule.reasons}
    for reason in (*rules, NO_ACCOUNT, "stop_required"):
        assert reason not in order_words(reason, "AMD", "/x/"), reason
