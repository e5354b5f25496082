"""Hello and heartbeat: what the terminal says of itself, its account and its symbols."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from execution.errors import AccountMismatch
from execution.models import BrokerAccount, Order, Report, SymbolMap
from execution.rules import states
from execution.rules.messages import ExecutorCaller, Program
from execution.services.doubts import equity_told, sheets_told
from execution.services.instances import instance_claim, instance_tells
from execution.services.symbol_lists import symbols_listed
from execution.services.symbols import symbol_sheet_compare
from execution.services.terminals import terminal_tell
from execution.services.tradable import account_tradable_push
from execution.traces import trace_mint
from execution.wire import Heartbeat, Hello, Sheet, sheet_columns, sheets_read
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from signals.intents.symbols import SymbolUnreadable, instrument_of


@dataclass(frozen=True, slots=True)
class HelloAnswer:
    """What an executor needs to begin: limits, symbols, its open orders, its last report.

    `refused_symbols` are (symbol, reason) of the sheets that could not be read.
    """

    account: BrokerAccount
    symbols: list[SymbolMap]
    refused_symbols: list[tuple[str, str]]
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
    instance_tells(account=account, program=program, facts=facts)
    if facts.equity is not None and facts.balance is not None:
        BrokerAccount.objects.filter(id=account.id).update(
            balance=facts.balance, equity=facts.equity
        )
    sheets, refused = sheets_read(facts.symbols)
    for sheet in sheets:
        _sheet_store(account, sheet, moment)
    equity_told(account_id=account.id, moves=False)
    sheets_told(account_id=account.id)
    symbols_listed(account=account, listed={sheet.symbol for sheet in sheets})
    account_tradable_push(account.id)
    last = Report.objects.filter(account=account, instance=facts.instance).order_by("-seq").first()
    return HelloAnswer(
        account=account,
        symbols=list(SymbolMap.objects.filter(account=account).order_by("instrument")),
        refused_symbols=refused,
        orders=list(Order.objects.filter(account=account).exclude(state__in=states.ORDER_ENDS)),
        last_seq=last.seq if last else 0,
        server_time=moment,
    )


@transaction.atomic
def heartbeat_record(*, caller: ExecutorCaller, facts: Heartbeat) -> BrokerAccount:
    """Store the account's snapshot; the reconciler compares it later.

    Raises InstanceConflict, HeartbeatOld.
    """
    moment = now()
    program = Program(facts.instance, facts.boot_nonce)
    account = instance_claim(caller=caller, program=program, moment=moment)
    if not terminal_tell(account=account, program=program, facts=facts, moment=moment):
        return account
    BrokerAccount.objects.filter(id=account.id).update(
        balance=facts.balance,
        equity=facts.equity,
        margin=facts.margin,
        margin_free=facts.margin_free,
        credit=facts.credit,
        floating=facts.floating,
        watermark_time_msc=facts.watermark.time_msc,
        watermark_ticket=facts.watermark.ticket,
        open_tickets=facts.tickets,
        heartbeat_at=moment,
    )
    equity_told(account_id=account.id)
    account.refresh_from_db()
    return account


@transaction.atomic
def sheet_store(*, account_id: int, sheet: Sheet) -> None:
    """Keep one contract sheet, as hello does; the demo's seed brings its own."""
    _sheet_store(BrokerAccount.objects.get(id=account_id), sheet, now())


def account_mismatch_report(error: AccountMismatch) -> None:
    """Tell people that a terminal of another account uses this key, after the refusal."""
    account_id = error.detail["account_id"]
    assert isinstance(account_id, int)
    incident_open(
        kind=kinds.EXECUTOR_MISPLACED,
        subject=subject_of(BrokerAccount, account_id),
        note=str(error),
        trace_id=trace_mint(),
    )


def _check_account(account: BrokerAccount, facts: Hello) -> None:
    """A key is bound to one account: a terminal logged in elsewhere must not trade with it."""
    names = ("server", "login", "currency", "margin_mode")
    odd = [name for name in names if getattr(account, name) != getattr(facts, name)]
    if facts.currency_digits not in (None, account.currency_digits):
        odd.append("currency_digits")
    if facts.trade_mode is not None and (facts.trade_mode == "real") != (account.book == "live"):
        odd.append("trade_mode")
    if odd:
        raise AccountMismatch(
            f"this key belongs to another account: {', '.join(odd)} differ", account_id=account.id
        )


def _sheet_store(account: BrokerAccount, sheet: Sheet, moment: datetime) -> None:
    """Keep the contract sheet; an unmapped symbol becomes a proposal for a person to confirm.

    What it does not say stays: a run's first hello has the members of minor 0 alone.
    """
    columns = {**sheet_columns(sheet), "sheet_at": moment}
    symbol_sheet_compare(account_id=account.id, broker_symbol=sheet.symbol, told=columns)
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
