"""What fusion may know of the accounts behind a strategy: the worst of them, each minute."""

import json
from decimal import Decimal

import pytest

from execution.services.features import strategy_features_record
from execution.services.sessions import heartbeat_record
from execution.wire import Heartbeat, ToldQuote, Watermark
from fusion_project.events.clock import now
from fusion_project.events.periodic import periodic_run
from signals.models import Decision, Feature
from tests.builders.execution import Desk, account_follow, desk_make
from tests.builders.risk import heartbeat_tell
from tests.builders.signals import entry_decided, strategy_built
from tests.builders.switches import account_halt

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    made = desk_make()
    heartbeat_tell(made.account, 10_000)
    made.poll()
    return made


def told(desk) -> dict[str, Decimal]:
    strategy_features_record()
    rows = Feature.objects.filter(strategy=desk.strategy).order_by("id")
    return {row.name: row.value for row in rows}


def test_drawdown_exposure_and_health_are_told_of_each_strategy(desk) -> None:
    desk.opened(lots="0.10")
    heartbeat_tell(desk.account, 9_500)
    assert told(desk) == {
        "strategy.drawdown_bps": Decimal(500),
        "strategy.exposure_bps": (Decimal(11_000) / Decimal(9_500) * 10_000).quantize(
            Decimal("0.0001")
        ),
        "strategy.health": 1,
    }


def test_the_worst_account_counts(desk) -> None:
    other = account_follow(desk.strategy)
    heartbeat_tell(other, 10_000)
    heartbeat_tell(other, 8_000)
    facts = told(desk)
    assert facts["strategy.drawdown_bps"] == 2_000
    # Nothing has been heard of its executor.
    assert facts["strategy.health"] == 0


def test_what_is_known_of_no_account_is_not_told(desk) -> None:
    account_follow(desk.strategy)
    assert "strategy.drawdown_bps" not in told(desk)


def test_a_halted_account_is_not_well(desk) -> None:
    account_halt(desk.account.id)
    assert told(desk)["strategy.health"] == 0


def test_a_minute_is_told_once(desk, clock) -> None:
    told(desk)
    count = Feature.objects.count()
    told(desk)
    assert Feature.objects.count() == count
    clock.advance(seconds=60)
    heartbeat_tell(desk.account, 10_000)
    told(desk)
    assert Feature.objects.count() == count * 2


def quote_beat(desk: Desk, bid: str, ask: str) -> None:
    """A heartbeat as an executor that tells quotes sends it."""
    quote = ToldQuote("EURUSD", Decimal(bid), Decimal(ask), int(now().timestamp() * 1000))
    told_equity = desk.account.equity
    assert told_equity is not None
    facts = Heartbeat(
        instance=desk.instance,
        balance=told_equity,
        equity=told_equity,
        margin=Decimal(0),
        watermark=Watermark(time_msc=0, ticket=0),
        quotes=(quote,),
    )
    heartbeat_record(caller=desk.caller, facts=facts)


def spread_gate(decision: Decision) -> dict[str, str]:
    (gate,) = json.loads(decision.inputs or "")["inputs"]["gates"]
    return dict(gate)


def test_the_widest_spread_that_executors_quote_shrinks_and_closes_the_next_entry(clock) -> None:
    """From the heartbeat over the minute's push to the decision, whose stop is 20 pips away."""
    gates = {"spread": {"full": "0.05", "closed": "0.25", "absent": "0.4"}}
    built = strategy_built("quoted", gates=gates, prior_p=Decimal("0.75"))
    desk = desk_make(built.strategy)
    heartbeat_tell(desk.account, 10_000)
    assert spread_gate(entry_decided(built))["reason"] == "spread_absent"
    factors = []
    for bid, ask in (("1.08420", "1.08425"), ("1.08420", "1.08450"), ("1.08420", "1.08475")):
        clock.advance(seconds=60)
        quote_beat(desk, bid, ask)
        periodic_run("execution.tell_features")
        clock.advance(seconds=1)
        decision = entry_decided(built)
        factors.append(Decimal(spread_gate(decision)["factor"]))
    assert (factors[0], factors[2], decision.reason) == (1, 0, "spread_closed")
    assert factors[1] == pytest.approx(Decimal("0.5"), abs=Decimal("0.01"))
    clock.advance(seconds=181)
    assert spread_gate(entry_decided(built))["reason"] == "spread_stale"


def test_no_spread_is_told_where_no_policy_asks_for_it(desk) -> None:
    quote_beat(desk, "1.08420", "1.08425")
    assert "strategy.spread_bps" not in told(desk)
