"""Symbol maps under a person's eyes: proposed, confirmed as shown, revoked, all on record."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from execution.errors import SymbolMapChanged, SymbolMapTaken, SymbolNotMapped, SymbolSheetMissing
from execution.models import Order, Position, SymbolConfirmation, SymbolMap
from execution.rules.states import ORDER_ENDS
from execution.services.accounts import account_lock
from execution.services.tradable import account_tradable_push
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open
from fusion_project.text.actors import SYSTEM

# What lots and prices mean.
CONTRACT_COLUMNS: Final = ("digits", "tick_size", "contract_size")


@transaction.atomic
def symbol_map_propose(
    *, account_id: int, instrument: str, broker_symbol: str, actor: str = "system"
) -> SymbolMap:
    """Note that the instrument may be this broker symbol; a person has to confirm it.

    What hello has guessed for either of the two gives way; what a person has confirmed, or what
    has something open, does not: SymbolMapTaken.
    """
    account_lock(account_id)
    rows = SymbolMap.objects.filter(account_id=account_id)
    row = rows.filter(broker_symbol=broker_symbol).first()
    if row is not None and row.instrument == instrument:
        return row
    other = rows.filter(instrument=instrument).first()
    for one in (row, other):
        if one is not None:
            _check_may_move(one)
    if row is None and other is not None:
        raise SymbolMapTaken(
            f"{instrument} is proposed as {other.broker_symbol}, and the executor has not reported "
            f"{broker_symbol}: let it, then propose again."
        )
    if row is None:
        row = SymbolMap.objects.create(
            account_id=account_id, instrument=instrument, broker_symbol=broker_symbol
        )
    else:
        _move(row, instrument, other)
    _record_change(row, actor)
    return row


def _check_may_move(row: SymbolMap) -> None:
    told = f"{row.instrument} is {row.broker_symbol} on this account"
    if row.is_confirmed:
        raise SymbolMapTaken(f"{told}, as a person has confirmed: withdraw that first.")
    of_it = {"account_id": row.account_id, "instrument": row.instrument}
    is_open = Position.objects.filter(**of_it, closed_at=None).exists()
    if is_open or Order.objects.filter(**of_it).exclude(state__in=ORDER_ENDS).exists():
        raise SymbolMapTaken(f"{told}, and something is open on it: close that first.")


def _move(row: SymbolMap, instrument: str, other: SymbolMap | None) -> None:
    """Give the row this instrument; the proposal that had it takes the row's former one."""
    former = row.instrument
    if other is not None:
        # Names are unique at each step, and no chart symbol begins with a space.
        SymbolMap.objects.filter(id=other.id).update(instrument=f" {other.id}")
    SymbolMap.objects.filter(id=row.id).update(instrument=instrument)
    if other is not None:
        SymbolMap.objects.filter(id=other.id).update(instrument=former)
    row.instrument = instrument


@transaction.atomic
def symbol_map_confirm(
    *, symbol_map_id: int, instrument: str, broker_symbol: str, actor: str
) -> SymbolMap:
    """Confirm a row that still says what the person saw; from now on orders go through it.

    Raises SymbolNotMapped, SymbolMapChanged (also where somebody confirmed it meanwhile), and
    SymbolSheetMissing where the executor has not told the contract: there is nothing to compare.
    """
    row = SymbolMap.objects.filter(id=symbol_map_id).first()
    if row is not None and not row.has_sheet:
        raise SymbolSheetMissing(
            f"No executor has told yet what {row.broker_symbol} is: start it, then compare."
        )
    said = SymbolConfirmation.objects.create(
        symbol_map_id=symbol_map_id,
        instrument=instrument,
        broker_symbol=broker_symbol,
        at=now(),
        actor=actor,
    )
    rows = SymbolMap.objects.filter(
        id=symbol_map_id, instrument=instrument, broker_symbol=broker_symbol, confirmation=None
    )
    changed = rows.update(confirmation=said)
    return _changed_row(symbol_map_id, changed, actor)


@transaction.atomic
def symbol_map_revoke(*, symbol_map_id: int, actor: str) -> SymbolMap:
    """Take the confirmation back: no new entry goes through the row; open positions still close.

    Raises SymbolNotMapped, SymbolMapChanged (where it is not confirmed).
    """
    rows = SymbolMap.objects.filter(id=symbol_map_id, confirmation__isnull=False)
    changed = rows.update(confirmation=None)
    return _changed_row(symbol_map_id, changed, actor)


@transaction.atomic
def symbol_sheet_compare(*, account_id: int, broker_symbol: str, told: Mapping[str, Any]) -> bool:
    """Take a confirmation back where the contract told now is another than the one confirmed.

    `told` holds the sheet's columns. Size, digits and tick decide what lots and prices mean; a
    tick's value moves with the rates. Call before the sheet is stored: the table keeps a confirmed
    map from changing in them. Returns whether it was taken back.
    """
    rows = SymbolMap.objects.filter(account=account_id, broker_symbol=broker_symbol)
    row = rows.filter(confirmation__isnull=False).first()
    if row is None or not row.has_sheet:
        return False
    changed = [
        f"{name} {Decimal(getattr(row, name)).normalize():f} -> {Decimal(told[name]).normalize():f}"
        for name in CONTRACT_COLUMNS
        if getattr(row, name) != told[name]
    ]
    if not changed:
        return False
    symbol_map_revoke(symbol_map_id=row.pk, actor=SYSTEM)
    incident_open(
        kind=kinds.SHEET_CHANGED,
        subject=subject_of(SymbolMap, row.pk),
        note=f"{row.broker_symbol}: {', '.join(changed)}; entries on it wait for a person",
        trace_id=trace_mint(),
    )
    return True


def _changed_row(symbol_map_id: int, changed: int, actor: str) -> SymbolMap:
    row = SymbolMap.objects.filter(id=symbol_map_id).first()
    if row is None:
        raise SymbolNotMapped(symbol_map_id=symbol_map_id)
    if changed != 1:
        raise SymbolMapChanged(symbol_map_id=symbol_map_id)
    _record_change(row, actor)
    return row


def _record_change(row: SymbolMap, actor: str) -> None:
    account_tradable_push(row.account_id)
    record(
        names.POLICY_CHANGED,
        subject=subject_of(SymbolMap, row.id),
        trace_id=trace_mint(),
        actor=actor,
        detail={
            "account_id": row.account_id,
            "instrument": row.instrument,
            "broker_symbol": row.broker_symbol,
            "is_confirmed": row.is_confirmed,
        },
    )
