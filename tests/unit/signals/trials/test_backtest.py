"""A backtest walks forward, counts costs, and says the same of the same files."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from signals.dialects.base import StrategyDefaults
from signals.fusion.mixing.binary import log_loss
from signals.models import StrategyPolicy
from signals.services.backtests import Asked, _chart, _trial_policy
from signals.trials.reading import alerts_read
from signals.trials.results import worst_fall
from signals.trials.walk import Walk
from tests.contract.pine.golden import GOLDEN, PINE

BARS = PINE / "harness/fixtures/OANDA_EURUSD-15.csv"
ALERTS = GOLDEN / "df-trend.jsonl"
HEAD = "time,open,high,low,close,volume\n"
START = 1_772_409_600


def run(*options: str, bars: Path = BARS, alerts: Path = ALERTS) -> str:
    out = StringIO()
    call_command("backtest", "--bars", str(bars), "--alerts", str(alerts), *options, stdout=out)
    return out.getvalue()


def report(folder: Path, *options: str, **files: Path) -> dict[str, Any]:
    run("--out", str(folder), *options, **files)
    return dict(json.loads((folder / "backtest.json").read_text()))


def test_it_prints_its_table_the_same_twice(tmp_path: Path) -> None:
    first = run()
    assert "every alert" in first
    assert "Costs: 0.05 R for each entry" in first
    assert run() == first
    twice = [report(tmp_path / name)["digest"] for name in ("a", "b")]
    assert twice[0] == twice[1]
    assert twice[0][:16] in first


def test_the_report_is_a_page_and_json(tmp_path: Path) -> None:
    told = report(tmp_path)
    assert told["engine"] == "engine:fusion/2"
    assert told["results"][0]["entries"] == told["labels"]
    assert sum(told["reasons"]["decided"].values()) == told["entries"]
    page = (tmp_path / "backtest.html").read_text()
    assert "<script" not in page
    assert told["digest"] in page
    assert "Simulated, not traded" in page


def test_there_is_no_result_without_costs() -> None:
    with pytest.raises(CommandError, match="Without costs there is no result"):
        run("--cost-r", "0")


def test_costs_come_off_every_result(tmp_path: Path) -> None:
    cheap, dear = (
        report(tmp_path / cost, "--cost-r", cost)["results"][0] for cost in ("0.01", "0.11")
    )
    apart = Decimal(cheap["total_r"]) - Decimal(dear["total_r"])
    assert apart == pytest.approx(Decimal("0.1") * cheap["entries"], abs=Decimal("0.001"))


def test_each_different_run_beside_it_is_a_trial(tmp_path: Path) -> None:
    trials = [
        report(tmp_path, *options)["trials"]
        for options in ((), ("--margin-r", "0.1"), (), ("--trials", "50"))
    ]
    assert trials == [1, 2, 2, 50]
    (tmp_path / "trials.json").write_text("[")
    with pytest.raises(CommandError, match="no list of runs"):
        run("--out", str(tmp_path))


def market(folder: Path, count: int = 400, *, knows: bool = True) -> tuple[Path, Path]:
    """Bars whose trend an alert may know: entries along it win."""
    source, lines, alerts = random.Random(5), [HEAD], []
    price, up = 1.1, True
    for number in range(count * 10):
        if number % 10 == 0:
            up = source.random() < 0.5
            side = up if knows or source.random() < 0.5 else not up
            at = datetime.fromtimestamp(START + number * 900, UTC)
            entry = Decimal(f"{price:.5f}")
            sign = 1 if side else -1
            alerts.append(
                json.dumps(
                    {
                        "symbol": "EURUSD",
                        "action": "buy" if side else "sell",
                        "price": str(entry),
                        "sl": str(entry - sign * Decimal("0.0020")),
                        "tp": str(entry + sign * Decimal("0.0020")),
                        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    }
                )
            )
        opened, price = price, price + (0.0004 if up else -0.0004)
        high, low = max(opened, price) + 0.0001, min(opened, price) - 0.0001
        at_seconds = START + number * 900
        lines.append(f"{at_seconds},{opened:.5f},{high:.5f},{low:.5f},{price:.5f},1\n")
    bars_file, alerts_file = folder / "OANDA_EURUSD-15.csv", folder / "alerts.jsonl"
    bars_file.write_text("".join(lines))
    alerts_file.write_text("\n".join(alerts) + "\n")
    return bars_file, alerts_file


def test_what_was_right_is_traded_once_labels_say_so(tmp_path: Path) -> None:
    bars, alerts = market(tmp_path)
    told = report(tmp_path / "out", bars=bars, alerts=alerts)
    every, chosen = told["results"]
    assert every["wins"] == every["entries"]
    assert chosen["entries"] > 300
    assert chosen["deflated"] is None or chosen["deflated"] > 0.95


def test_bars_that_come_later_move_no_decision(tmp_path: Path) -> None:
    """The first half of a walk is the same whatever the second half holds."""
    bars, alerts = market(tmp_path)
    lines, half = bars.read_text().splitlines(), alerts.read_text().splitlines()[:200]
    alerts.write_text("\n".join(half) + "\n")
    whole = report(tmp_path / "whole", bars=bars, alerts=alerts)
    changed = tmp_path / "changed" / bars.name
    changed.parent.mkdir()
    # After the last alert's own outcome is known the market turns to another one.
    planted = [",".join([line.split(",")[0], "2", "2.5", "1.5", "2", "9"]) for line in lines[2100:]]
    changed.write_text("\n".join([*lines[:2100], *planted]) + "\n")
    again = report(tmp_path / "again", bars=changed, alerts=alerts)
    assert again["digest"] == whole["digest"]


def test_a_fault_in_a_file_has_its_line_and_reason(tmp_path: Path) -> None:
    bars, alerts = market(tmp_path, 4)
    good = bars.read_text().splitlines(keepends=True)
    for line, text, reason in (
        (1, "time,open\n", "the columns must be"),
        (3, f"{START},1,1,1,1,1\n", "its time is not after"),
        (3, f"{START + 900},1,2,0,1,1\n", "a price is not positive"),
        (3, f"{START + 900},1,1,2,1,1\n", "its high is below its low"),
    ):
        lines = [*good]
        lines[line - 1] = text
        bars.write_text("".join(lines))
        with pytest.raises(CommandError, match=f"line {line}: {reason}"):
            run(bars=bars, alerts=alerts)
    bars.write_text("".join(good))
    for line, text, reason in (
        (2, "{", "not_json"),
        (2, '{"symbol": "EURUSD", "action": "hodl"}', ""),
        (1, '{"symbol": "EURUSD", "action": "buy"}', "it tells no time"),
        (4, alerts.read_text().splitlines()[0], "sent before the alert"),
    ):
        lines = alerts.read_text().splitlines(keepends=True)
        lines[line - 1] = text + "\n"
        broken = tmp_path / "broken.jsonl"
        broken.write_text("".join(lines))
        with pytest.raises(CommandError, match=f"line {line}: .*{reason}"):
            run(bars=bars, alerts=broken)
    future = f"{int(datetime.now(UTC).timestamp()) + 90_000},1,1,1,1,1\n"
    bars.write_text("".join([*good, future]))
    with pytest.raises(CommandError, match=f"line {len(good) + 1}: it is from the future"):
        run(bars=bars, alerts=alerts)


def test_other_instruments_and_missing_stops_are_counted_and_have_no_result(
    tmp_path: Path,
) -> None:
    bars, alerts = market(tmp_path, 30)
    lines = alerts.read_text().splitlines()
    foreign = {**json.loads(lines[10]), "symbol": "XAUUSD"}
    bare = {k: v for k, v in json.loads(lines[11]).items() if k not in ("sl", "tp")}
    alerts.write_text("\n".join([*lines[:10], json.dumps(foreign), json.dumps(bare), *lines[12:]]))
    told = report(tmp_path / "out", bars=bars, alerts=alerts)
    assert told["entries"] == 30
    assert told["reasons"]["without_label"]["other_instrument"] == 1
    assert told["reasons"]["without_label"]["no_stop"] == 1


def test_gates_with_facts_count_and_the_others_are_named(tmp_path: Path) -> None:
    bars, alerts = market(tmp_path, 60)
    gates = json.dumps(
        {
            "drawdown": {"full": 1, "closed": 2},
            "session": {"open": ["Mon-Sun 00:00-00:01"]},
            "data_quality": {"full": "0.98", "closed": "0.5"},
        }
    )
    told = report(tmp_path / "out", "--gates", gates, bars=bars, alerts=alerts)
    assert told["gates_left_out"] == ["drawdown"]
    assert told["reasons"]["gates_closed"]["session_closed"] > 0


def test_the_worst_fall_is_from_the_highest_point_before_it() -> None:
    assert worst_fall([Decimal(n) for n in (1, 2, -1, -1, 4, -3, 1)]) == 3
    assert worst_fall([]) == 0
    assert worst_fall([Decimal(-2), Decimal(1)]) == 2


def test_scores_are_of_the_chance_that_decided(tmp_path: Path) -> None:
    bars, alerts = market(tmp_path, 20)
    told = report(tmp_path / "out", "--labels-min", "1000", bars=bars, alerts=alerts)
    # Until labels decide the declared chance does, which is one half.
    assert told["chances"]["log_loss"] == pytest.approx(log_loss(0.5, won=True))


def test_an_outcome_decides_nothing_before_it_is_known(tmp_path: Path) -> None:
    """Stops and targets are far, so each ends by time, 67 bars on; an alert comes every ten."""
    bars, alerts = market(tmp_path, 20)
    lines = [json.loads(line) for line in alerts.read_text().splitlines()]
    for line in lines:
        sign = 1 if line["action"] == "buy" else -1
        entry = Decimal(line["price"])
        line |= {"sl": str(entry - sign * Decimal("0.5")), "tp": str(entry + sign * Decimal("0.5"))}
    alerts.write_text("\n".join(map(json.dumps, lines)) + "\n")
    policy = StrategyPolicy(horizon_seconds=60_000)
    asked = Asked(
        bars=bars, alerts=alerts, slug="x", policy=policy, trials=1, now=datetime.now(UTC)
    )
    walk = Walk(_chart(asked)[0], _trial_policy(asked))
    walk.go(alerts_read(alerts.read_text().splitlines(), StrategyDefaults("x")), lambda _: None)
    told = [one.outcome.told for one in walk.tried]
    assert [one["open_labels"] for one in told[:9] if one] == [0, 1, 2, 3, 4, 5, 6, 6, 6]
    assert walk.learned.labels == sum(one.won is not None for one in walk.tried)
