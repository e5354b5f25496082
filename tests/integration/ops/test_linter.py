"""The staff linter: one message against one strategy, dry; and a stored delivery once more."""

import json
from decimal import Decimal

import pytest
from django.test import Client

from execution.models import Order, SymbolMap
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.intake.parsing import Message
from signals.intents.words import NO_STOP
from signals.models import Alert, Decision, Delivery
from signals.services.receiving import RawRequest, delivery_receive
from signals.services.strategies import strategy_switch
from tests.builders.pages import flow_make, signal_message
from tests.builders.signals import alert_received, strategy_built
from tests.factories.signals import EntryFactory

pytestmark = pytest.mark.django_db
PAGE = "/ops/alert-linter/"


def _judge(client: Client, message: object, strategy: str = ""):
    text = message if isinstance(message, str) else json.dumps(message)
    return client.post(PAGE, {"message": text, "strategy": strategy})


def _counts() -> list[int]:
    return [model.objects.count() for model in (Alert, Decision, Delivery, Event, Order)]


def test_an_entry_is_shown_with_the_order_that_it_would_become(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    before = _counts()
    page = _judge(viewer, signal_message("entry"), flow.strategy.slug)
    (leg,) = page.context["legs"]
    (preview,) = leg.accounts
    # 50 basis points of 10 000 over a stop of 50 pips on lots of 100 000.
    assert preview.headline == "buy 0.1 lots EURUSD"
    text = page.content.decode()
    assert "EURUSD, confirmed" in text
    assert "at most 50 basis points" in text
    assert _counts() == before


def test_the_preview_of_an_entry_is_the_order_that_staging_makes(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    message = signal_message("entry")
    (leg,) = _judge(viewer, message, flow.strategy.slug).context["legs"]
    Client().post(flow.webhook, json.dumps(message), content_type="text/plain")
    run_handlers()
    decision, order = Decision.objects.get(), Order.objects.get()
    assert leg.accounts[0].headline == f"buy 0.1 lots {order.broker_symbol}"
    # Fusion's size factor may only make it smaller.
    assert decision.size_factor <= 1
    assert order.volume_lots <= Decimal("0.1")


def test_an_unconfirmed_symbol_is_named_as_what_stops_the_order(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    SymbolMap.objects.update(confirmation=None)
    page = _judge(viewer, signal_message("entry"), flow.strategy.slug)
    assert page.context["legs"][0].accounts[0].refusal == "symbol_not_confirmed"
    assert b"not confirmed" in page.content
    unknown = _judge(viewer, signal_message("entry", symbol="XAUUSD"), flow.strategy.slug)
    assert unknown.context["legs"][0].accounts[0].refusal == "symbol_not_mapped"
    assert b"not mapped" in unknown.content


def test_an_exit_names_the_position_that_it_would_close(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    position = flow.opened()
    message = signal_message("exit", trade=position.trade_ref, side="sell")
    (leg,) = _judge(viewer, message, flow.strategy.slug).context["legs"]
    assert leg.accounts[0].facts == [
        (f"Position {position.position_ticket}", "close buy 0.1 lots EURUSD")
    ]
    other = signal_message("exit", trade="another-trade", side="sell")
    (leg,) = _judge(viewer, other, flow.strategy.slug).context["legs"]
    assert leg.accounts[0].headline == "Nothing to do here now"


def test_an_exit_without_a_reference_finds_the_last_trade_of_its_symbol(
    viewer, run_handlers
) -> None:
    flow = flow_make(run_handlers)
    position = flow.opened()
    text = '{"ticker": "EURUSD", "action": "exit"}'
    (leg,) = _judge(viewer, text, flow.strategy.slug).context["legs"]
    assert leg.accounts[0].facts[0][0] == f"Position {position.position_ticket}"
    assert position.trace_id


def test_a_reversal_closes_the_former_trade_and_opens_one(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers, stop="optional")
    position = flow.opened()
    text = (
        '{"ticker": "EURUSD", "action": "sell", "market_position": "short", "quantity": 10000,'
        ' "prev_market_position": "long", "price": "1.1"}'
    )
    closing, opening = _judge(viewer, text, flow.strategy.slug).context["legs"]
    assert closing.accounts[0].facts[0][0] == f"Position {position.position_ticket}"
    assert opening.is_entry
    assert opening.accounts[0].headline == f"sell 0.1 lots EURUSD, {NO_STOP}"


def test_a_message_that_is_known_is_said_to_be_a_duplicate_of_which(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    message = signal_message("entry")
    Client().post(flow.webhook, json.dumps(message), content_type="text/plain")
    page = _judge(viewer, {**message, "sent_at": message["sent_at"] + 1000}, flow.strategy.slug)
    rule, alert = page.context["known"]
    assert (rule, alert) == ("same_id", Alert.objects.get())
    assert b"known already: <code>same_id</code>" in page.content
    changed = _judge(viewer, {**message, "sl": "1.09000"}, flow.strategy.slug)
    assert changed.context["known"][0] == "id_conflict"


def test_a_strategys_switch_and_defaults_count(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers)
    strategy_switch(strategy_id=flow.strategy.id, is_active=False)
    page = _judge(viewer, signal_message("entry"), flow.strategy.slug)
    assert b"<code>strategy_inactive</code>" in page.content
    assert b"The strategy is switched off; entries are refused" in page.content
    assert b"Nothing: the entry would be refused (<code>strategy_inactive</code>)" in page.content


def test_the_order_of_an_alert_that_would_be_refused_is_not_shown_as_staged(
    viewer, run_handlers
) -> None:
    flow = flow_make(run_handlers)
    late = signal_message("entry")
    hour = {name: late[name] - 3_600_000 for name in ("sent_at", "bar_close", "bar_time")}
    page = _judge(viewer, late | hour, flow.strategy.slug)
    assert page.context["stopped"] == "stale"
    assert b"Nothing: the alert would not be acted on (<code>stale</code>)" in page.content
    fine = _judge(viewer, signal_message("entry"), flow.strategy.slug)
    assert b"Nothing: " not in fine.content


def test_the_entry_of_an_old_reversal_is_not_shown_as_staged_and_its_exit_is(
    viewer, run_handlers
) -> None:
    flow = flow_make(run_handlers)
    flow.opened()
    text = (
        '{"ticker": "EURUSD", "action": "sell", "market_position": "short", "quantity": 10000,'
        ' "prev_market_position": "long", "price": "1.1", "time": "2026-03-02T13:00:00Z"}'
    )
    page = _judge(viewer, text, flow.strategy.slug)
    assert (page.context["stopped"], page.context["entry_stopped"]) == ("", "stale")
    assert page.content.count(b"Nothing: the entry would be refused (<code>stale</code>)") == 1
    assert b"Its exit would be accepted, its entry refused" in page.content


def test_a_strategy_that_nobody_follows_and_a_message_without_symbol_are_told_apart(
    viewer, run_handlers
) -> None:
    strategy_built("alone")
    alone = _judge(viewer, '{"ticker": "EURUSD", "action": "exit"}', "alone")
    assert b"No account follows this strategy." in alone.content
    flow = flow_make(run_handlers)
    everything = _judge(viewer, '{"action": "close_all"}', flow.strategy.slug)
    assert b"No account follows" not in everything.content


def test_a_stored_message_can_be_changed_and_judged_again(viewer) -> None:
    built = strategy_built()
    body = b'{"symbol": "EURUSD", "side": "up", "password": "hunter2222"}'
    receipt = alert_received(built, body).receipt
    page = viewer.get(PAGE, {"delivery": receipt.delivery_id})
    assert b"Change the message and judge it again" in page.content
    assert "hunter2222" not in page.content.decode()
    mended = page.context["text"].replace('"up"', '"buy"')
    assert _judge(viewer, mended, built.strategy.slug).context["report"].is_accepted
    junk = alert_received(built, b"\xff\xfe").receipt
    page = viewer.get(PAGE, {"delivery": junk.delivery_id})
    assert b"Change the message" not in page.content


def test_without_a_strategy_the_message_is_judged_alone(viewer) -> None:
    page = _judge(viewer, signal_message("entry"))
    assert page.context["report"].is_accepted
    assert "legs" not in page.context
    assert b"Choose a strategy" in page.content


def test_a_stored_delivery_is_judged_again_as_of_its_receipt(viewer, clock) -> None:
    built = strategy_built()
    clock.set(now())
    answer = alert_received(built, EntryFactory(at=now()))
    clock.advance(seconds=600)
    before = _counts()
    then = viewer.get(PAGE, {"delivery": answer.receipt.delivery_id})
    assert then.context["report"].is_accepted
    assert then.context["known"] is None
    today = viewer.get(PAGE, {"delivery": answer.receipt.delivery_id, "at": "now"})
    assert today.context["report"].reason == "stale"
    assert today.context["known"][0] == "same_bytes"
    assert _counts() == before


def test_a_replay_reads_what_was_blanked_as_it_was_read_then(viewer) -> None:
    built = strategy_built()
    for body in (
        b"60123456789,buy,EURUSD,risk=1,sl_pips=20",
        b"LICENCE,EURUSD,buy,risk=0.01,sl=50",
        b'{"symbol": "EURUSD", "side": "buy", "qty": 5, "pin": 12345}',
        b'{"key": "hunter2222", "symbol": "EURUSD", "side": "up"}',
        b"60123456789,buy,EURUSD,vol_lots=1,risk=1",
    ):
        answer = alert_received(built, body)
        delivery = Delivery.objects.get(id=answer.receipt.delivery_id)
        assert b"[blanked]" in bytes(delivery.body)
        page = viewer.get(PAGE, {"delivery": delivery.id})
        assert page.context["report"].reason == delivery.rule
        if answer.receipt.alert_id:
            alert = Alert.objects.get(id=answer.receipt.alert_id)
            assert json.loads(page.context["report"].intent_json) == json.loads(alert.intent)


def test_a_delivery_of_unknown_origin_would_not_reach_a_live_account(viewer, run_handlers) -> None:
    flow = flow_make(run_handlers, book="live", live_grade_min="B", approval="one")
    receipt = flow.alert(env="live")
    run_handlers()
    (leg,) = viewer.get(PAGE, {"delivery": receipt["receipt"]}).context["legs"]
    assert leg.accounts[0].refusal == "provenance_too_low"
    decision = Decision.objects.get()
    page = viewer.get(f"/ops/decisions/{decision.id}/")
    assert page.context["previews"][0].refusal == "provenance_too_low"
    # A pasted message has no sender to judge.
    for env, refusal in (("live", ""), ("paper", "made_for_paper")):
        pasted = _judge(viewer, signal_message("entry", env=env), flow.strategy.slug)
        assert pasted.context["legs"][0].accounts[0].refusal == refusal


@pytest.mark.parametrize(
    ("cut", "rule"),
    [({"is_too_large": True}, "too_large"), ({"is_whole": False}, "incomplete_body")],
)
def test_a_replay_of_half_a_body_says_that_it_judges_a_fragment(viewer, cut, rule) -> None:
    built = strategy_built()
    request = RawRequest(
        slug=built.strategy.slug,
        secret=built.secret,
        message=Message(b'{"symbol":"EURUSD","side":"buy"}'),
        content_type="application/json",
        peer="127.0.0.1",
        **{"is_too_large": False, **cut},
    )
    answer = delivery_receive(request=request)
    assert answer.reason == rule
    page = viewer.get(PAGE, {"delivery": answer.receipt.delivery_id})
    assert "this judges a fragment" in page.content.decode()


def test_odd_addresses_of_a_replay_are_404(viewer) -> None:
    for odd in ("x", "-1", "9" * 40, "١"):
        assert viewer.get(PAGE, {"delivery": odd}).status_code == 404, odd
