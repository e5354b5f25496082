"""The simulated broker's prices are those of the sample market, to the digit."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fusion_project.local.market.rules.prices import INSTRUMENTS, Market
from mql5.host.broker import Broker, sample_symbol
from mql5.host.running import Terminal, run
from tests.integration.mql5.hosting import LIMIT, NEEDS_COMPILER, told

pytestmark = NEEDS_COMPILER
START = datetime(2026, 1, 5, tzinfo=UTC)
PERIOD = timedelta(milliseconds=12_345_250)  # three and a half hours, on a tick
BEATS = 2_000


def quoted(binary: Path, home: Path, *steps: str, period: timedelta, beats: int) -> list[str]:
    broker = Broker(home / "broker")
    broker.open([sample_symbol(one) for one in INSTRUMENTS.values()], balance=10_000)
    milliseconds = round(period / timedelta(milliseconds=1))
    inputs = {"InpScript": ";".join(steps), "InpPeriod": str(milliseconds)}
    seconds = period.total_seconds() * (beats + 0.5)
    terminal = Terminal(home, start=START, seconds=seconds, inputs=inputs, broker=broker.folder)
    return told(run(binary, terminal, LIMIT).out)


def test_ten_thousand_quotes_are_those_of_the_sample_market(
    broker_program: Path, tmp_path: Path
) -> None:
    lines = quoted(broker_program, tmp_path, "do=quotes again=yes", period=PERIOD, beats=BEATS)
    market, compared = Market(), 0
    assert len(lines) == BEATS
    for beat, line in enumerate(lines, 1):
        words = line.split()[1:]
        for place, name in enumerate(INSTRUMENTS):
            quote = market.quote(name, START + beat * PERIOD)
            assert quote is not None
            assert words[2 * place : 2 * place + 2] == [str(quote.bid), str(quote.ask)]
            compared += 1
    assert compared == 10_000


def test_bars_are_made_of_the_bids_of_the_sample_market(
    broker_program: Path, tmp_path: Path
) -> None:
    minute = timedelta(seconds=60)
    lines = quoted(broker_program, tmp_path, "do=rates", period=minute * 5, beats=1)
    assert lines[0] == "rates 3"
    market = Market()
    for number, line in enumerate(lines[1:3]):
        opened = START + minute * (3 + number)
        bids = []
        for half in range(120):
            quote = market.quote("EURUSD", opened + timedelta(milliseconds=500 * half))
            assert quote is not None
            bids.append(quote.bid)
        shown = [bids[0], max(bids), min(bids), bids[-1]]
        assert line == f"bar {opened:%Y.%m.%d %H:%M:%S} {' '.join(map(str, shown))} of 120"
