"""Symbols as the rules know them: scale, contract, the broker's terms, what is doubted."""

from execution.models import SheetMark, SymbolMap
from execution.risk.claims import ClosedTrade, deals_doubt
from execution.risk.facts import SymbolFacts
from execution.risk.limits import Breach
from execution.rules.prices import PriceScale
from execution.rules.sizing import ContractSheet
from execution.rules.terms import SymbolTerms

_SHEET = ("tick_size", "tick_value", "contract_size", "lot_min", "lot_step", "lot_max")


def symbol_facts(row: SymbolMap) -> SymbolFacts:
    """Return what the rules may know of a symbol; one that is gone has no sheet to size by."""
    scale = None
    if row.digits is not None and row.tick_size is not None:
        scale = PriceScale(row.digits, row.tick_size)
    return SymbolFacts(
        broker_symbol=row.broker_symbol,
        is_confirmed=row.is_confirmed,
        scale=scale,
        sheet=None if row.gone_at else contract_sheet(row),
        terms=_terms(row),
    )


def _terms(row: SymbolMap) -> SymbolTerms:
    """What the sheet says beyond the contract; what it did not say foretells nothing."""
    sessions = row.sessions
    return SymbolTerms(
        trade_mode=row.trade_mode or None,
        order_modes=_modes(row.order_modes),
        filling_modes=_modes(row.filling_modes),
        expiration_modes=_modes(row.expiration_modes),
        sessions=None
        if sessions is None
        else [(one["day"], one["from_seconds"], one["to_seconds"]) for one in sessions],
        stops_level_points=row.stops_level_points,
        lots_limit=row.lots_limit or None,
    )


def _modes(told: list[str] | None) -> frozenset[str] | None:
    return None if told is None else frozenset(told)


def contract_sheet(row: SymbolMap) -> ContractSheet | None:
    """Return the contract as the executor told it last, None where it has not told all of it."""
    told = {name: getattr(row, name) for name in _SHEET}
    return None if None in told.values() else ContractSheet(**told)


def sheet_doubts(row: SymbolMap, trade: ClosedTrade | None) -> tuple[Breach, ...]:
    """Return why nobody believes the symbol's sheet yet: a jump, or the account's own deals."""
    mark: SheetMark | None = getattr(row, "mark", None)
    if mark is not None and mark.doubted_at is not None:
        return (Breach("sheet_in_doubt", mark.doubt),)
    sheet = contract_sheet(row)
    found = deals_doubt(sheet=sheet, trade=trade) if sheet else None
    return (found,) if found else ()
