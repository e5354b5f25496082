"""Symbol maps under a person's eyes: confirmed as shown, revoked at once, both on record."""

from __future__ import annotations

from django.db import transaction

from execution.errors import SymbolMapChanged, SymbolNotMapped
from execution.models import SymbolMap
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of


@transaction.atomic
def symbol_map_confirm_shown(
    *, symbol_map_id: int, instrument: str, broker_symbol: str, actor: str
) -> SymbolMap:
    """Confirm a row that still says what the person saw; from now on orders go through it.

    Raises SymbolNotMapped, SymbolMapChanged (also where somebody confirmed it meanwhile).
    """
    rows = SymbolMap.objects.filter(
        id=symbol_map_id, instrument=instrument, broker_symbol=broker_symbol, confirmed_at=None
    )
    changed = rows.update(confirmed_at=now(), confirmed_by=actor)
    return _changed_row(symbol_map_id, changed, actor, is_confirmed=True)


@transaction.atomic
def symbol_map_revoke(*, symbol_map_id: int, actor: str) -> SymbolMap:
    """Take the confirmation back: no new entry goes through the row; open positions still close.

    Raises SymbolNotMapped, SymbolMapChanged (where it is not confirmed).
    """
    rows = SymbolMap.objects.filter(id=symbol_map_id, confirmed_at__isnull=False)
    changed = rows.update(confirmed_at=None, confirmed_by="")
    return _changed_row(symbol_map_id, changed, actor, is_confirmed=False)


def _changed_row(symbol_map_id: int, changed: int, actor: str, *, is_confirmed: bool) -> SymbolMap:
    row = SymbolMap.objects.filter(id=symbol_map_id).first()
    if row is None:
        raise SymbolNotMapped(symbol_map_id=symbol_map_id)
    if changed != 1:
        raise SymbolMapChanged(symbol_map_id=symbol_map_id)
    record(
        names.POLICY_CHANGED,
        subject=subject_of(SymbolMap, row.id),
        trace_id=trace_mint(),
        actor=actor,
        detail={
            "account_id": row.account_id,
            "instrument": row.instrument,
            "broker_symbol": row.broker_symbol,
            "is_confirmed": is_confirmed,
        },
    )
    return row
