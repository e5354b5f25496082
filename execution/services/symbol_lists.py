"""Symbols that a broker lists no longer: their sheets are of no use, so no entry goes there."""

from collections.abc import Collection

from execution.models import BrokerAccount, SymbolMap
from fusion_project.events.subjects import subject_of
from fusion_project.incidents import kinds
from fusion_project.incidents.services import incident_open, incident_settle


def symbols_listed(*, account: BrokerAccount, listed: Collection[str]) -> None:
    """Take what values a lot from the sheets of symbols that a hello with sheets does not list.

    An entry is refused without it (`no_contract_sheet`); positions are closed all the same. A sheet
    that could not be read counts as none. The next sheet puts it right.
    """
    if not listed:
        return
    rows = SymbolMap.objects.filter(account=account)
    for row in rows.exclude(broker_symbol__in=listed).filter(tick_value__isnull=False):
        SymbolMap.objects.filter(id=row.id).update(tick_value=None)
        if row.is_confirmed:
            incident_open(
                kind=kinds.SYMBOL_GONE,
                subject=subject_of(SymbolMap, row.id),
                note=f"{account.name} does not list {row.broker_symbol} any more, or its sheet"
                " cannot be read: no entry goes there",
            )
    for row_id in rows.filter(broker_symbol__in=listed).values_list("id", flat=True):
        incident_settle(
            kind=kinds.SYMBOL_GONE,
            subject=subject_of(SymbolMap, row_id),
            note="The broker lists it again.",
        )
