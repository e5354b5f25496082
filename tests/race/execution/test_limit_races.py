"""Ten decisions at once never pass one limit, whichever it is."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from execution.models import Order
from execution.risk import rules
from execution.rules.sizing import Room
from execution.services.staging import decision_stage
from tests.builders.execution import desk_make
from tests.builders.risk import limit_set

pytestmark = pytest.mark.usefixtures("committed_db")
DECISIONS = 10
# limit: its bound, how many entries of 0.10 lots it lets pass, how large the last one may be.
LIMITS = {
    "open_lots_max": ("0.35", 4, "0.05"),
    "open_positions_max": ("3", 3, "0.10"),
    "entries_per_minute_max": ("4", 4, "0.10"),
    "leverage_max": ("3.85", 4, "0.05"),
    "open_risk_pct_max": ("1.75", 4, "0.05"),
    "same_order_seconds_min": ("60", 1, "0.10"),
}


@pytest.mark.parametrize("limit", sorted(LIMITS))
def test_ten_parallel_decisions_never_pass_one_limit(limit, in_threads) -> None:
    bound, passing, last = LIMITS[limit]
    desk = desk_make()
    limit_set(desk, **{limit: bound})
    decisions = [desk.decide(trade_ref=f"t{number}").id for number in range(DECISIONS)]
    outcomes = in_threads(DECISIONS, lambda n: decision_stage(decision_id=decisions[n]))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    staged = Order.objects.filter(state="staged").order_by("-volume_lots")
    lots = [one.volume_lots for one in staged]
    assert len(lots) == passing
    assert lots[:-1] == [Decimal("0.10")] * (passing - 1)
    assert lots[-1] == Decimal(last)
    assert Order.objects.filter(state="rejected").count() == DECISIONS - passing


@pytest.mark.parametrize("limit", ["open_lots_max", "open_positions_max", "entries_per_minute_max"])
def test_the_table_holds_the_limit_where_no_rule_and_no_lock_does(
    limit, in_threads, monkeypatch
) -> None:
    bound, passing, _ = LIMITS[limit]
    desk = desk_make()
    limit_set(desk, **{limit: "0.40" if limit == "open_lots_max" else bound})
    decisions = [desk.decide(trade_ref=f"t{number}").id for number in range(DECISIONS)]
    monkeypatch.setattr(rules, "ENTRY_RULES", ())
    monkeypatch.setattr(
        "execution.services.staging.account_lock",
        lambda account_id: type(desk.account).objects.get(id=account_id),
    )
    monkeypatch.setattr(
        "execution.selectors.entry_facts._Gathered._room",
        lambda *_: Room(Decimal(10_000), Decimal(10), Decimal(50)),
    )
    outcomes = in_threads(DECISIONS, lambda n: decision_stage(decision_id=decisions[n]))
    refused = [one for one in outcomes if isinstance(one, IntegrityError)]
    assert Order.objects.filter(state="staged").count() == passing
    assert len(refused) == DECISIONS - passing
