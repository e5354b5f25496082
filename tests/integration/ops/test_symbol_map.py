"""`manage.py symbol_map`: which broker symbol an instrument is, said and confirmed by hand."""

import io
from typing import Any

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from execution.models import Order, SymbolConfirmation, SymbolMap
from execution.services.sessions import executor_hello
from execution.wire import Hello, Sheet, body_write
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from fusion_project.events.subjects import subject_of
from tests.builders.execution import Desk, desk_make
from tests.builders.pages import staff_make
from tests.database import owner_writes
from tests.factories.execution import EURUSD_SHEET, SymbolMapFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Any:
    return staff_make("ops")


@pytest.fixture
def desk() -> Desk:
    """A broker that adds a letter: its hello told of EURUSDm, and EURUSDM was guessed."""
    made = desk_make()
    SymbolMap.objects.update(confirmation=None, sheet_at=now())
    with owner_writes():
        SymbolMap.objects.update(instrument="EURUSDM", broker_symbol="EURUSDm")
    return made


def _run(person: Any, desk: Desk, what: str, *words: str) -> str:
    out = io.StringIO()
    login = ("--account", desk.account.login)
    call_command("symbol_map", what, *words, *login, "--as", person.username, stdout=out)
    return out.getvalue()


def test_what_hello_guessed_gives_way_and_trades_once_it_is_confirmed(desk, person) -> None:
    assert desk.stage().reason == "symbol_not_mapped"
    assert "EURUSD = EURUSDm is proposed" in _run(person, desk, "propose", "EURUSD", "EURUSDm")
    assert desk.stage().reason == "symbol_not_confirmed"
    shown = _run(person, desk, "confirm", "EURUSD", "EURUSDm", "--yes")
    assert shown.index("contract size") < shown.index("is confirmed")
    order = desk.stage()
    assert (order.state, order.broker_symbol) == ("staged", "EURUSDm")
    said = SymbolConfirmation.objects.latest("id")
    assert (said.instrument, said.actor) == ("EURUSD", f"user:{person.pk}")
    events = Event.objects.filter(subject=subject_of(SymbolMap, said.symbol_map_id))
    assert list(events.values_list("actor", flat=True)) == [f"user:{person.pk}"] * 2


def test_the_next_hello_keeps_what_was_said_by_hand(desk, person) -> None:
    _run(person, desk, "propose", "EURUSD", "EURUSDm")
    account = desk.account
    told = Hello(
        instance="ea-1",
        server=account.server,
        login=account.login,
        currency=account.currency,
        margin_mode=account.margin_mode,
        symbols=(msgspec.Raw(body_write(Sheet(symbol="EURUSDm", **EURUSD_SHEET))),),
    )
    executor_hello(caller=desk.caller, facts=told)
    rows = SymbolMap.objects.filter(account=desk.account, broker_symbol="EURUSDm")
    assert [row.instrument for row in rows] == ["EURUSD"]


def test_two_guesses_change_places(desk, person) -> None:
    SymbolMapFactory(account=desk.account, instrument="EURUSD", is_confirmed=False)
    _run(person, desk, "propose", "EURUSD", "EURUSDm")
    named = dict(SymbolMap.objects.values_list("instrument", "broker_symbol"))
    assert named == {"EURUSD": "EURUSDm", "EURUSDM": "EURUSD"}


def test_withdrawn_it_takes_no_new_entry(person) -> None:
    desk = desk_make()
    assert "no new entry" in _run(person, desk, "withdraw", "EURUSD", "EURUSD")
    assert desk.stage().reason == "symbol_not_confirmed"


def test_the_list_tells_state_and_contract_of_each(desk, person) -> None:
    SymbolMapFactory(account=desk.account, instrument="AMD", sheet_at=None)
    told = _run(person, desk, "list").splitlines()
    assert [line.split("\t")[1:3] for line in told] == [
        ["AMD = AMD", "confirmed"],
        ["EURUSDM = EURUSDm", "proposed"],
    ]
    assert "no contract sheet yet" in told[0]
    assert "tick value 1 USD" in told[1]


def test_a_confirmed_map_or_one_with_something_open_does_not_give_way(person) -> None:
    desk = desk_make()
    with pytest.raises(CommandError, match=r"EURUSD is EURUSD .* withdraw that first"):
        _run(person, desk, "propose", "EURUSD", "EURUSDm")
    desk.opened()
    SymbolMap.objects.update(confirmation=None)
    with pytest.raises(CommandError, match="something is open on it"):
        _run(person, desk, "propose", "EUR", "EURUSD")
    with pytest.raises(IntegrityError, match="something is open"), transaction.atomic():
        SymbolMap.objects.update(instrument="EUR")


def test_an_order_on_its_way_counts_as_open(person) -> None:
    desk = desk_make()
    assert Order.objects.get(id=desk.stage().id).state == "staged"
    SymbolMap.objects.update(confirmation=None)
    with pytest.raises(CommandError, match="something is open on it"):
        _run(person, desk, "propose", "EUR", "EURUSD")


def test_nothing_is_confirmed_without_a_contract_to_compare_nor_unasked(desk, person) -> None:
    with pytest.raises(CommandError, match="Nobody is there to be asked"):
        _run(person, desk, "confirm", "EURUSDM", "EURUSDm")
    SymbolMap.objects.update(sheet_at=None)
    with pytest.raises(CommandError, match="has not told yet what EURUSDm is"):
        _run(person, desk, "confirm", "EURUSDM", "EURUSDm", "--yes")
    assert not SymbolMap.objects.filter(confirmation__isnull=False).exists()


@pytest.mark.parametrize(
    ("login", "match"),
    [(None, "--as USER"), ("nobody", "no member of staff"), ("viewer", "may not do this")],
)
def test_who_is_not_named_or_may_not_changes_nothing(desk, login, match) -> None:
    name = staff_make("viewer").username if login == "viewer" else login
    words = ["EURUSD", "EURUSDm", "--account", desk.account.login]
    with pytest.raises(CommandError, match=match):
        call_command("symbol_map", "propose", *words, *(["--as", name] if name else []))
    assert not SymbolMap.objects.filter(instrument="EURUSD").exists()


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("propose", "EURUSD"), "Name INSTRUMENT, SYMBOL"),
        (("propose", "EUR USD", "x"), "is not a chart symbol"),
        (("confirm", "EURUSD", "EURUSDx"), "is not there"),
        (("withdraw", "EURUSDM", "EURUSDm"), "symbol map changed"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(desk, person, words, match) -> None:
    with pytest.raises(CommandError, match=match):
        _run(person, desk, *words)
