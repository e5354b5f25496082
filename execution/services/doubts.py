"""Equity and contracts are claims of the executor: taken over while they are plausible.

What is not stops entries, with an incident, until a person has looked at the broker and confirmed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from execution.errors import NothingDoubted
from execution.models import AccountMark, BrokerAccount, ClaimConfirmation, SheetMark, SymbolMap
from execution.risk.claims import Contract, contract_doubt, equity_doubt
from execution.risk.limits import Breach
from execution.selectors.doubts import sheet_doubt_words
from execution.selectors.money import broker_offsets, is_told_whole, paid_in_since
from execution.selectors.symbols import contract_sheet
from execution.services.accounts import account_lock
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle


@transaction.atomic
def equity_told(*, account_id: int, moves: bool = True) -> None:
    """Hold the equity that was told just now against the marks, and move them where it is believed.

    They move only by a heartbeat, and while our last deal is the one that it named: before, a
    deposit that nobody has told yet would look like a profit. Call under the account's lock.
    """
    account = BrokerAccount.objects.get(id=account_id)
    if account.equity is None:
        return
    moment = now()
    mark = AccountMark.objects.filter(account=account).first()
    if mark is None:
        _begin(account, account.equity, moment)
        return
    paid_in = paid_in_since(account_id=account_id, since=mark.began_at)
    doubt = equity_doubt(told=account.equity, base=mark.day_equity + paid_in - mark.paid_in)
    if doubt is not None:
        _doubt_equity(account, mark, doubt, moment)
    elif moves and mark.doubted_at is None and is_told_whole(account):
        _move(account, mark, account.equity, paid_in, moment)


@transaction.atomic
def sheets_told(*, account_id: int) -> None:
    """Hold every contract sheet of the account against what is known of it, after a hello.

    What nobody has confirmed yet is followed; from a person's confirmation on it is held.
    """
    rows = SymbolMap.objects.filter(account=account_id, tick_value__isnull=False)
    fresh: list[SheetMark] = []
    followed: list[SheetMark] = []
    for row in rows.select_related("mark", "account"):
        sheet = contract_sheet(row)
        if sheet is None:
            continue
        told, mark = Contract.of(sheet), getattr(row, "mark", None)
        if mark is None:
            fresh.append(_mark_of(row, told))
            continue
        doubt = contract_doubt(told=told, trusted=_trusted(mark))
        if row.is_confirmed and doubt is not None and mark.doubted_at is None:
            _doubt_sheet(row, mark, doubt)
        elif not row.is_confirmed and told != _trusted(mark):
            followed.append(_mark_of(row, told))
    SheetMark.objects.bulk_create(fresh, ignore_conflicts=True)
    SheetMark.objects.bulk_update(
        followed, ["money_per_price", "contract_size", "doubted_at", "doubt"]
    )


@transaction.atomic
def equity_confirm(*, account_id: int, doubt: str, actor: str, note: str) -> None:
    """A person has looked at the broker: the equity is what it was told to be; marks begin anew.

    `doubt` is what the person was shown. Raises NothingDoubted.
    """
    account = account_lock(account_id)
    mark = AccountMark.objects.filter(account=account, doubted_at__isnull=False).first()
    if mark is None or mark.doubt != doubt or account.equity is None:
        raise NothingDoubted(account_id=account_id)
    _confirmed(account, None, doubt, actor, note)
    _begin(account, account.equity, now())
    incident_settle(
        kind=kinds.CLAIM_DOUBTED,
        subject=subject_of(BrokerAccount, account_id),
        note=f"confirmed: {note}",
    )


@transaction.atomic
def sheet_confirm(*, symbol_map_id: int, doubt: str, actor: str, note: str) -> None:
    """A person has compared the contract with the broker's: it is what was told.

    `doubt` is what the person was shown. Raises NothingDoubted.
    """
    rows = SymbolMap.objects.select_related("account", "mark")
    row = rows.filter(id=symbol_map_id).first()
    sheet = contract_sheet(row) if row else None
    if row is None or sheet is None or not doubt or sheet_doubt_words(row) != doubt:
        raise NothingDoubted(symbol_map_id=symbol_map_id)
    _confirmed(row.account, row, doubt, actor, note)
    told = Contract.of(sheet)
    SheetMark.objects.update_or_create(
        symbol_map=row,
        defaults={
            "money_per_price": told.money_per_price,
            "contract_size": told.contract_size,
            "confirmed_at": now(),
            "doubted_at": None,
            "doubt": "",
        },
    )
    incident_settle(
        kind=kinds.CLAIM_DOUBTED,
        subject=subject_of(BrokerAccount, row.account_id, row.broker_symbol),
        note=f"confirmed: {note}",
    )


def _mark_of(row: SymbolMap, told: Contract) -> SheetMark:
    return SheetMark(
        symbol_map=row, money_per_price=told.money_per_price, contract_size=told.contract_size
    )


def _trusted(mark: SheetMark) -> Contract:
    return Contract(mark.money_per_price, mark.contract_size)


def _begin(account: BrokerAccount, equity: Decimal, moment: datetime) -> None:
    AccountMark.objects.update_or_create(
        account=account,
        defaults={
            "began_at": moment,
            "told_at": moment,
            "paid_in": 0,
            "equity": equity,
            "result": equity,
            "day": _broker_day(account, moment),
            "day_equity": equity,
            "day_result": equity,
            "highest_equity": equity,
            "highest_result": equity,
            "doubted_at": None,
            "doubt": "",
        },
    )


def _move(
    account: BrokerAccount, mark: AccountMark, equity: Decimal, paid_in: Decimal, moment: datetime
) -> None:
    """A new day begins with what was known last before it; the highest only rises."""
    day = _broker_day(account, moment)
    if day > mark.day:
        mark.day, mark.day_equity, mark.day_result = day, mark.equity, mark.result
    # What was paid in since makes the day's first equity and the highest one larger, too.
    mark.day_equity += paid_in - mark.paid_in
    mark.highest_equity += paid_in - mark.paid_in
    mark.paid_in, mark.equity, mark.result = paid_in, equity, equity - paid_in
    if mark.result > mark.highest_result:
        mark.highest_result, mark.highest_equity = mark.result, equity
    mark.told_at = moment
    mark.save()


def _broker_day(account: BrokerAccount, moment: datetime) -> date:
    """The day that limits count: the broker's, by the clock of its newest deal."""
    offset = broker_offsets([account.id]).get(account.id, 0)
    return (moment + timedelta(seconds=offset)).date()


def _doubt_equity(
    account: BrokerAccount, mark: AccountMark, doubt: Breach, moment: datetime
) -> None:
    if mark.doubted_at is None:
        mark.doubted_at, mark.doubt = moment, doubt.words[:200]
        mark.save(update_fields=["doubted_at", "doubt"])
    incident_open(
        kind=kinds.CLAIM_DOUBTED,
        subject=subject_of(BrokerAccount, account.id),
        note=f"{account.name}: {mark.doubt}",
        trace_id=trace_mint(),
    )


def _doubt_sheet(row: SymbolMap, mark: SheetMark, doubt: Breach) -> None:
    mark.doubted_at, mark.doubt = now(), doubt.words[:200]
    mark.save(update_fields=["doubted_at", "doubt"])
    sheet_doubt_report(account=row.account, broker_symbol=row.broker_symbol, words=mark.doubt)


def sheet_doubt_report(*, account: BrokerAccount, broker_symbol: str, words: str) -> None:
    """Tell people that a contract is doubted; each entry that it stops is a further sighting."""
    incident_open(
        kind=kinds.CLAIM_DOUBTED,
        subject=subject_of(BrokerAccount, account.id, broker_symbol),
        note=f"{account.name}, {broker_symbol}: {words}",
        trace_id=trace_mint(),
    )


def _confirmed(
    account: BrokerAccount, row: SymbolMap | None, doubt: str, actor: str, note: str
) -> None:
    said = ClaimConfirmation.objects.create(
        account=account, symbol_map=row, doubt=doubt, at=now(), actor=actor, note=note
    )
    record(
        names.POLICY_CHANGED,
        subject=subject_of(ClaimConfirmation, said.id),
        trace_id=trace_mint(),
        actor=actor,
        detail={
            "account_id": account.id,
            "broker_symbol": row.broker_symbol if row else "",
            "doubt": doubt,
            "note": note,
        },
    )
