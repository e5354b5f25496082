"""The public linter: judges, keeps nothing, sets no cookie, and shows what is hidden as text."""

import pytest
from django.test import Client

from fusion_project.community.views_linter import EXAMPLES, FORM_BYTES_MAX, PER_MINUTE_MAX
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.models import Alert, Delivery, UnknownCallerMinute

pytestmark = pytest.mark.django_db
PAGE = "/tools/alert-linter/"


def _judge(message: str, client: Client | None = None):
    return (client or Client(enforce_csrf_checks=True)).post(PAGE, {"message": message})


def test_a_message_is_judged_without_login_cookie_or_csrf_mark() -> None:
    answer = _judge('{"ticker": "EURUSD", "action": "buy", "quantity": 10000}')
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Would be accepted" in page
    assert "Buy EURUSD at the market; 10000 units; no stop, no target." in page
    assert "&quot;schema&quot;: &quot;df.intent&quot;" in page
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]
    assert not Client().get(PAGE).cookies


def test_a_refusal_says_why_and_what_to_change() -> None:
    page = _judge("60123456789,buy,EURUSD,vol_lots=1,risk=1").content.decode()
    assert "<code>conflicting_sizes</code>" in page
    assert "The message names two different sizes; send one." in page
    assert "Answer of the webhook: 422" in page
    assert "<strong>risk and vol_lots are both sizes.</strong>" in page
    template = _judge('{"ticker": "{{ticker}}", "price": {{close}}}').content.decode()
    assert "It still holds {{ticker}}, {{close}}." in template


def test_the_form_gives_the_message_back_as_it_was_typed() -> None:
    # A browser drops the first line break of a textarea, so there is one more than the message has.
    page = _judge("\n<b>x").content.decode()
    assert "required>\n\n&lt;b&gt;x</textarea>" in page


def test_judging_stores_nothing() -> None:
    for message in ("", "{", '{"ticker": "EURUSD", "action": "buy"}'):
        assert _judge(message).status_code == 200
    for model in (Alert, Delivery, Event, UnknownCallerMinute):
        assert not model.objects.exists()


def test_markup_in_a_message_stays_text() -> None:
    evil = "</textarea><script>alert(1)</script>"
    page = _judge(evil).content.decode()
    assert "<script>alert" not in page
    assert "&lt;/textarea&gt;&lt;script&gt;" in page
    page = _judge('{"symbol": "<b>X", "side": "buy"}').content.decode()
    assert "<b>X" not in page


def test_a_form_that_is_too_large_is_not_read() -> None:
    answer = _judge("x" * FORM_BYTES_MAX)
    assert answer.status_code == 413
    assert b"was not read" in answer.content
    assert _judge("x" * 16_385).context["report"].reason == "too_large"


def test_a_file_in_the_form_is_no_message(tmp_path) -> None:
    path = tmp_path / "alert.txt"
    path.write_text('{"ticker": "EURUSD", "action": "buy"}')
    with path.open() as handle:
        answer = Client().post(PAGE, {"message": handle})
    assert answer.context["report"].reason == "empty_body"


def test_any_bytes_in_the_form_are_answered() -> None:
    for raw in (b"message=%ff%00", b"message=%ED%A0%80", b"\xff\xfe", b"", b"message"):
        answer = Client().post(PAGE, raw, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200, raw


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_fills_the_form_and_is_judged_as_its_name_says(name) -> None:
    text = EXAMPLES[name][1]
    assert Client().get(PAGE, {"example": name}).context["text"] == text
    assert _judge(text).context["report"].is_accepted == (name != "refused")
    assert Client().get(PAGE, {"example": "none"}).context["text"] == ""


def test_one_visitor_is_slowed_down_and_others_are_not(clock) -> None:
    clock.set(now())
    for _ in range(PER_MINUTE_MAX):
        assert _judge("x").status_code == 200
    # What the visitor writes into the header itself is not believed.
    for forged in ("203.0.113.5", "198.51.100.7, 203.0.113.9"):
        answer = Client().post(PAGE, {"message": "x"}, HTTP_X_FORWARDED_FOR=forged)
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 60
        assert b"too many messages" in answer.content
        # What was typed is still in the form, to be sent again after the wait.
        assert b">\nx</textarea>" in answer.content
    assert Client().post(PAGE, {"message": "x"}, REMOTE_ADDR="203.0.113.5").status_code == 200
    assert Client().get(PAGE).status_code == 200
    clock.advance(seconds=61)
    assert _judge("x").status_code == 200


def test_other_methods_are_refused() -> None:
    assert Client().put(PAGE).status_code == 405
    assert Client().head(PAGE).status_code == 200
