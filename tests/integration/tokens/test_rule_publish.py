"""Rules are versioned rows: a change is a further row, from now on or later."""

import datetime as dt
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.second_person.errors import OwnRequest
from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_confirm
from tests.builders.people import staff_make
from tests.builders.second_person import confirm
from tests.factories.tokens import DCT_PARAMETERS
from tokens.errors import NoRuleInForce, RuleBackdated, RuleParametersInvalid, TokenUnknown
from tokens.models import RuleVersion, Token
from tokens.rules.earning import parameters_check
from tokens.selectors.rules import rule_in_force
from tokens.services.rules import rule_ask, rule_publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return f"user:{staff_make('ops').pk}"


def ask(person, **facts):
    wanted = {
        "token_code": "DCT",
        "parameters": DCT_PARAMETERS,
        "valid_from": now() + dt.timedelta(hours=1),
        "reason": "a vote",
        "actor": person,
    }
    return rule_ask(**(wanted | facts))


def publish(person, **facts):
    request = confirm(ask(person, **facts))
    assert request.state == "done", request.outcome
    return request.token_rule


def test_the_three_tokens_come_with_rules_that_pass_their_own_check():
    assert set(Token.objects.values_list("code", "kind", "decimals")) == {
        ("DAI", "internal", 9),
        ("DA", "internal", 9),
        ("DCT", "jetton", 9),
    }
    for rule in RuleVersion.objects.select_related("token"):
        parameters_check(rule.token.code, rule.parameters)


def test_a_new_rule_is_the_next_version_and_is_recorded(person):
    rule = publish(person)
    assert rule.version == 2
    event = Event.objects.get(name=names.POLICY_CHANGED, subject__startswith="tokens.")
    assert event.subject == f"tokens.rule_version:{rule.pk}"
    assert event.actor == person
    assert rule.request.words.startswith("The rule of DCT from ")


def test_one_person_changes_no_rule_and_the_table_says_the_same(person):
    request = ask(person)
    with pytest.raises(OwnRequest):
        request_confirm(request_id=request.pk, payload_sha256=request.payload_sha256, actor=person)
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        rule_publish(request.asked_for, request)
    request_confirm(
        request_id=request.pk,
        payload_sha256=request.payload_sha256,
        actor=f"user:{staff_make('ops').pk}",
    )
    other = request.asked_for | {"parameters": {**DCT_PARAMETERS, "burn_bps": 0}}
    other["parameters"]["retained_bps"] += DCT_PARAMETERS["burn_bps"]
    with pytest.raises(IntegrityError, match="second person"), transaction.atomic():
        rule_publish(other, request)


def test_a_rule_without_a_time_counts_from_its_confirmation_on(person):
    rule = publish(person, valid_from=None)
    assert rule.valid_from == rule.recorded_at


def test_a_rule_counts_from_its_time_and_not_before(person):
    rule = publish(person)
    second = dt.timedelta(seconds=1)
    assert rule_in_force(token_code="DCT", at=rule.valid_from).pk == rule.pk
    assert rule_in_force(token_code="DCT", at=rule.valid_from - second).version == 1


def test_a_rule_is_never_backdated(person, clock):
    with pytest.raises(RuleBackdated):
        ask(person, valid_from=now() - dt.timedelta(seconds=1))
    request = ask(person, valid_from=now() + dt.timedelta(minutes=5))
    clock.advance(seconds=600)
    assert confirm(request).state == "refused"
    assert RuleVersion.objects.filter(token__code="DCT").count() == 1


def test_odd_parameters_are_not_asked_for(person):
    with pytest.raises(RuleParametersInvalid):
        ask(person, parameters={**DCT_PARAMETERS, "burn_bps": 2_001})
    assert RuleVersion.objects.filter(token__code="DCT").count() == 1


def test_a_token_nobody_knows_has_no_rule(person):
    with pytest.raises(TokenUnknown):
        ask(person, token_code="XYZ")
    with pytest.raises(NoRuleInForce):
        rule_in_force(token_code="DCT", at=dt.datetime(1999, 1, 1, tzinfo=dt.UTC))


def test_the_command_asks_and_lists(person):
    out = StringIO()
    name = User.objects.get(pk=int(person.partition(":")[2])).get_username()
    told = [f"{one}={value}" for one, value in DCT_PARAMETERS.items()]
    call_command("token_rule", "ask", "DCT", *told, reason="a vote", as_user=name, stdout=out)
    request = Request.objects.get(kind="rule.change")
    assert f"Request {request.pk} waits for a second person" in out.getvalue()
    confirm(request)
    call_command("token_rule", "list", stdout=out)
    assert "DCT\t2\tfrom " in out.getvalue()


@pytest.mark.parametrize("told", [["burn_bps"], ["moon_bps=1"], ["burn_bps=1", "burn_bps=2"]])
def test_the_command_names_what_it_cannot_read(person, told):
    name = User.objects.get(pk=int(person.partition(":")[2])).get_username()
    with pytest.raises(CommandError, match="once, as NAME=VALUE"):
        call_command("token_rule", "ask", "DCT", *told, reason="x", as_user=name)
