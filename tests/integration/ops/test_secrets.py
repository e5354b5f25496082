"""Webhook secrets: shown once, rotated with an overlap, revoked at once, found nowhere else."""

import html
import logging
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client

from fusion_project.events.clock import now
from fusion_project.events.models import Event
from signals.models import Strategy, StrategySecret
from signals.selectors.secrets import secret_list
from tests.builders.pages import signal_message
from tests.builders.signals import strategy_built

pytestmark = pytest.mark.django_db
PAGE = "/ops/secrets/ema-cross/"


@pytest.fixture
def built():
    return strategy_built("ema-cross")


def _newest() -> str:
    return str(StrategySecret.objects.order_by("-id").first().id)


def _issue(client: Client, **fields: str):
    return client.post(f"{PAGE}issue", {"newest_id": _newest(), "label": "desk", **fields})


def _rotate(client: Client, secret_id: int, **fields: str):
    data = {"newest_id": _newest(), "overlap": "3600", **fields}
    return client.post(f"{PAGE}{secret_id}/rotate", data)


def _address(answer) -> str:
    found = re.search(r'<code class="f-secret"[^>]*>([^<]+)</code>', answer.content.decode())
    assert found, answer.content.decode()
    return html.unescape(found[1])


def _sends(address: str) -> int:
    path = address.removeprefix("http://testserver")
    return Client().post(path, signal_message("test"), content_type="application/json").status_code


def test_an_issued_secret_is_shown_once_and_opens_the_webhook(keykeeper, built) -> None:
    answer = _issue(keykeeper)
    address = _address(answer)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert _sends(address) == 202
    secret = address.rpartition("/")[2]
    assert secret not in keykeeper.get(PAGE).content.decode()
    assert "desk" in keykeeper.get(PAGE).content.decode()


def test_a_new_secret_is_in_no_log_event_session_or_later_page(keykeeper, built, caplog) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [_issue(keykeeper), _rotate(keykeeper, StrategySecret.objects.first().id)]
        secrets = [_address(one).rpartition("/")[2] for one in answers]
        keys = [re.search(r"whsec_[^<]+", one.content.decode())[0] for one in answers]
        _sends(f"/hooks/tradingview/ema-cross/{secrets[0]}")
        pages = [
            PAGE,
            "/ops/secrets/",
            "/admin/",
            "/admin/events/event/",
            "/ops/traces/",
            "/admin/signals/delivery/",
            "/admin/signals/strategy/",
        ]
        later = "".join(keykeeper.get(page).content.decode() for page in pages)
    logged = "".join(f"{one.getMessage()} {vars(one)}" for one in caplog.records)
    events = "".join(f"{one.detail} {one.subject} {one.actor}" for one in Event.objects.all())
    sessions = "".join(str(one.get_decoded()) for one in Session.objects.all())
    rows = "".join(str(vars(one)) for one in StrategySecret.objects.all())
    cookies = "".join(str(one.cookies) for one in answers)
    for secret in [*secrets, *(html.unescape(key).removeprefix("whsec_") for key in keys)]:
        for place in (logged, events, sessions, rows, later, cookies, str(LogEntry.objects.all())):
            assert secret not in place
        for answer in answers:
            assert secret not in str(answer.wsgi_request.get_full_path())
            assert secret not in str(answer.headers)


def test_loading_the_answer_again_issues_nothing(keykeeper, built) -> None:
    seen = _newest()
    _issue(keykeeper)
    again = _issue(keykeeper, newest_id=seen)
    assert again.status_code == 409
    assert b"A secret was issued since this page was loaded" in again.content
    assert b"f-secret" not in again.content
    assert StrategySecret.objects.count() == 2
    assert _issue(keykeeper, newest_id="").status_code == 409


def test_rotating_keeps_both_alive_for_the_overlap_and_then_one(keykeeper, built, clock) -> None:
    former = StrategySecret.objects.get()
    successor = _address(_rotate(keykeeper, former.id))
    assert _sends(built.path) == 202
    assert _sends(successor) == 202
    clock.advance(seconds=3601)
    assert _sends(built.path) == 401
    assert _sends(successor) == 202


def test_rotating_never_lengthens_a_life(keykeeper, built, clock) -> None:
    former = StrategySecret.objects.get()
    _rotate(keykeeper, former.id, overlap="3600")
    end = StrategySecret.objects.get(id=former.id).valid_until
    _rotate(keykeeper, former.id, overlap="604800")
    assert StrategySecret.objects.get(id=former.id).valid_until == end


def test_an_ended_secret_is_not_rotated(keykeeper, built) -> None:
    former = StrategySecret.objects.get()
    keykeeper.post(f"{PAGE}{former.id}/revoke")
    answer = _rotate(keykeeper, former.id)
    assert answer.status_code == 404
    assert b"has ended already" in answer.content
    assert StrategySecret.objects.count() == 1


def test_a_secret_of_another_strategy_is_out_of_reach(keykeeper, built) -> None:
    other = strategy_built("other")
    secret_id = StrategySecret.objects.get(strategy=other.strategy).id
    assert _rotate(keykeeper, secret_id).status_code in (404, 409)
    assert keykeeper.post(f"{PAGE}{secret_id}/revoke").status_code == 404
    assert StrategySecret.objects.get(id=secret_id).valid_until is None


def test_a_revoked_secret_stops_at_once_and_says_who_did_it(keykeeper, built) -> None:
    former = StrategySecret.objects.get()
    asked = keykeeper.get(f"{PAGE}{former.id}/revoke").content
    assert b"It is the only live secret" in asked
    answer = keykeeper.post(f"{PAGE}{former.id}/revoke", follow=True)
    assert b"has ended" in answer.content
    assert _sends(built.path) == 401
    event = Event.objects.get(name="key.revoked")
    assert event.actor == f"user:{answer.wsgi_request.user.pk}"


def test_the_list_says_when_each_was_last_used_and_which_is_idle(keykeeper, built, clock) -> None:
    former = StrategySecret.objects.get()
    _sends(built.path)
    clock.advance(seconds=60)
    successor = _address(_issue(keykeeper))
    (new, old) = secret_list(strategy_id=built.strategy.id, at=now()).rows
    assert (new.last_used_at, old.is_idle) == (None, False)
    _sends(successor)
    (new, old) = secret_list(strategy_id=built.strategy.id, at=now()).rows
    assert old.id == former.id
    assert new.last_used_at is not None
    assert old.last_used_at < new.last_used_at
    assert (new.is_idle, old.is_idle) == (False, True)
    assert b"another one has been used since" in keykeeper.get(PAGE).content


def test_only_key_keepers_find_the_way(cast, built) -> None:
    for person, sees in (("keykeeper", True), ("superuser", True), ("ops", False)):
        page = cast[person].get("/admin/signals/strategy/").content
        assert (b"/ops/secrets/ema-cross/" in page) == sees, person
        row = Strategy.objects.get()
        page = cast[person].get(f"/admin/signals/strategy/{row.pk}/change/").content
        assert (b"/ops/secrets/ema-cross/" in page) == sees, person
        assert (b'href="/ops/secrets/"' in page) == sees, person


def test_a_form_without_its_csrf_mark_issues_nothing(keykeeper, built) -> None:
    keykeeper.handler.enforce_csrf_checks = True
    assert _issue(keykeeper).status_code == 403
    assert StrategySecret.objects.count() == 1


def test_revoking_asks_first_and_says_when_it_is_the_last(keykeeper, built) -> None:
    first = StrategySecret.objects.get()
    address = f"{PAGE}{first.id}/revoke"
    listed = keykeeper.get(PAGE).content.decode()
    assert f'href="{address}"' in listed
    assert f'action="{address}"' not in listed
    text = keykeeper.get(address).content.decode()
    assert "It is the only live secret: every alert of ema-cross is refused, exits too." in text
    assert "It cannot be undone." in text
    _issue(keykeeper)
    text = keykeeper.get(address).content.decode()
    assert "Alerts that still use it are refused at once, exits too." in text
    assert StrategySecret.objects.filter(valid_until=None).count() == 2
    keykeeper.post(address)
    assert StrategySecret.objects.filter(valid_until=None).count() == 1
    assert keykeeper.get(address).status_code == 404
