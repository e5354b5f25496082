"""What the scripts send is what the webhook takes: the golden alerts, without Node."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

import signals
from fusion_project.incidents.models import Incident
from signals.intents.intent import Intent
from signals.models import Alert, Decision
from signals.services.shield import shield
from tests.builders.signals import strategy_built
from tests.contract.pine.golden import CASES, GOLDEN, PINE, lines_of, messages_of

LENGTH_MAX = 1_500
EVENTS = {"entry", "exit", "partial_exit", "amend", "cancel", "test", "bar"}
SCHEMA = Draft202012Validator(
    json.loads((Path(signals.__file__).parent / "schemas/df.signal.v1.json").read_text())
)
FOR_PEOPLE = (
    "the golden files are stale: run `make pine-golden` (needs Node) and look at the change"
)


@pytest.fixture(autouse=True)
def nobody_blocked() -> None:
    shield.clear()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.django_db
def test_every_golden_alert_is_accepted_by_the_real_webhook(case: str, clock: Any) -> None:
    lines = lines_of(case)
    clock.set(_sent_at(lines[0]))
    built = strategy_built(CASES[case]["script"], entries_per_minute_max=10_000)
    client = Client(raise_request_exception=True)
    for line in lines:
        clock.set(_sent_at(line))
        answer = client.post(built.path, line.encode(), content_type="application/json")
        assert (answer.status_code, answer.json()["verdict"]) == (202, "accepted"), line
    assert Alert.objects.count() == len(lines) > 0
    again = client.post(built.path, lines[-1].encode(), content_type="application/json")
    assert (again.status_code, again.json()["reason"]) == (200, "same_bytes")


@pytest.mark.django_db
def test_a_told_bar_is_kept_and_asks_for_nothing(clock: Any, run_handlers: Any) -> None:
    line = lines_of("df-bars")[7]
    clock.set(_sent_at(line))
    built = strategy_built("df-bars")
    Client().post(built.path, line.encode(), content_type="application/json")
    run_handlers()
    alert = Alert.objects.get()
    bar, said = Intent.from_json(alert.intent).bar, json.loads(line)
    assert alert.kind == "bar"
    assert bar is not None
    assert (bar.symbol_raw, str(bar.close)) == ("OANDA:XAUUSD", said["close"])
    assert not Decision.objects.exists()


@pytest.mark.parametrize("case", ["df-playbook", "df-breakout"])
@pytest.mark.django_db
def test_a_whole_story_makes_nobody_look_for_a_lost_alert(
    case: str, clock: Any, run_handlers: Any
) -> None:
    built = strategy_built(CASES[case]["script"], entries_per_minute_max=10_000)
    for line in lines_of(case)[:60]:
        clock.set(_sent_at(line))
        Client().post(built.path, line.encode(), content_type="application/json")
        run_handlers.only("signals.watch_alert")
    assert list(Incident.objects.filter(kind="alert.lost")) == []


@pytest.mark.parametrize("case", CASES)
def test_ids_are_unique_and_no_message_is_too_long(case: str) -> None:
    ids = [one["id"] for one in messages_of(case)]
    assert len(set(ids)) == len(ids)
    assert max(map(len, lines_of(case))) <= LENGTH_MAX


@pytest.mark.parametrize("case", CASES)
def test_every_golden_alert_fits_the_schema(case: str) -> None:
    for message in messages_of(case):
        SCHEMA.validate(message)


def test_the_kit_sends_every_event_of_the_contract() -> None:
    assert {one["event"] for case in CASES for one in messages_of(case)} == EVENTS


def test_every_script_has_a_case_and_says_its_name_and_version() -> None:
    assert {one["script"] for one in CASES.values()} == {path.stem for path in PINE.glob("*.pine")}
    for case, one in CASES.items():
        source = (PINE / f"{one['script']}.pine").read_text()
        for message in messages_of(case):
            assert message["script"] == one["script"]
            assert f'string VERSION = "{message["script_ver"]}"' in source


def test_the_golden_files_are_made_from_the_sources_that_lie_here() -> None:
    manifest = json.loads((GOLDEN / "manifest.json").read_text())
    for path, sha256 in {**manifest["sources"], **manifest["made"]}.items():
        found = hashlib.sha256((PINE / path).read_bytes()).hexdigest()
        assert found == sha256, f"{FOR_PEOPLE}: {path}"
    listed = set(manifest["sources"])
    assert {path.name for path in PINE.glob("*.pine")} <= listed
    assert {f"harness/fixtures/{p.name}" for p in PINE.glob("harness/fixtures/*.csv")} <= listed


def _sent_at(line: str) -> datetime:
    return datetime.fromtimestamp(json.loads(line)["sent_at"] / 1000, UTC)
