"""Subjects are written from the model, in Python and in SQL alike, and lead back to it."""

import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from execution.models import BrokerAccount, Order
from fusion_project.events.subjects import (
    Subject,
    label_of,
    subject_model,
    subject_of,
    subject_parse,
    subject_prefix,
)
from signals.models import Strategy

ROOT = Path(__file__).resolve().parents[3]
LABELS = {label_of(model): model for model in apps.get_models()}
# `events_record('alert.refused', 'signals.delivery:' || …` and the same in a SELECT of arguments.
IN_SQL = re.compile(r"'[a-z]+\.[a-z]+',\s*'([a-z_.]+):'\s*\|\|")


@pytest.mark.parametrize(
    ("model", "part", "text"),
    [
        (Order, "", "execution.order:12"),
        (BrokerAccount, "", "execution.account:12"),
        (Strategy, "EURUSD", "signals.strategy:12/EURUSD"),
    ],
)
def test_a_subject_is_read_as_it_was_written(model, part: str, text: str) -> None:
    assert subject_of(model, 12, part) == text
    assert text.startswith(subject_prefix(model))
    about = subject_parse(text)
    assert (subject_model(about.label), about.id, about.part) == (model, 12, part)


def test_what_is_no_subject_leads_nowhere() -> None:
    assert subject_parse("treasury.completeness") == Subject("treasury.completeness", "")
    assert subject_model("treasury.completeness") is None
    with pytest.raises(ValueError, match="int"):
        _ = subject_parse("treasury.completeness").id


def test_no_two_models_are_named_alike() -> None:
    assert len(LABELS) == len(list(apps.get_models()))


@pytest.mark.django_db
def test_sql_functions_name_the_labels_of_models() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND prosrc LIKE %s",
            ["%events_record(%"],
        )
        named = {label for (body,) in cursor.fetchall() for label in IN_SQL.findall(body)}
    assert named >= {"signals.alert", "signals.decision", "signals.delivery", "treasury.entry"}
    assert named <= LABELS.keys()


def test_no_code_of_ours_writes_a_subject_by_hand() -> None:
    found = subprocess.run(
        ["git", "grep", "-nE", r'"[a-z]+\.[a-z_]+:(\{|"|[0-9])', "--", "*.py", ":!tests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    hands = [
        line
        for line in found
        if (label := re.search(r'"([a-z]+\.[a-z_]+):', line)) and label[1] in LABELS
    ]
    assert hands == []
