"""Symbol maps under a person's eyes: proposed, confirmed as shown, revoked, all on record."""

from __future__ import annotations

from django.db import transaction

from execution.errors import SymbolMapChanged, SymbolNotMapped
from execution.models import SymbolConfirmation, SymbolMap
from execution.services.tradable import account_tradable_push
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of


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

    Raises SymbolNotMapped, SymbolMapChanged (also where somebody confirmed it meanwhile).
    """
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
