"""A map is confirmed with its contract before one's eyes, and stands for that contract alone."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from execution.errors import SymbolSheetMissing
from execution.models import SymbolMap
from execution.services.sessions import sheet_store
from execution.services.symbols import symbol_map_confirm, symbol_map_propose
from execution.wire import Sheet, body_of
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make
from tests.database import owner_writes

pytestmark = pytest.mark.django_db
EURUSD = {
    "symbol": "EURUSD",
    "digits": 5,
    "tick_size": "0.00001",
    "tick_value": "1",
    "contract_size": "100000",
    "lot_min": "0.01",
    "lot_step": "0.01",
    "lot_max": "100",
}


@pytest.fixture
def desk():
    return desk_make()


def tell(desk, **changes) -> SymbolMap:
    sheet_store(account_id=desk.account.pk, sheet=body_of(Sheet, **{**EURUSD, **changes}))
    return SymbolMap.objects.get(account=desk.account, broker_symbol=EURUSD["symbol"])


def test_a_map_without_a_sheet_is_not_confirmed(desk):
    row = symbol_map_propose(account_id=desk.account.pk, instrument="AMD", broker_symbol="AMD")
    told = {"symbol_map_id": row.pk, "instrument": "AMD", "broker_symbol": "AMD"}
    with pytest.raises(SymbolSheetMissing, match="No executor has told"):
        symbol_map_confirm(**told, actor="user:1")
    tell(desk, symbol="AMD")
    assert symbol_map_confirm(**told, actor="user:1").is_confirmed


@pytest.mark.parametrize("column", ["digits", "tick_value", "lot_step"])
def test_the_table_takes_no_confirmation_without_a_sheet(desk, column):
    row = SymbolMap.objects.get(account=desk.account)
    refused = pytest.raises(IntegrityError, match=r"confirmed_with_sheet|contract")
    with refused, transaction.atomic(), owner_writes():
        SymbolMap.objects.filter(id=row.pk).update(**{column: None})


@pytest.mark.parametrize(
    "changes", [{"digits": 3}, {"tick_size": "0.0001"}, {"contract_size": "100"}]
)
def test_another_size_digits_or_tick_takes_the_confirmation_back(desk, changes):
    assert tell(desk).is_confirmed
    row = tell(desk, **changes)
    assert not row.is_confirmed
    name, value = next(iter(changes.items()))
    assert getattr(row, name) == Decimal(value)
    incident = Incident.objects.get(kind="sheet.changed")
    assert name in incident.note
    refused = desk.stage()
    assert (refused.state, refused.reason) == ("rejected", "symbol_not_confirmed")
    assert not tell(desk, **changes).is_confirmed
    assert incident.times_seen == 1


def test_a_ticks_value_moves_with_the_rates(desk):
    row = tell(desk, tick_value="0.93", lot_max="50")
    assert (row.is_confirmed, row.tick_value) == (True, Decimal("0.93"))
    assert not Incident.objects.exists()


def test_the_table_keeps_a_confirmed_contract(desk):
    row = SymbolMap.objects.get(account=desk.account)
    with pytest.raises(IntegrityError, match="confirmed no more"), transaction.atomic():
        SymbolMap.objects.filter(id=row.pk).update(contract_size=1)
