"""The tables' own lists of words: what is no whole word of them is refused by name."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from signals.models import Alert, Decision
from signals.models.checks import OneOf
from tests.builders.signals import BuiltStrategy, entry_received

COPY = """
    INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(one) || %s)).*
    FROM {table} AS one LIMIT 1
"""


@pytest.mark.parametrize("word", ["", "o", "{", ",", "*", "a"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("signals_alert", "kind"),
        ("signals_alert", "grade"),
        ("signals_delivery", "verdict"),
        ("signals_delivery", "grade"),
        ("signals_decision", "verb"),
        ("signals_decision", "side"),
    ],
)
def test_a_word_that_the_table_does_not_know_is_refused(
    built: BuiltStrategy, table: str, column: str, word: str
) -> None:
    entry_received(built)
    # Only a leg that lowers risk is born approved, and it has a scope.
    odd = {"state": "approved", "verb": "exit", "scope": "last", column: word}
    with (
        pytest.raises(IntegrityError, match=f"{table}_{column}_known"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(COPY.format(table=table), [json.dumps(odd)])


def test_the_models_know_the_same_words(built: BuiltStrategy) -> None:
    alert = entry_received(built)
    decision = alert.decisions.get()
    alert.kind, decision.verb = "odd", "odd"
    for row, check in ((alert, "alert_kind_known"), (decision, "decision_verb_known")):
        with pytest.raises(ValidationError, match=check):
            row.validate_constraints()


@pytest.mark.parametrize("word", ["a,b", "a}", 'a"', "a b", "", "a\\", "NULL,"])
def test_a_word_that_would_read_as_something_else_makes_no_check(word: str) -> None:
    with pytest.raises(ValueError, match="words of letters"):
        OneOf("verb", [word])


def test_only_a_live_version_of_a_leg_is_live() -> None:
    assert {one: Decision(state=one).is_live for one in ("approved", "rejected")} == {
        "approved": True,
        "rejected": False,
    }


def test_a_kind_that_is_known_passes(built: BuiltStrategy) -> None:
    assert Alert.objects.get(id=entry_received(built).id).kind == "trade"
