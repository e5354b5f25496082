"""Hello and heartbeat: what the terminal says of itself, its account and its symbols."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from execution.errors import AccountMismatch
from execution.models import BrokerAccount, Order, Report, SymbolMap
from execution.rules import states
from execution.rules.messages import ExecutorCaller, Program
from execution.services.doubts import equity_told, sheets_told
from execution.services.instances import instance_claim, instance_tells_minor
from execution.services.tradable import account_tradable_push
from execution.wire import Heartbeat, Hello, Sheet
from fusion_project.events.clock import now
from signals.intents.symbols import SymbolUnreadable, instrument_of


@dataclass(frozen=True, slots=True)
class HelloAnswer:
    """What an executor needs to begin: limits, symbols, its open orders, its last report."""

    account: BrokerAccount
    symbols: list[SymbolMap]
    orders: list[Order]
    last_seq: int
    server_time: datetime


@transaction.atomic
def executor_hello(*, caller: ExecutorCaller, facts: Hello) -> HelloAnswer:
    """Check that this is the account's terminal and take its contract sheets.

    Raises AccountMismatch, InstanceConflict.
    """
    moment = now()
    program = Program(facts.instance, facts.boot_nonce)
    account = instance_claim(caller=caller, program=program, moment=moment)
    _check_account(account, facts)
    instance_tells_minor(account=account, program=program, api_minor=facts.api_minor)
    if facts.equity is not None and facts.balance is not None:
        BrokerAccount.objects.filter(id=account.id).update(
            balance=facts.balance, equity=facts.equity
        )
    for sheet in facts.symbols:
        _sheet_store(account, sheet, moment)
    equity_told(account_id=account.id)
    sheets_told(account_id=account.id)
    account_tradable_push(account.id)
    last = Report.objects.filter(account=account, instance=facts.instance).order_by("-seq").first()
    return HelloAnswer(
        account=account,
        symbols=list(SymbolMap.objects.filter(account=account).order_by("instrument")),
        orders=list(Order.objects.filter(account=account).exclude(state__in=states.ORDER_ENDS)),
        last_seq=last.seq if last else 0,
        server_time=moment,
    )


@transaction.atomic
def heartbeat_record(*, caller: ExecutorCaller, facts: Heartbeat) -> BrokerAccount:
    """Store the account's snapshot; the reconciler compares it later. Raises InstanceConflict."""
    moment = now()
    program = Program(facts.instance, facts.boot_nonce)
    account = instance_claim(caller=caller, program=program, moment=moment)
    BrokerAccount.objects.filter(id=account.id).update(
        balance=facts.balance,
        equity=facts.equity,
        margin=facts.margin,
        watermark_time_msc=facts.watermark.time_msc,
        watermark_ticket=facts.watermark.ticket,
        open_tickets=sorted(facts.open_tickets),
        heartbeat_at=moment,
    )
    equity_told(account_id=account.id)
    account.refresh_from_db()
    return account


def _check_account(account: BrokerAccount, facts: Hello) -> None:
    """A key is bound to one account: a terminal logged in elsewhere must not trade with it."""
    expected = (account.server, account.login, account.currency, account.margin_mode)
    was = (facts.server, facts.login, facts.currency, facts.margin_mode)
    if was != expected:
        names = ("server", "login", "currency", "margin_mode")
        odd = [name for name, a, b in zip(names, expected, was, strict=True) if a != b]
        raise AccountMismatch(f"this key belongs to another account: {', '.join(odd)} differ")


def _sheet_store(account: BrokerAccount, sheet: Sheet, moment: datetime) -> None:
    """Keep the contract sheet; an unmapped symbol becomes a proposal for a person to confirm."""
    columns = {
        "digits": sheet.digits,
        "tick_size": sheet.tick_size,
        "tick_value": sheet.tick_value,
        "contract_size": sheet.contract_size,
        "lot_min": sheet.lot_min,
        "lot_step": sheet.lot_step,
        "lot_max": sheet.lot_max,
        "stops_level_points": sheet.stops_level_points,
        "sheet_at": moment,
    }
    rows = SymbolMap.objects.filter(account=account, broker_symbol=sheet.symbol)
    if rows.update(**columns):
        return
    SymbolMap.objects.get_or_create(
        account=account,
        instrument=_proposed_instrument(sheet.symbol),
        defaults={"broker_symbol": sheet.symbol, **columns},
    )


def _proposed_instrument(broker_symbol: str) -> str:
    try:
        return instrument_of(broker_symbol)
    except SymbolUnreadable:
        return broker_symbol
