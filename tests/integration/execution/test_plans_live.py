"""Plans over HTTP: the paper executor carries them out, the server's books say what it did."""

from decimal import Decimal

import pytest

from execution.models import Deal, Position, Report
from execution.services.reconciling import account_reconcile
from fusion_project.incidents.models import Incident
from signals.intents.legs import Target
from tests.integration.execution.test_paper_executor_live import Bench, state
from tests.unit.execution.plan_desk import plan_of
from tests.unit.execution.plan_model import Asked, run
from treasury.models import Entry

POINT = Decimal("0.00001")
ASKED = Asked(
    lots=10,
    stop=-300,
    targets=[(100, 33), (200, 33), (300, 34)],
    trailing=(80, 150, 20),
    even=(90, 5),
)
PATH = [10, 95, 60, 110, 130, 155, 180, 175, 205, 250, 240, 230, 168]


def with_kinds(told):
    """The same plan in the words of an alert."""
    if isinstance(told, dict):
        return {"kind" if name == "unit" else name: with_kinds(one) for name, one in told.items()}
    return [with_kinds(one) for one in told] if isinstance(told, list) else told


@pytest.fixture(params=["hedging", "netting"])
def bench(request, live_url, tmp_path):
    made = Bench(live_url, tmp_path, margin_mode=request.param)
    made.steps(3)
    yield made
    made.journal.close()
    made.broker.close()


def filled(bench, order):
    """Its state after a few rounds; a busy machine may answer the first with 503."""
    for _ in range(8):
        bench.steps(1, seconds=12)
        if state(order) == "filled":
            break
    return state(order)


def test_three_targets_trailing_and_break_even_go_their_way_through_a_restart(bench, run_handlers):
    entry = bench.stage(
        sl=Target("points", Decimal(300)), lots="0.10", plan=with_kinds(plan_of(ASKED))
    )
    assert (filled(bench, entry), entry.needs_minor) == ("filled", 4)
    position = Position.objects.get()
    opened = position.price_open
    for number, price in enumerate(PATH):
        if number == 5:
            bench.restart()
            bench.steps(2)
        bench.market.bid = opened + price * POINT
        bench.steps(4, seconds=2)
        position.refresh_from_db()
        left = run(ASKED, [0, *PATH[: number + 1]]).left
        assert position.volume_open_lots * 100 == left
        # The server follows what the broker shows.
        account_reconcile(account_id=bench.desk.account.id)
        position.refresh_from_db()
        theirs = bench.broker.position(position.position_ticket)
        if left:
            assert position.sl == Decimal(theirs["sl"])
    closes = [
        (int((one.price - opened) / POINT), int(one.volume_lots * 100))
        for one in Deal.objects.filter(entry="out").order_by("ticket")
    ]
    expected = run(ASKED, [0, *PATH])
    # A market order slips by up to three points here; a stop and its lots do not.
    assert [lots for _, lots in closes] == [lots for _, lots in expected.closes] == [3, 3, 4]
    assert all(abs(a - b) <= 3 for (a, _), (b, _) in zip(closes, expected.closes, strict=True))
    assert position.closed_at is not None
    codes = [one.raw for one in Report.objects.filter(kind="step").order_by("seq")]
    for code in ("break_even", "target_1", "trailing", "target_2", "plan_over"):
        assert any(f'"code":"{code}"' in one for one in codes), code
    assert {one.trace_id for one in Report.objects.filter(kind="step")} == {entry.trace_id}
    run_handlers()
    assert Entry.objects.filter(kind="deal").count() >= Deal.objects.exclude(kind="balance").count()
    bench.steps(3, seconds=3)
    bench.desk.account.refresh_from_db()
    money = sum(d.profit + d.swap + d.commission + d.fee for d in Deal.objects.all())
    assert bench.desk.account.balance == money
    assert (
        not Incident.objects.filter(closed_at=None).exclude(kind__startswith="executor.").exists()
    )


def test_an_exit_in_mid_plan_ends_it(bench):
    entry = bench.stage(
        sl=Target("points", Decimal(300)),
        lots="0.10",
        trade_ref="t1",
        plan=with_kinds(plan_of(Asked(10, -300, [(100, 50)]))),
    )
    assert filled(bench, entry) == "filled"
    position = Position.objects.get()
    bench.market.bid = position.price_open + 110 * POINT
    bench.steps(3, seconds=2)
    position.refresh_from_db()
    assert position.volume_open_lots == Decimal("0.05")
    exit_order = bench.stage("exit", side="sell", trade_ref="t1", ref_price="1.10100")
    bench.steps(3, seconds=2)
    assert state(exit_order) == "filled"
    position.refresh_from_db()
    assert position.closed_at is not None
    assert bench.journal.plans() == {}
