"""The database folds deals as Python does, so that it can hold a position to its deals."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.models import Deal
from execution.rules.folding import position_folded
from execution.selectors.deals import deal_as_reported, deal_list_of_position
from execution.wire.fields import utc_of
from tests.factories.execution import BrokerAccountFactory, DealFactory, ReportFactory

pytestmark = pytest.mark.django_db
NAMES = ("side", "open_lots", "closed_lots", "price_open", "price_close", "opened_at", "closed_at")
START = 1_760_000_000_000
DEALS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["buy", "sell", "buy", "sell", "charge"]),
            "entry": st.sampled_from(["in", "in", "out", "inout", "out_by", ""]),
            "volume_lots": st.sampled_from([Decimal(x) for x in ("0", "0.1", "0.1", "0.3", "1")]),
            "price": st.decimals(min_value="0.5", max_value="60000", places=5),
            "time_msc": st.integers(START, START + 5),
            "broker_offset_seconds": st.sampled_from([0, 7_200, -18_000]),
            "ticket": st.integers(1, 4),
            "position_ticket": st.sampled_from([7, 7, 7, 8]),
        }
    ),
    max_size=6,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(told=DEALS)
def test_whatever_deals_come_and_are_restated_both_folds_say_the_same(told) -> None:
    with transaction.atomic():
        account = BrokerAccountFactory()
        for one in told:
            revision = Deal.objects.filter(account=account, ticket=one["ticket"]).count() + 1
            at = utc_of(one["time_msc"], one["broker_offset_seconds"])
            DealFactory(report=ReportFactory(account=account), revision=revision, at=at, **one)
        deals = deal_list_of_position(account_id=account.id, position_ticket=7)
        folded = position_folded([deal_as_reported(deal) for deal in deals])
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(NAMES)} FROM execution_position_fold(%s, 7)", [account.id]
            )
            found = dict(zip(NAMES, cursor.fetchone(), strict=True))
        transaction.set_rollback(True)
    if folded is None:
        assert found["opened_at"] is None
        return
    assert (found["side"], found["opened_at"]) == (folded.side, folded.opened_at)
    assert found["closed_at"] == folded.closed_at
    assert found["open_lots"] == folded.volume_open_lots
    assert found["closed_lots"] == folded.volume_closed_lots
    assert abs(found["price_open"] - folded.price_open) <= Decimal("1e-8")
    assert (found["price_close"] is None) == (folded.price_close is None)
    if folded.price_close is not None:
        assert abs(found["price_close"] - folded.price_close) <= Decimal("1e-8")
