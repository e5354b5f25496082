"""Setting an account up by commands: paper by one person, live by two, keys shown once."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from execution.errors import KeyInvalid, KeyNotLive, SecondPersonNeeded
from execution.models import BrokerAccount, ExecutorKey
from execution.services.accounts import account_create
from execution.services.keys import key_ask, key_collect, key_issue, secret_sha256
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.second_person.models import Request
from tests.builders.people import staff_make
from tests.builders.second_person import confirm, request_confirmed
from tests.factories.execution import BrokerAccountFactory

pytestmark = pytest.mark.django_db
FIELDS = ("--server", "S-1", "--login", "5001", "--currency", "USD")


@pytest.fixture
def anna():
    return staff_make("ops").get_username()


def actor_named(username: str) -> str:
    from django.contrib.auth import get_user_model

    return f"user:{get_user_model().objects.get(username=username).pk}"


def said(command: str, *words: str) -> str:
    out = io.StringIO()
    call_command(command, *words, stdout=out)
    return out.getvalue()


def test_a_paper_account_is_made_at_once_and_told(anna):
    words = ("Desk 1", "--book", "paper", *FIELDS, "--order-lots-max", "2.5", "--as", anna)
    assert said("account_create", *words) == "Account Desk 1 (5001) is made.\n"
    account = BrokerAccount.objects.get()
    assert (account.book, str(account.order_lots_max.normalize())) == ("paper", "2.5")
    assert "stands already" in said("account_create", *words)
    event = Event.objects.get(name="account.created")
    assert event.actor == actor_named(anna)
    assert json.loads(event.detail)["login"] == "5001"


def test_a_live_account_is_made_once_a_second_person_confirms(anna):
    words = ("Desk 1", "--book", "live", *FIELDS, "--as", anna)
    with pytest.raises(CommandError, match="Say why"):
        said("account_create", *words)
    told = said("account_create", *words, "--reason", "we go live")
    assert "waits for a second person: Make the LIVE account Desk 1" in told
    assert not BrokerAccount.objects.exists()
    request = confirm(Request.objects.get())
    account = BrokerAccount.objects.get()
    assert (account.book, account.request_id, request.state) == ("live", request.pk, "done")
    assert account.open_lots_max == 50


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("--book", "paper", "--server", "S" * 65, "--login", "1", "--currency", "USD"), "server"),
        (("--book", "live", "--server", "S" * 65, "--login", "1", "--currency", "USD"), "server"),
        (("--book", "paper", *FIELDS, "--order-lots-max", "0"), "not above 0"),
        (("--book", "paper", *FIELDS, "--order-lots-max", "many"), "not a number"),
        (("--book", "paper", *FIELDS, "--currency-digits", "-1"), "currency_digits|rule"),
    ],
)
def test_odd_accounts_are_refused_in_words(anna, words, refusal):
    with pytest.raises(CommandError, match=refusal):
        said("account_create", "Desk 1", *words, "--reason", "x", "--as", anna)
    assert not BrokerAccount.objects.exists()


def test_neither_service_nor_table_makes_a_live_account_for_one_person():
    fields = {"name": "D", "book": "live", "server": "S", "login": "1", "currency": "USD"}
    with pytest.raises(SecondPersonNeeded):
        account_create(**fields, actor="user:1")
    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        BrokerAccount.objects.create(**fields, created_at=now())
    other = request_confirmed("key.issue")
    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        BrokerAccount.objects.create(**fields, created_at=now(), request=other)
    BrokerAccount.objects.create(
        **fields, created_at=now(), request=request_confirmed("account.create")
    )


def test_a_key_is_shown_once_and_ends_within_ninety_days(anna):
    account = BrokerAccountFactory(login="5001")
    told = said("executor_key", "issue", "5001", "--label", "terminal-1", "--as", anna)
    text = re.search(r"^([0-9a-f]{12}\.\S+)$", told, re.M)[1]
    key = ExecutorKey.objects.get()
    assert key.sha256 == secret_sha256(text.partition(".")[2])
    assert key.expires_at - key.created_at == timedelta(days=90)
    assert text.partition(".")[2] not in said("executor_key", "list")
    assert "terminal-1" in said("executor_key", "list")
    assert account.keys.count() == 1


@pytest.mark.parametrize("days", [0, 91])
def test_a_key_for_longer_is_refused(days):
    account = BrokerAccountFactory()
    with pytest.raises(KeyInvalid):
        key_issue(account_id=account.pk, label="", actor="user:1", valid_days=days)


@pytest.mark.parametrize("ends", [None, timedelta(days=91)])
def test_the_table_takes_no_key_without_an_end_within_ninety_days(ends):
    with pytest.raises(IntegrityError, match="within 90 days"), transaction.atomic():
        ExecutorKey.objects.create(
            prefix="p",
            sha256="0" * 64,
            account=BrokerAccountFactory(),
            created_at=now(),
            expires_at=None if ends is None else now() + ends,
        )


def test_a_key_is_rotated_with_an_overlap_and_revoked_at_once(anna):
    BrokerAccountFactory(login="5001")
    said("executor_key", "issue", "5001", "--as", anna)
    former = ExecutorKey.objects.get()
    said("executor_key", "rotate", former.prefix, "--overlap-hours", "2", "--as", anna)
    former.refresh_from_db()
    assert timedelta(hours=1) < former.expires_at - now() <= timedelta(hours=2)
    newer = ExecutorKey.objects.latest("id")
    said("executor_key", "revoke", newer.prefix, "--as", anna)
    newer.refresh_from_db()
    assert newer.revoked_at is not None
    with pytest.raises(CommandError, match="no live key"):
        said("executor_key", "rotate", newer.prefix, "--as", anna)
    with pytest.raises(CommandError, match="no key nope"):
        said("executor_key", "revoke", "nope", "--as", anna)


def test_an_end_is_never_put_off(anna):
    account = BrokerAccountFactory()
    key = key_issue(account_id=account.pk, label="", actor="user:1", valid_days=1).key
    key_issue(
        account_id=account.pk,
        label="",
        actor="user:1",
        replaces_id=key.pk,
        overlap=timedelta(days=7),
    )
    key.refresh_from_db()
    assert key.expires_at - now() <= timedelta(days=1)
    with pytest.raises(IntegrityError, match="no later"), transaction.atomic():
        ExecutorKey.objects.filter(id=key.pk).update(expires_at=now() + timedelta(days=80))


def test_a_live_accounts_key_is_collected_once_by_who_asked_after_a_second_person(anna):
    account = BrokerAccountFactory(book="live", login="5001")
    told = said("executor_key", "issue", "5001", "--reason", "first terminal", "--as", anna)
    assert "waits for a second person: Issue a key of the LIVE account" in told
    number = str(Request.objects.get(kind="key.issue").pk)
    with pytest.raises(CommandError, match="waits for its second person"):
        said("executor_key", "collect", number, "--as", anna)
    request = confirm(Request.objects.get(kind="key.issue"))
    assert request.state == "confirmed"
    with pytest.raises(CommandError, match="Only who asked"):
        said("executor_key", "collect", number, "--as", staff_make("ops").get_username())
    assert "shown only once" in said("executor_key", "collect", number, "--as", anna)
    key = ExecutorKey.objects.get()
    assert (key.account_id, key.request_id) == (account.pk, request.pk)
    with pytest.raises(CommandError, match="is done"):
        said("executor_key", "collect", number, "--as", anna)
    assert ExecutorKey.objects.count() == 1


def test_a_live_rotation_that_has_been_overtaken_is_not_collected(anna):
    account = BrokerAccountFactory(book="live")
    actor = actor_named(anna)
    first = key_issue(
        account_id=account.pk, label="", actor=actor, request=request_confirmed("key.issue")
    ).key
    request = key_ask(
        account_id=account.pk, label="", reason="x", actor=actor, replaces_id=first.pk
    )
    confirm(request)
    ExecutorKey.objects.filter(id=first.pk).update(revoked_at=now())
    with pytest.raises(KeyNotLive):
        key_collect(request_id=request.pk, actor=actor)
    assert ExecutorKey.objects.count() == 1


def test_neither_service_nor_table_issues_a_live_key_to_one_person(anna):
    account = BrokerAccountFactory(book="live")
    with pytest.raises(SecondPersonNeeded):
        key_issue(account_id=account.pk, label="", actor=actor_named(anna))
    row = {"prefix": "p", "sha256": "0" * 64, "account": account, "created_at": now()}
    row["expires_at"] = now() + timedelta(days=1)
    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        ExecutorKey.objects.create(**row)
    with pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        ExecutorKey.objects.create(**row, request=request_confirmed("account.create"))
