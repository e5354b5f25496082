"""Runs a backtest over two files; it reads a policy at most, and stores nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from signals.dialects.base import StrategyDefaults
from signals.dialects.settled import settled_of
from signals.dialects.taught import format_of
from signals.errors import BacktestRefused
from signals.fusion.engines.registry import CURRENT
from signals.fusion.gating.names import SESSION
from signals.fusion.gating.rules import NAME as GATE_RULES
from signals.fusion.gating.settings import settings_read
from signals.fusion.inputs import Policy
from signals.lobes.registry import LOBES
from signals.market.barriers import RULE
from signals.market.csv_bars import csv_name
from signals.market.timeframes import timeframe_seconds
from signals.models import StrategyPolicy
from signals.selectors.policies import OF_POLICY
from signals.services.code_version import code_version
from signals.trials.ending import Terms
from signals.trials.reading import (
    TrialFault,
    alerts_read,
    bars_read,
    instrument_of_chart,
)
from signals.trials.results import (
    chances_told,
    curve_of,
    digest_of,
    reasons_told,
    regrets_told,
    rows_of,
)
from signals.trials.walk import GATES_KNOWN, Chart, TrialPolicy, Walk

SIZE_MAX: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which files, by which policy, and how many variants were tried before this one was kept.

    `symbol` and `timeframe` where the name of the file of bars tells neither.
    """

    bars: Path
    alerts: Path
    slug: str
    policy: StrategyPolicy
    trials: int
    # No bar may be from later; the site is not asked for its clock, nor for anything else.
    now: datetime
    symbol: str = ""
    timeframe: str = ""


def backtest_run(*, asked: Asked, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Return the report as plain JSON values.

    Raises BacktestRefused for files that cannot be read, with line and reason, and for a policy
    without costs: a result without costs is none.
    """
    if asked.policy.cost_r <= 0:
        raise BacktestRefused(
            "Without costs there is no result: the policy's cost_r must be above 0 (--cost-r)."
        )
    chart, bars_sha256 = _chart(asked)
    alerts_raw = _raw(asked.alerts)
    try:
        lines = alerts_raw.decode("utf-8-sig").splitlines()
        settled = settled_of(asked.policy.members)
        formats = tuple(format_of(one) for one in asked.policy.formats)
        declared = StrategyDefaults(asked.slug, asked.policy.defaults, settled, formats)
        alerts = alerts_read(lines, declared)
    except (TrialFault, UnicodeDecodeError) as error:
        raise _refused(asked.alerts, error) from error
    walk = Walk(chart, _trial_policy(asked))
    walk.go(alerts, lambda done: progress(done, len(alerts)))
    return _report(asked, walk, bars_sha256, hashlib.sha256(alerts_raw).hexdigest(), len(alerts))


def _chart(asked: Asked) -> tuple[Chart, str]:
    told = csv_name(asked.bars.name)
    symbol = asked.symbol or (told.symbol if told else "")
    timeframe = asked.timeframe or (told.timeframe if told else "")
    seconds = timeframe_seconds(timeframe)
    if not symbol or seconds is None:
        raise BacktestRefused(
            "The name of the file of bars does not tell symbol and timeframe: give both, as in "
            "--symbol OANDA:EURUSD --timeframe 15."
        )
    raw = _raw(asked.bars)
    try:
        bars = bars_read(raw.decode("utf-8-sig").splitlines(keepends=True), seconds, asked.now)
    except (TrialFault, UnicodeDecodeError) as error:
        raise _refused(asked.bars, error) from error
    chart = Chart(
        instrument=instrument_of_chart(symbol), symbol=symbol, timeframe_seconds=seconds, bars=bars
    )
    return chart, hashlib.sha256(raw).hexdigest()


def _raw(path: Path) -> bytes:
    try:
        if path.stat().st_size > SIZE_MAX:
            raise BacktestRefused(f"{path.name} is larger than {SIZE_MAX // 1024**2} MiB.")
        return path.read_bytes()
    except OSError as error:
        raise BacktestRefused(f"{path}: {error.strerror}.") from error


def _refused(path: Path, error: TrialFault | UnicodeDecodeError) -> BacktestRefused:
    if isinstance(error, UnicodeDecodeError):
        return BacktestRefused(f"{path.name}, line 1: it is not UTF-8 text.", line=1)
    return BacktestRefused(f"{path.name}, line {error.line}: {error.reason}.", line=error.line)


def _trial_policy(asked: Asked) -> TrialPolicy:
    policy = asked.policy
    every = settings_read(policy.gates)
    zone = ZoneInfo(every[SESSION].zone if SESSION in every else "UTC")

    def minute(at: datetime) -> int:
        local = at.astimezone(zone)
        return (local.weekday() * 24 + local.hour) * 60 + local.minute

    return TrialPolicy(
        policy=Policy(
            strategy=asked.slug,
            version=policy.version or 0,
            approval=policy.approval,
            risk_bps=policy.risk_bps,
            payoff_r=policy.payoff_r,
            cost_r=policy.cost_r,
            margin_r=policy.margin_r,
        ),
        terms=Terms(
            payoff_r=policy.payoff_r,
            cost_r=policy.cost_r,
            horizon_seconds=policy.horizon_seconds,
        ),
        prior_p=policy.prior_p,
        prior_strength=policy.prior_strength,
        labels_min=policy.labels_min,
        quorum=policy.quorum,
        outage=policy.outage,
        lobe_share_max=policy.lobe_share_max,
        miss_max=policy.miss_max,
        gates={name: one for name, one in every.items() if name in GATES_KNOWN},
        lobes=tuple(one for one in LOBES if not policy.lobes or one.name in policy.lobes),
        local=minute,
    )


def _report(
    asked: Asked, walk: Walk, bars_sha256: str, alerts_sha256: str, alerts: int
) -> dict[str, Any]:
    bars = walk.chart.bars
    return {
        "engine": CURRENT.name,
        "labels_by": RULE,
        "gates_by": GATE_RULES,
        "code": code_version(),
        "strategy": asked.slug,
        "policy": _policy_told(asked.policy),
        "costs": f"{asked.policy.cost_r} R for each entry, win or loss",
        "trials": asked.trials,
        "bars": {
            "file": asked.bars.name,
            "sha256": bars_sha256,
            "symbol": walk.chart.symbol,
            "timeframe_seconds": walk.chart.timeframe_seconds,
            "count": len(bars),
            "first": bars[0].open_at.isoformat(),
            "last": bars[-1].close_at.isoformat(),
        },
        "alerts": {"file": asked.alerts.name, "sha256": alerts_sha256, "count": alerts},
        "lobes": [one.name for one in walk.asked.lobes],
        "gates_left_out": sorted(set(asked.policy.gates) - set(walk.asked.gates)),
        "entries": len(walk.tried),
        "labels": sum(one.won is not None for one in walk.tried),
        "reasons": reasons_told(walk),
        "results": [one.to_dict() for one in rows_of(walk, trials=asked.trials)],
        "chances": chances_told(walk),
        "regrets": regrets_told(walk.scores),
        "open_max": walk.learned.open_max,
        "late_nats": walk.scores.late if walk.scores else None,
        "curve": [[at, str(value)] for at, value in curve_of(walk)],
        "digest": digest_of(walk),
    }


def _policy_told(policy: StrategyPolicy) -> dict[str, Any]:
    told = {part: getattr(policy, part) for part in OF_POLICY}
    return {
        part: str(value) if isinstance(value, Decimal) else value for part, value in told.items()
    }


def trials_known(path: Path, asked: Asked) -> int:
    """Note this run in a file beside its reports; return how many different ones were tried there.

    Runs of one file of alerts count together, whatever policy and bars they went by: each is one
    more chance to be lucky. Raises BacktestRefused.
    """
    alerts = hashlib.sha256(_raw(asked.alerts)).hexdigest()
    bars = hashlib.sha256(_raw(asked.bars)).hexdigest()
    policy = json.dumps(_policy_told(asked.policy), sort_keys=True)
    run = hashlib.sha256(f"{bars} {policy}".encode()).hexdigest()
    try:
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        runs = known.setdefault(alerts, [])
    except (ValueError, AttributeError) as error:
        raise BacktestRefused(f"{path} holds no list of runs; move it away.") from error
    if run not in runs:
        runs.append(run)
        path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return len(runs)
