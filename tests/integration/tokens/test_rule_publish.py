"""Rules are versioned rows: a change is a further row, from now on or later."""

import datetime as dt

import pytest

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from tests.factories.tokens import DCT_PARAMETERS
from tokens.errors import NoRuleInForce, RuleBackdated, RuleParametersInvalid, TokenUnknown
from tokens.models import RuleVersion, Token
from tokens.rules.earning import parameters_check
from tokens.selectors.rules import rule_in_force
from tokens.services.rules import rule_publish

pytestmark = pytest.mark.django_db


def publish(**facts):
    wanted = {
        "token_code": "DCT",
        "parameters": DCT_PARAMETERS,
        "valid_from": now() + dt.timedelta(hours=1),
        "actor": "user:7",
    }
    return rule_publish(**(wanted | facts))


def test_the_three_tokens_come_with_rules_that_pass_their_own_check():
    assert set(Token.objects.values_list("code", "kind", "decimals")) == {
        ("DAI", "internal", 9),
        ("DA", "internal", 9),
        ("DCT", "jetton", 9),
    }
    for rule in RuleVersion.objects.select_related("token"):
        parameters_check(rule.token.code, rule.parameters)


def test_a_new_rule_is_the_next_version_and_is_recorded():
    rule = publish()
    assert rule.version == 2
    event = Event.objects.get(name=names.POLICY_CHANGED)
    assert event.subject == f"tokens.rule_version:{rule.pk}"
    assert event.actor == "user:7"


def test_a_rule_counts_from_its_time_and_not_before():
    rule = publish()
    second = dt.timedelta(seconds=1)
    assert rule_in_force(token_code="DCT", at=rule.valid_from).pk == rule.pk
    assert rule_in_force(token_code="DCT", at=rule.valid_from - second).version == 1


def test_a_rule_is_never_backdated():
    with pytest.raises(RuleBackdated):
        publish(valid_from=now() - dt.timedelta(seconds=1))


def test_odd_parameters_are_not_stored():
    with pytest.raises(RuleParametersInvalid):
        publish(parameters={**DCT_PARAMETERS, "burn_bps": 2_001})
    assert RuleVersion.objects.filter(token__code="DCT").count() == 1


def test_a_token_nobody_knows_has_no_rule():
    with pytest.raises(TokenUnknown):
        publish(token_code="XYZ")
    with pytest.raises(NoRuleInForce):
        rule_in_force(token_code="DCT", at=dt.datetime(1999, 1, 1, tzinfo=dt.UTC))
