"""Symbol maps under a person's eyes: proposed, confirmed as shown, revoked, all on record."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from execution.errors import SymbolMapChanged, SymbolNotMapped, SymbolSheetMissing
from execution.models import SymbolConfirmation, SymbolMap
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
def symbol_map_propose(*, account_id: int, instrument: str, broker_symbol: str) -> SymbolMap:
    """Note that the instrument may be this broker symbol; a person has to confirm it."""
    row, created = SymbolMap.objects.get_or_create(
        account_id=account_id, instrument=instrument, defaults={"broker_symbol": broker_symbol}
    )
    if created:
        account_tradable_push(account_id)
    return row


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
    return row
