"""How long a walk forward takes over very many alerts."""

import math
import random
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from signals.fusion.inputs import Policy
from signals.intents.intent import Intent
from signals.intents.legs import Leg, Target
from signals.lobes.registry import LOBES
from signals.market.barriers import LabelBar
from signals.trials.ending import Terms
from signals.trials.reading import TrialAlert
from signals.trials.walk import Chart, TrialPolicy, Walk
from tests.bench.figures import Figures

STEP = timedelta(minutes=15)
START = datetime(2020, 1, 6, tzinfo=UTC)


def bench_walk(figures: Figures, alerts: int) -> None:
    """A walk forward over so many alerts, one a bar, with every lobe of the database."""
    walk = Walk(_chart(alerts + 200), _policy())
    asked_of = [_alert(walk.chart.bars[n + 100], n) for n in range(alerts)]
    start, worked = time.perf_counter(), time.process_time()
    walk.go(asked_of, lambda _: None)
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    assert walk.learned.labels > alerts * 0.9
    aim = 300.0 * alerts / 100_000
    figures.say(f"walk_forward_{alerts}_alerts_s", round(seconds, 1), aim=aim, at_most=True)
    # Of them at work, where the machine had other things to do as well.
    figures.say(f"walk_forward_{alerts}_alerts_cpu_s", round(worked, 1))


def _chart(count: int) -> Chart:
    source, price, bars = random.Random(5), 1.1, []
    for number in range(count):
        opened = price
        price *= math.exp(source.gauss(0, 0.0005))
        high = max(opened, price) * (1 + abs(source.gauss(0, 0.0002)))
        low = min(opened, price) * (1 - abs(source.gauss(0, 0.0002)))
        at = START + STEP * number
        told = (Decimal(f"{one:.5f}") for one in (opened, high, low, price))
        o, h, lo, c = told
        bars.append(
            LabelBar(
                id=number + 1,
                open_at=at,
                close_at=at + STEP,
                open=o,
                high=max(h, o, c),
                low=min(lo, o, c),
                close=c,
                recorded_at=at + STEP,
            )
        )
    return Chart(instrument="EURUSD", symbol="EURUSD", timeframe_seconds=900, bars=bars)


def _alert(bar: LabelBar, number: int) -> TrialAlert:
    sign = 1 if number % 3 else -1
    stop, target = (bar.close * (1 - sign * Decimal(part) / 1000) for part in (2, -3))
    leg = Leg(
        verb="entry",
        side="buy" if sign > 0 else "sell",
        symbol_raw="EURUSD",
        sl=Target("price", stop.quantize(Decimal("0.00001"))),
        tp=Target("price", target.quantize(Decimal("0.00001"))),
    )
    intent = Intent(
        kind="trade", legs=(leg,), timeframe="15", bar_time=bar.open_at, ref_price=bar.close
    )
    return TrialAlert(number + 1, bar.close_at + timedelta(seconds=1), intent)


def _policy() -> TrialPolicy:
    return TrialPolicy(
        policy=Policy(
            strategy="bench",
            version=1,
            approval="automatic",
            risk_bps=50,
            payoff_r=Decimal(1),
            cost_r=Decimal("0.05"),
            margin_r=Decimal("0.02"),
        ),
        terms=Terms(payoff_r=Decimal(1), cost_r=Decimal("0.05"), horizon_seconds=86_400),
        prior_p=Decimal("0.5"),
        prior_strength=Decimal(2),
        labels_min=30,
        quorum=1,
        outage="abstain",
        lobe_share_max=Decimal("0.4"),
        miss_max=Decimal(0),
        gates={},
        lobes=LOBES,
        local=lambda _: 0,
    )
