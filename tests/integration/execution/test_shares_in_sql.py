"""The database counts whose the lots of a position are as Python does, to hold exits to it."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.models import Deal
from execution.selectors.deals import deal_list_of_position
from execution.selectors.shares import shares_of_deals
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


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=DEALS, owners=OWNERS)
def test_whatever_deals_come_both_count_the_same_shares(told, owners) -> None:
    with transaction.atomic():
        desk = desk_make(margin_mode="netting")
        entries = [desk.stage(trade_ref=ref) for ref in ("t1", "t1", "")]
        exits = [desk.stage("exit", side="any", **one) for one in _exits(entries)]
        orders = [None, *entries, *exits]
        for one, (filled, magic) in zip(told, owners, strict=False):
            order = None if one["held_for"] else orders[filled]
            named = orders[magic]
            revision = Deal.objects.filter(account=desk.account, ticket=one["ticket"]).count() + 1
            DealFactory(
                report=ReportFactory(account=desk.account),
                revision=revision,
                at=utc_of(one["time_msc"], 0),
                order=order,
                magic=named.id if named else 0,
                price=Decimal("1.1"),
                **one,
            )
        deals = deal_list_of_position(account_id=desk.account.id, position_ticket=7)
        shares = shares_of_deals(deals)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT entry_id, lots FROM execution_position_shares(%s, 7)", [desk.account.id]
            )
            found = dict(cursor.fetchall())
        transaction.set_rollback(True)
    wanted = {key: one.lots for key, one in shares.by_entry.items()}
    if shares.foreign_lots:
        wanted[0] = shares.foreign_lots
    assert found.keys() == wanted.keys()
    assert all(abs(found[key] - lots) <= Decimal("1e-8") for key, lots in wanted.items())


def _exits(entries):
    return {"trade_ref": "t1"}, {"trace_id": entries[2].trace_id}
