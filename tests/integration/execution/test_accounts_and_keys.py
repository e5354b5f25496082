"""Accounts, symbol maps and executor keys."""

import json
from decimal import Decimal

import msgspec
import pytest
from django.db import IntegrityError, transaction

from execution.errors import AccountMismatch, KeyNotLive, ScopeUnknown
from execution.models import BrokerAccount, ExecutorKey, SymbolMap
from execution.services.accounts import account_create
from execution.services.keys import key_issue, key_revoke, secret_sha256
from execution.services.sessions import executor_hello
from execution.services.subscriptions import subscription_create
from execution.services.symbols import symbol_map_confirm
from execution.wire import Hello, Sheet, body_write
from fusion_project.events.clock import now
from fusion_project.events.models import Event
from tests.builders.execution import desk_make, strategy_make
from tests.builders.switches import account_halt, account_resume
from tests.factories.execution import EURUSD_SHEET, BrokerAccountFactory

pytestmark = pytest.mark.django_db


def test_an_account_is_created_once():
    fields = {"name": "Demo", "book": "paper", "server": "S", "login": "1", "currency": "USD"}
    fields["actor"] = "user:1"
    assert account_create(**fields) == account_create(**fields)


def test_a_subscription_is_made_once_and_can_be_changed():
    account, strategy = BrokerAccountFactory(), strategy_make()
    first = subscription_create(strategy_id=strategy.id, account_id=account.id)
    second = subscription_create(strategy_id=strategy.id, account_id=account.id, lots_default="0.5")
    assert (first.id, second.lots_default) == (second.id, Decimal("0.5"))


def test_a_key_is_stored_as_a_hash_only():
    issued = key_issue(account_id=BrokerAccountFactory().id, label="ea", actor="user:1")
    prefix, _, secret = issued.text.partition(".")
    row = ExecutorKey.objects.get(prefix=prefix)
    assert row.sha256 == secret_sha256(secret)
    assert secret not in str(vars(row))
    event = Event.objects.get(name="key.issued")
    assert secret not in str(event.detail)


def test_a_key_in_clear_is_refused_by_the_table():
    with pytest.raises(IntegrityError, match="is_hashed"), transaction.atomic():
        ExecutorKey.objects.create(
            prefix="p",
            sha256="secret",
            account=BrokerAccountFactory(),
            scopes=[],
            created_at=now(),
            expires_at=now(),
        )


def test_a_key_is_revoked_once():
    issued = key_issue(account_id=BrokerAccountFactory().id, label="ea", actor="user:1")
    key_revoke(key_id=issued.key.id, actor="user:1")
    with pytest.raises(KeyNotLive):
        key_revoke(key_id=issued.key.id, actor="user:1")
    assert Event.objects.filter(name="key.revoked").count() == 1


def test_an_unknown_scope_is_refused():
    with pytest.raises(ScopeUnknown):
        key_issue(account_id=BrokerAccountFactory().id, label="", actor="u", scopes=["all"])


def test_halting_and_resuming_are_facts_that_happen_once():
    account = BrokerAccountFactory()
    assert account_halt(account.id)
    assert not account_halt(account.id)
    assert account_resume(account.id)
    events = Event.objects.filter(name="switch.changed").order_by("id")
    assert [json.loads(event.detail)["state"] for event in events] == ["halted", "active"]


def sheet(symbol="EURUSD"):
    return msgspec.Raw(body_write(Sheet(symbol=symbol, **EURUSD_SHEET)))


def hello(desk, **fields):
    account = desk.account
    values = {
        "instance": "ea-1",
        "server": account.server,
        "login": account.login,
        "currency": account.currency,
        "margin_mode": account.margin_mode,
    }
    return executor_hello(caller=desk.caller, facts=Hello(**{**values, **fields}))


@pytest.mark.parametrize(
    "changes", [{"login": "9"}, {"server": "X"}, {"currency": "EUR"}, {"margin_mode": "netting"}]
)
def test_a_terminal_logged_in_elsewhere_is_refused(changes):
    with pytest.raises(AccountMismatch):
        hello(desk_make(), **changes)


def test_hello_takes_money_and_sheets_and_gives_what_is_out():
    desk = desk_make()
    SymbolMap.objects.update(tick_value=2)
    answer = hello(
        desk,
        symbols=(sheet(),),
        balance=EURUSD_SHEET["contract_size"],
        equity=EURUSD_SHEET["contract_size"],
    )
    assert SymbolMap.objects.get().tick_value == 1
    assert BrokerAccount.objects.get().equity == 100_000
    assert answer.last_seq == 0
    staged = desk.stage()
    assert [one.id for one in hello(desk).orders] == [staged.id]


def test_a_symbol_nobody_mapped_is_proposed_and_not_traded():
    desk = desk_make()
    hello(desk, symbols=(sheet("GBPUSD"),))
    row = SymbolMap.objects.get(instrument="GBPUSD")
    assert row.confirmation is None
    assert desk.stage(instrument="GBPUSD").reason == "symbol_not_confirmed"
    symbol_map_confirm(
        symbol_map_id=row.id, instrument="GBPUSD", broker_symbol="GBPUSD", actor="user:1"
    )
    assert desk.stage(instrument="GBPUSD").state == "staged"
