"""`manage.py strategy_policy`: what the guide says a strategy may declare can be declared."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from fusion_project.events.models import Event
from signals.models import Strategy, StrategyPolicy
from signals.selectors.policies import POLICY
from signals.services.policy_words import POLICY_RULES
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import strategy_built

pytestmark = pytest.mark.django_db


def _run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("strategy_policy", "ema-cross", *arguments, stdout=out)
    return out.getvalue()


def test_without_options_it_shows_every_part_and_changes_nothing() -> None:
    built = strategy_built()
    shown = _run()
    for name in POLICY:
        assert f"\n  {name}" in shown
    assert "policy version 1\n" in shown
    version = built.strategy.version
    built.strategy.refresh_from_db()
    assert (built.strategy.version, StrategyPolicy.objects.count()) == (version, 1)


def test_declared_defaults_and_dialects_count_for_the_next_alert() -> None:
    built = strategy_built()
    shown = _run(
        "--defaults", '{"size_unit": "risk_pct"}', "--dialects", "pineconnector, df.signal/1"
    )
    assert '"risk_pct"' in shown
    assert '["pineconnector", "df.signal/1"]' in shown
    event = Event.objects.filter(name="policy.changed").latest("id")
    assert json.loads(event.detail)["changes"]["dialects"] == ["pineconnector", "df.signal/1"]
    _run("--dialects", "all")
    built.strategy.refresh_from_db()
    assert built.strategy.policy.dialects == []
    assert built.strategy.policy.defaults == {"size_unit": "risk_pct"}


def test_every_version_of_the_policy_is_listed_with_its_author_and_its_changes(clock) -> None:
    built = strategy_built()
    clock.advance(hours=1)
    strategy_policy_change(strategy_id=built.strategy.id, actor="user:7", risk_bps=25)
    _run("--risk-bps", "25")
    shown = _run("--risk-bps", "30", "--approval", "two").partition("versions:\n")[2].splitlines()
    rows = [line.strip().split("\t") for line in shown]
    assert [(row[0], *row[2:]) for row in rows] == [
        ("3", "system", "approval automatic -> two, risk_bps 25 -> 30"),
        ("2", "user:7", "risk_bps 50 -> 25"),
        ("1", "system", "created"),
    ]
    second = StrategyPolicy.objects.get(version=2)
    assert rows[1][1] == f"{second.valid_from:%Y-%m-%d %H:%M:%S} UTC"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--defaults", '{"size": {"mode": "lots", "value": 0.1}}'), "'size' cannot be read"),
        (("--defaults", "{"), "is not JSON"),
        (("--dialects", "morse"), "must be a list of"),
        (("--risk-bps", "5000"), "risk_bps is from 1 to 1000 basis points"),
        (("--stale-seconds", "0"), "stale_seconds must be at least 1"),
        (("--prior-p", "1.5"), "prior_p is a chance: above 0 and below 1"),
        (("--prior-p", "12345"), "prior_p: Ensure that there are no more than"),
        (("--approval", "nobody"), "nobody"),
        (("--prior-p", "x"), "not a decimal number"),
    ],
)
def test_an_odd_value_is_refused_in_words_and_changes_nothing(arguments, words) -> None:
    built = strategy_built()
    with pytest.raises(CommandError, match=words):
        _run(*arguments)
    version = built.strategy.version
    built.strategy.refresh_from_db()
    assert built.strategy.version == version


def test_a_strategy_that_does_not_exist_is_named() -> None:
    with pytest.raises(CommandError):
        _run()


def test_every_rule_of_the_tables_is_told_in_a_sentence() -> None:
    """A constraint added without its words would be told by its name in the database."""
    for model in (Strategy, StrategyPolicy):
        for constraint in model._meta.constraints:
            assert constraint.name in POLICY_RULES, constraint.name
    assert all(words.endswith((".", ")")) for words in POLICY_RULES.values())
