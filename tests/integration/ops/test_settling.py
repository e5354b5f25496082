"""Doors of the settlement: the command, the linter and the delivery's page."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from signals.models import Alert, Delivery, StrategyPolicy
from tests.builders.pages import staff_make
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(db: None) -> BuiltStrategy:
    return strategy_built()


def send_unknown(built: BuiltStrategy) -> None:
    body = {"symbol": "EURUSD", "side": "buy", "rsiDiv": 1}
    assert alert_received(built, json.dumps(body).encode()).reason == "unknown_member"


def told_by(*words: str) -> str:
    out = io.StringIO()
    call_command("strategy_format", "ema-cross", *words, stdout=out)
    return out.getvalue()


def test_the_command_settles_in_the_name_of_a_person(built: BuiltStrategy) -> None:
    assert "nothing is settled" in told_by()
    login = ["--as", staff_make("ops").username]
    assert "harmless" in told_by("--harmless", "rsiDiv, zone", "--why", "plots", *login)
    assert "means qty" in told_by("--means", "pieces=qty", "--why", "shares", *login)
    assert "zone" not in told_by("--forget", "zone", *login)
    with pytest.raises(CommandError, match="--as USER"):
        told_by("--harmless", "x", "--why", "y")
    actor = StrategyPolicy.objects.latest("version").actor
    assert actor.startswith("user:")


def test_a_person_settles_it_from_the_delivery(built: BuiltStrategy, ops: Client) -> None:
    send_unknown(built)
    page = f"/ops/alert-linter/?delivery={Delivery.objects.get().id}"
    assert 'value="rsiDiv"' in ops.get(page).content.decode()
    form = {"strategy": "ema-cross", "member": "rsiDiv", "kind": "harmless", "why": "a plot"}
    answer = ops.post("/ops/alert-linter/settle", {**form, "delivery": Delivery.objects.get().id})
    assert answer.status_code == 302
    shown = ops.get(answer["Location"]).content.decode()
    assert "not traded late" in shown
    assert 'value="rsiDiv"' not in shown
    assert not Alert.objects.exists()


def test_a_reason_is_asked_for_and_a_viewer_may_not(
    built: BuiltStrategy, ops: Client, viewer: Client
) -> None:
    form = {"strategy": "ema-cross", "member": "rsiDiv", "kind": "harmless", "why": ""}
    answer = ops.post("/ops/alert-linter/settle", form, follow=True)
    assert "needs a why" in answer.content.decode()
    assert viewer.post("/ops/alert-linter/settle", form).status_code == 403
    assert StrategyPolicy.objects.count() == 1
