"""The database counts whose the lots of a position are as Python does, to hold exits to it."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.models import BrokerAccount, Deal, Order, Position
from execution.selectors.deals import deal_list_of_position
from execution.selectors.shares import shares_of_deals
from execution.services.fills import sums_check
from execution.services.refusals import order_refuse
from execution.wire.fields import utc_of
from tests.builders.execution import desk_make
from tests.factories.execution import DealFactory, ReportFactory

pytestmark = pytest.mark.django_db
START = 1_760_000_000_000
DEALS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["buy", "sell", "charge"]),
            "entry": st.sampled_from(["in", "in", "in", "out", "out", "inout", "out_by", ""]),
            "volume_lots": st.sampled_from([Decimal(x) for x in ("0", "0.1", "0.1", "0.3", "1")]),
            "time_msc": st.integers(START, START + 8),
            "ticket": st.integers(1, 7),
            "position_ticket": st.sampled_from([7, 7, 7, 7, 8]),
            "reason": st.sampled_from(["expert", "expert", "sl", "split", "split"]),
            "held_for": st.sampled_from(["", "", "", "moment"]),
        }
    ),
    max_size=10,
)
# Whose order filled the deal, and whose number it bears: 0 none, 1 to 3 entries, 4 and 5 exits.
OWNERS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=10, max_size=10)


@pytest.fixture
def floor() -> tuple[BrokerAccount, list[Order | None]]:
    """A netting account, and no order, three entries of two trades, an exit of each trade."""
    desk = desk_make(margin_mode="netting")
    entries = [desk.stage(trade_ref=ref) for ref in ("t1", "t1", "")]
    of_trades = ({"trade_ref": "t1"}, {"trace_id": entries[2].trace_id})
    exits = [
        order_refuse(
            decision=desk.decide("exit", side="any", **of),
            account=desk.account,
            reason="no_open_position",
            actor="system",
            trace_id=of.get("trace_id", ""),
        )
        for of in of_trades
    ]
    return desk.account, [None, *entries, *exits]


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=DEALS, owners=OWNERS)
def test_whatever_deals_come_both_count_the_same_shares(floor, told, owners) -> None:
    account, orders = floor
    with transaction.atomic():
        for one, (filled, magic) in zip(told, owners, strict=False):
            order = None if one["held_for"] else orders[filled]
            named = orders[magic]
            revision = Deal.objects.filter(account=account, ticket=one["ticket"]).count() + 1
            DealFactory(
                report=ReportFactory(account=account),
                revision=revision,
                at=utc_of(one["time_msc"], 0),
                order=order,
                magic=named.id if named else 0,
                **one,
            )
        deals = deal_list_of_position(account_id=account.id, position_ticket=7)
        shares = shares_of_deals(deals)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT entry_id, lots FROM execution_position_shares(%s, 7)", [account.id]
            )
            found = dict(cursor.fetchall())
        transaction.set_rollback(True)
    wanted = {key: one.lots for key, one in shares.by_entry.items()}
    if shares.foreign_lots:
        wanted[0] = shares.foreign_lots
    assert found.keys() == wanted.keys()
    assert all(abs(found[key] - lots) <= Decimal("1e-8") for key, lots in wanted.items())


def test_the_table_takes_no_other_foreign_lots_than_deals_say() -> None:
    desk = desk_make(margin_mode="netting")
    position = desk.opened()
    desk.deal(kind="buy", position_ticket=position.position_ticket, volume_lots=Decimal("0.30"))
    sums_check()
    position.refresh_from_db()
    assert position.volume_foreign_lots == Decimal("0.3")
    with pytest.raises(IntegrityError, match="its deals fold to"), transaction.atomic():
        _told_otherwise(position)


def _told_otherwise(position: Position) -> None:
    told = {"volume_foreign_lots": Decimal("0.2"), "fold_revision": position.fold_revision + 1}
    Position.objects.filter(id=position.id).update(**told)
    sums_check()
