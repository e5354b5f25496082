"""Symbols that a broker lists no longer: nothing is sized by their sheets, no entry goes there."""

from collections.abc import Collection

from execution.models import BrokerAccount, SymbolMap
from fusion_project.events.clock import now
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle


def symbols_listed(*, account: BrokerAccount, listed: Collection[str]) -> None:
    """Mark the symbols that a hello with sheets does not list, and unmark those that it does.

    An entry on a marked one is refused (`no_contract_sheet`); positions are closed all the same,
    and valued by the sheet that was told last. A sheet that could not be read counts as none.
    """
    if not listed:
        return
    rows = SymbolMap.objects.filter(account=account)
    for row in rows.exclude(broker_symbol__in=listed).filter(gone_at__isnull=True):
        SymbolMap.objects.filter(id=row.id).update(gone_at=now())
        if row.is_confirmed:
            incident_open(
                kind=kinds.SYMBOL_GONE,
                subject=subject_of(SymbolMap, row.id),
                note=f"{account.name} does not list {row.broker_symbol} any more, or its sheet"
                " cannot be read: no entry goes there",
            )
    rows.filter(broker_symbol__in=listed, gone_at__isnull=False).update(gone_at=None)
    for row_id in rows.filter(broker_symbol__in=listed).values_list("id", flat=True):
        incident_settle(
            kind=kinds.SYMBOL_GONE,
            subject=subject_of(SymbolMap, row_id),
            note="The broker lists it again.",
        )
