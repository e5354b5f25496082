"""Netting accounts: merged positions, reversals, tickets that change while the identifier stays."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Position
from signals.intents.legs import Target
from tests.builders.execution import alert_make
from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


@pytest.fixture
def netting(bench_make: Callable[..., Bench]) -> Bench:
    bench = bench_make(account={"margin_mode": "retail_netting"}, desk={"margin_mode": "netting"})
    bench.seconds(WARM_UP)
    assert BrokerAccount.objects.get().instance != ""
    return bench


def test_an_entry_and_its_exit_on_a_netting_account(netting: Bench) -> None:
    entry = netting.stage()
    netting.filled(entry)
    closing = netting.stage("exit", side="sell")
    netting.filled(closing)
    assert netting.truth().positions == []
    netting.end()


def test_a_manual_trade_beside_ours_merges_and_is_told(netting: Bench) -> None:
    entry = netting.stage(lots="0.10")
    netting.filled(entry)
    netting.broker.trade(type="buy", symbol="EURUSD", volume=Decimal("0.10"))
    netting.seconds(4)
    (position,) = netting.truth().positions
    ours = sum(Decimal(one["volume"]) for one in netting.deals_of(entry))
    assert Decimal(position["volume"]) == ours + Decimal("0.10")
    assert position["sl"] != "0"
    netting.seconds(6)
    netting.check(incidents=("position.shared",))
    closing = netting.stage("exit", side="sell")
    assert closing.verb == "partial_exit"
    netting.until(lambda: netting.state(closing) == "filled")
    assert [one["volume"] for one in netting.truth().positions] == ["0.1"]


def test_trades_that_share_a_position_are_closed_one_by_one(netting: Bench) -> None:
    first = netting.stage(trade_ref="t1", lots="0.10")
    netting.until(lambda: netting.state(first) == "filled")
    second = netting.stage(trade_ref="t2", lots="0.20")
    netting.until(lambda: netting.state(second) == "filled")
    netting.seconds(6)
    netting.check()
    for ref, verb, left in (("t2", "partial_exit", [first.volume_lots]), ("t1", "exit", [])):
        closing = netting.stage("exit", side="sell", trade_ref=ref)
        assert closing.verb == verb
        netting.until(lambda closing=closing: netting.state(closing) == "filled")
        assert [Decimal(one["volume"]) for one in netting.truth().positions] == left
    netting.seconds(6)
    netting.check()


def test_an_exit_finds_a_position_whose_ticket_changed(bench: Bench) -> None:
    """As when a broker closes and opens it anew for swap: another ticket, one identifier."""
    entry = bench.stage()
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.broker.say("reopen", id=position["id"])
    bench.seconds(2)
    (reopened,) = bench.truth().positions
    assert reopened["ticket"] != reopened["id"]
    closing = bench.stage("exit", side="sell")
    bench.until(lambda: bench.truth().positions == [])
    bench.seconds(6)
    assert bench.state(closing) in ("filled", "done")
    bench.end()


def test_a_terminal_that_refuses_netting_takes_no_entry(bench_make: Callable[..., Bench]) -> None:
    bench = bench_make(
        account={"margin_mode": "retail_netting"},
        desk={"margin_mode": "netting"},
        RefuseNetting=True,
    )
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.until(lambda: bench.state(entry) == "rejected")
    entry.refresh_from_db()
    assert entry.message == "netting_account"
    bench.end()


@pytest.mark.parametrize(
    ("side", "stop", "nearer", "wider"),
    [
        ("buy", "1.09000", "1.095", "1.09200"),
        ("sell", "1.11000", "1.105", "1.10800"),
        ("buy", "1.09000", "1.095", Target("points", Decimal(800))),
    ],
)
def test_an_entry_that_would_loosen_the_stop_of_all_is_refused_here_too(
    netting: Bench, side: str, stop: str, nearer: str, wider: str | Target
) -> None:
    """Somebody sets the shared stop nearer after the server has judged the entry."""
    first = netting.stage(trade_ref="t1", side=side, sl=stop, lots="0.10")
    netting.filled(first)
    (position,) = netting.truth().positions
    added = netting.stage(trade_ref="t2", side=side, sl=wider, lots="0.10")
    assert added.state == "staged"
    netting.broker.say("position", id=position["id"], sl=Decimal(nearer))
    netting.until(lambda: netting.state(added) == "rejected")
    added.refresh_from_db()
    assert added.message == "netting_widens_stop"
    assert netting.deals_of(added) == []
    assert netting.truth().positions[0]["sl"] == nearer
    netting.seconds(6)
    third = netting.stage(trade_ref="t3", side=side, sl=nearer, lots="0.10")
    netting.filled(third)
    netting.end()


def test_an_entry_that_had_to_wait_does_not_loosen_the_stop_of_what_rests_meanwhile(
    netting: Bench,
) -> None:
    netting.broker.fault("request", match="deal", effect="refuse", retcode=10018)
    late = netting.stage(trade_ref="t1", sl="1.09000", lots="0.10", valid_seconds=300)
    resting = netting.stage(
        trade_ref="t2", order_type="limit", limit_price="1.09500", sl="1.09400", lots="0.10"
    )
    netting.until(lambda: netting.state(resting) == "working")
    netting.until(lambda: netting.state(late) == "rejected", 40)
    late.refresh_from_db()
    assert late.message == "netting_widens_stop"
    netting.end()


@pytest.mark.parametrize(
    ("side", "level", "wide", "tight", "nearer"),
    [
        ("buy", "1.09800", "1.09000", "1.09500", None),
        ("sell", "1.10300", "1.11000", "1.10500", None),
        ("buy", "1.09800", "1.09000", "1.09500", "1.09600"),
    ],
    ids=["buy", "sell", "by-hand"],
)
def test_an_entry_that_rested_meanwhile_does_not_loosen_the_stop_of_all_when_it_fills(
    netting: Bench, side: str, level: str, wide: str, tight: str, nearer: str | None
) -> None:
    """The broker gives the position the stop of what fills last; it is set back at once."""
    resting = netting.stage(
        trade_ref="t1", side=side, order_type="limit", limit_price=level, sl=wide, lots="0.10"
    )
    netting.until(lambda: netting.state(resting) == "working")
    tighter = netting.stage(trade_ref="t2", side=side, sl=tight, lots="0.10")
    netting.filled(tighter)
    (position,) = netting.truth().positions
    if nearer is not None:
        netting.broker.say("position", id=position["id"], sl=Decimal(nearer))
        netting.seconds(6)
    netting.price(str(Decimal(level) + (-1 if side == "buy" else 1) * Decimal("0.00020")))
    netting.seconds(2)
    (position,) = netting.truth().positions
    assert Decimal(position["volume"]) == resting.volume_lots + tighter.volume_lots
    assert Decimal(position["sl"]) == Decimal(nearer or tight)
    netting.filled(resting)
    netting.end()


def test_where_the_stop_of_all_was_passed_as_one_more_filled_the_position_is_closed(
    netting: Bench,
) -> None:
    """A gap fills what rests before the broker looks at the stop, which is gone by then."""
    resting = netting.stage(
        trade_ref="t1", order_type="limit", limit_price="1.09800", sl="1.09000", lots="0.10"
    )
    netting.until(lambda: netting.state(resting) == "working")
    tighter = netting.stage(trade_ref="t2", sl="1.09700", lots="0.10")
    netting.filled(tighter)
    netting.price("1.09600")
    netting.seconds(3)
    assert netting.truth().positions == []
    assert "the stop that all share was passed" in netting.log
    netting.filled(resting)
    netting.end("executor.notice")


def test_what_fills_while_the_program_is_away_does_not_loosen_the_stop_of_all_for_long(
    netting: Bench,
) -> None:
    resting = netting.stage(
        trade_ref="t1", order_type="limit", limit_price="1.09800", sl="1.09000", lots="0.10"
    )
    netting.until(lambda: netting.state(resting) == "working")
    tighter = netting.stage(trade_ref="t2", sl="1.09500", lots="0.10")
    netting.filled(tighter)
    netting.kill()
    netting.price("1.09780")
    netting.pass_time(16)
    netting.start()
    netting.seconds(2)
    assert netting.truth().positions[0]["sl"] == "1.095"
    netting.filled(resting)
    netting.end()


def test_an_entry_on_the_other_side_has_a_stop_of_its_own(netting: Bench) -> None:
    """It takes off what is held: the shared stop is none of its business."""
    first = netting.stage(trade_ref="t1", sl="1.09500", lots="0.30")
    netting.filled(first)
    against = netting.stage(trade_ref="t2", side="sell", sl="1.12000", lots="0.10")
    netting.filled(against)
    (position,) = netting.truth().positions
    assert Decimal(position["volume"]) == first.volume_lots - against.volume_lots
    assert (position["type"], position["sl"]) == ("buy", "1.095")
    netting.end()


def test_a_reversal_is_an_exit_and_an_entry_on_a_flat_position(netting: Bench) -> None:
    first = netting.stage()
    netting.filled(first)
    alert = alert_make(netting.desk.strategy)
    netting.desk.stage("exit", side="sell", alert=alert, reverses=True)
    entry = netting.desk.stage(side="sell", sl="1.10500", alert=alert, leg_no=1)
    netting.filled(entry, 60)
    (position,) = netting.truth().positions
    assert (position["type"], position["sl"]) == ("sell", "1.105")
    netting.end()


def test_a_reversal_by_hand_changes_the_ticket_and_keeps_the_identifier(netting: Bench) -> None:
    """What was ours is somebody else's now: it is told, and left alone."""
    entry = netting.stage(lots="0.10")
    netting.filled(entry)
    (before,) = netting.truth().positions
    netting.broker.trade(type="sell", symbol="EURUSD", volume=Decimal("0.30"))
    netting.seconds(6)
    (after,) = netting.truth().positions
    assert (after["id"], after["type"]) == (before["id"], "sell")
    assert after["ticket"] != before["ticket"]
    assert "turned round by another; left alone" in netting.log
    position = Position.objects.get(position_ticket=int(after["id"]))
    assert (position.side, position.volume_open_lots) == ("sell", Decimal(after["volume"]))


def test_a_part_of_a_merged_position_is_closed_and_the_rest_keeps_its_stop(
    netting: Bench,
) -> None:
    entry = netting.stage(lots="0.10")
    netting.filled(entry)
    part = netting.stage("partial_exit", side="sell", close_pct="50")
    netting.filled(part)
    (position,) = netting.truth().positions
    assert (position["volume"], position["sl"] != "0") == ("0.05", True)
    netting.end()


def test_a_stop_hit_on_a_netting_account_closes_the_position_here(netting: Bench) -> None:
    entry = netting.stage(sl="1.09900")
    netting.filled(entry)
    netting.price("1.09800")
    netting.until(lambda: Position.objects.get().closed_at is not None)
    netting.end()


def test_the_oldest_position_is_closed_first_where_the_broker_asks_for_it(
    bench_make: Callable[..., Bench],
) -> None:
    bench = bench_make(account={"fifo": True})
    bench.seconds(WARM_UP)
    entry = bench.stage()
    bench.filled(entry)
    closing = bench.stage("exit", side="sell")
    bench.filled(closing)
    bench.end()
