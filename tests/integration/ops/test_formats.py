"""Formats are taught in the browser from two examples, and the next alert is read by them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from signals.errors import PolicyInvalid
from signals.models import Alert, Delivery, StrategyPolicy
from signals.services.formats import format_forget, format_teach
from tests.builders.pages import staff_make
from tests.builders.signals import BuiltStrategy, alert_received, strategy_built
from tests.unit.signals.dialects.test_taught import ALL, ARRAY, NESTED, PIPES

pytestmark = pytest.mark.django_db
PAGE = "/ops/alert-formats/ema-cross/"
TEACH = f"{PAGE}teach"


@pytest.fixture
def built(db: None) -> BuiltStrategy:
    return strategy_built()


def form_of(document: dict, **more: str) -> dict:
    """The corrected form, as a browser sends it."""
    members = document["members"]
    constants = document.get("constants", {})
    return {
        "constants": ", ".join(f"{name}={value}" for name, value in constants.items()),
        "name": document["name"],
        "separator": document.get("separator", ""),
        "assign": document.get("assign", ""),
        "example": [one["body"] for one in document["examples"]],
        "at": [one["at"] for one in members],
        "says": [one["says"] for one in members],
        "values": [
            ",".join(f"{said}={to}" for said, to in one.get("values", {}).items())
            for one in members
        ],
        "why": [one.get("why", "") for one in members],
        "optional": [one["at"] for one in members if one.get("optional")],
        **more,
    }


def kept(document: dict) -> dict:
    """The document as it is stored: without the credentials that stood in its examples."""
    return json.loads(json.dumps(document).replace("S3CRET-17", "[blanked]"))


@pytest.mark.parametrize("document", [PIPES, NESTED, ARRAY], ids=lambda one: one["name"])
def test_a_format_is_made_from_two_examples_and_reads_the_next_alert(
    built: BuiltStrategy, ops: Client, document: dict
) -> None:
    bodies = [one["body"] for one in document["examples"]]
    guess = {"step": "guess", "name": document["name"], "example": bodies}
    shown = ops.post(TEACH, guess).content.decode()
    told = [one["at"] for one in document["members"] if one["says"] != "ignored"]
    assert all(f'value="{at}"' in shown for at in told)
    preview = ops.post(TEACH, form_of(document, step="judge")).content.decode()
    assert all(one["asks"] in preview for one in document["examples"])
    assert not StrategyPolicy.objects.get(version=1).formats
    assert ops.post(TEACH, form_of(document, step="keep")).status_code == 302
    assert StrategyPolicy.objects.get(version=2).formats == [kept(document)]
    answer = alert_received(built, bodies[0].encode())
    assert answer.status == 202
    assert Alert.objects.get().dialect.startswith(f"taught:{document['name']}@")
    assert b"S3CRET" not in bytes(Delivery.objects.get().body)


def test_what_is_wrong_is_told_and_nothing_is_kept(built: BuiltStrategy, ops: Client) -> None:
    form = form_of(PIPES, step="keep")
    form["says"][3] = "?"
    shown = ops.post(TEACH, form).content.decode()
    assert "Say what these are: part 4." in shown
    assert 'value="BUY=buy, LONG_OUT=exitlong"' in shown, "corrections stay in the form"
    form = form_of(ARRAY, step="keep")
    form["says"][1] = "symbol"
    form["values"][0] = "LONG_ENTRY=?, OUT=exit"
    assert (
        "Say what &#x27;LONG_ENTRY&#x27; means in /0/do" in ops.post(TEACH, form).content.decode()
    )
    form = form_of(NESTED, step="keep")
    form["says"][3] = "sl"
    assert "Message 1 would be refused" in ops.post(TEACH, form).content.decode()
    hostile = {"step": "guess", "name": "x", "example": ['{"<script>alert(1)</script>": 1}']}
    assert "<script>alert" not in ops.post(TEACH, hostile).content.decode()
    assert StrategyPolicy.objects.count() == 1


def test_a_viewer_may_not_teach(built: BuiltStrategy, viewer: Client) -> None:
    assert viewer.post(TEACH, form_of(PIPES, step="keep")).status_code == 403


def test_former_examples_hold_in_every_later_version(built: BuiltStrategy) -> None:
    format_teach(slug="ema-cross", document=PIPES, actor="system")
    fewer = {**PIPES, "examples": PIPES["examples"][:1]}
    with pytest.raises(PolicyInvalid, match="must stay"):
        format_teach(slug="ema-cross", document=fewer, actor="system")
    more = {"body": "S3CRET-17|other|buy|GBPUSD", "asks": "entry buy GBPUSD"}
    grown = {**PIPES, "examples": [*PIPES["examples"], more]}
    strategy = format_teach(slug="ema-cross", document=grown, actor="system")
    assert strategy.policy.formats == [kept(grown)]
    assert format_forget(slug="ema-cross", name="pipes", actor="system").policy.formats == []


def test_a_message_that_lacks_what_its_format_needs_may_not_open(built: BuiltStrategy) -> None:
    format_teach(slug="ema-cross", document=NESTED, actor="system")
    body = json.loads(NESTED["examples"][1]["body"])
    del body["cmd"]["closes"]
    answer = alert_received(built, json.dumps(body).encode())
    assert answer.verdict == "unreadable"
    assert not Alert.objects.exists()


def test_a_credential_in_its_place_opens_the_door_and_is_never_kept(
    built: BuiltStrategy, ops: Client
) -> None:
    format_teach(slug="ema-cross", document=PIPES, actor="system")
    body = f"{built.secret}|trend|buy|EURUSD".encode()
    answer = alert_received(built, body, secret="")
    assert (answer.status, answer.verdict) == (202, "accepted")
    assert alert_received(built, b"wrong|trend|buy|EURUSD", secret="").status == 401
    assert bytes(Delivery.objects.get().body) == b"[blanked]|trend|buy|EURUSD"
    more = {"body": body.decode().replace("buy", "long_out"), "asks": "exit sell EURUSD"}
    strategy = format_teach(
        slug="ema-cross",
        document={**PIPES, "examples": [*PIPES["examples"], more]},
        actor="system",
    )
    assert built.secret not in json.dumps(strategy.policy.formats)
    page = ops.get(f"{PAGE}?name=pipes").content.decode()
    assert "[blanked]|trend|long_out|EURUSD" in page


def told_by(*words: str) -> str:
    out = io.StringIO()
    call_command("strategy_format", "ema-cross", *words, stdout=out)
    return out.getvalue()


def test_the_command_guesses_teaches_shows_and_forgets(
    built: BuiltStrategy, tmp_path: Path
) -> None:
    messages = tmp_path / "messages.txt"
    messages.write_text("".join(f"{one['body']}\n" for one in PIPES["examples"]))
    guessed = json.loads(told_by("--guess", str(messages), "--name", "pipes"))
    assert [one["says"] for one in guessed["members"]] == ["credential", "?", "?", "symbol"]
    document = tmp_path / "pipes.json"
    document.write_text(json.dumps(PIPES))
    login = ["--as", staff_make("ops").username]
    assert "exit sell EURUSD" in told_by("--teach", str(document), *login)
    assert json.loads(told_by("--show", "pipes")) == kept(PIPES)
    assert "nothing is settled" in told_by("--forget-format", "pipes", *login)
    document.write_text(json.dumps({**PIPES, "name": "Not A Name"}))
    with pytest.raises(CommandError, match="small letters"):
        told_by("--teach", str(document), *login)
    with pytest.raises(CommandError, match="cannot be read"):
        told_by("--teach", str(tmp_path / "none.json"), *login)


def test_several_formats_serve_one_strategy(built: BuiltStrategy) -> None:
    for document in ALL:
        format_teach(slug="ema-cross", document=document, actor="system")
    for document in ALL:
        body = document["examples"][0]["body"].encode()
        assert alert_received(built, body).status == 202, document["name"]


@pytest.mark.parametrize(
    "formats", [[{"name": "x", "examples": []}], [{"examples": [1]}], [PIPES, PIPES]]
)
def test_the_table_refuses_a_format_without_name_or_example(
    built: BuiltStrategy, formats: list
) -> None:
    with (
        pytest.raises(IntegrityError, match="no name of its own, or no example"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO signals_strategypolicy SELECT (jsonb_populate_record(p,"
            " jsonb_build_object('id', p.id + 1000, 'version', 99, 'formats', %s::jsonb))).*"
            " FROM signals_strategypolicy p LIMIT 1",
            [json.dumps(formats)],
        )
