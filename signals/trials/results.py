"""What came of a walk, in numbers: results net of cost, scores of the chances, and their worth."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from fusion_project.text.canonical import canonical_json
from signals.fusion.numbers import clipped, steady
from signals.fusion.scoring.metrics import (
    bins_by_count,
    brier,
    calibration_error,
    log_loss,
    risk_area,
    risks_by_coverage,
    spiegelhalter_z,
)
from signals.fusion.scoring.scores import (
    SWITCHES,
    Scores,
    fixed_bound_of,
    regret_switching,
    switching_bound_of,
)
from signals.fusion.scoring.sharpe import deflated_sharpe
from signals.trials.walk import Tried, Walk

_EPS = 0.01


@dataclass(frozen=True, slots=True)
class Row:
    """One way to trade the same alerts. Results are in R, units of the risked loss, net of cost;
    `account_bps` with each entry's risk and size, in basis points of the equity at the start."""

    name: str
    entries: int
    wins: int
    total_r: Decimal
    mean_r: Decimal
    worst_fall_r: Decimal
    account_bps: Decimal
    sharpe: float | None
    hurdle: float | None
    deflated: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}


def rows_of(walk: Walk, *, trials: int) -> list[Row]:
    """Every entry with a label at the policy's whole risk, and those that fusion would trade."""
    known = [one for one in walk.tried if one.won is not None]
    risk_bps = Decimal(walk.asked.policy.risk_bps)
    every = [(one, risk_bps) for one in known]
    chosen = [
        (one, one.outcome.risk_bps * one.outcome.size_factor) for one in known if one.is_traded
    ]
    return [
        _row("every alert", every, trials=trials),
        _row("what fusion trades", chosen, trials=trials),
    ]


def _row(name: str, entries: Sequence[tuple[Tried, Decimal]], *, trials: int) -> Row:
    ordered = sorted(entries, key=lambda pair: _ended_at(pair[0]))
    results = [_result(one) for one, _ in ordered]
    sized = [result * bps for result, (_, bps) in zip(results, ordered, strict=True)]
    total = sum(results, Decimal(0))
    worth = deflated_sharpe([float(one) for one in sized], trials=trials)
    return Row(
        name=name,
        entries=len(results),
        wins=sum(bool(one.won) for one, _ in ordered),
        total_r=_kept(total),
        mean_r=_kept(total / len(results)) if results else Decimal(0),
        worst_fall_r=_kept(worst_fall(results)),
        account_bps=_kept(sum(sized, Decimal(0))),
        sharpe=None if worth is None else steady(worth.sharpe),
        hurdle=None if worth is None else steady(worth.hurdle),
        deflated=None if worth is None else steady(worth.chance),
    )


def worst_fall(results: Sequence[Decimal]) -> Decimal:
    """The largest fall of the running sum from its highest point so far."""
    highest = fall = Decimal(0)
    for total in accumulate(results):
        highest = max(highest, total)
        fall = max(fall, highest - total)
    return fall


def curve_of(walk: Walk) -> list[tuple[str, Decimal]]:
    """Ends of the traded entries with the account's running sum, in basis points."""
    traded = [one for one in walk.tried if one.is_traded and one.won is not None]
    running, found = Decimal(0), []
    for one in sorted(traded, key=_ended_at):
        running += _result(one) * one.outcome.risk_bps * one.outcome.size_factor
        found.append((_ended_at(one)[0], _kept(running)))
    return found


def chances_told(walk: Walk) -> dict[str, Any] | None:
    """Scores of what decided beside the share of wins so far; None for no label."""
    known = [one for one in walk.tried if one.won is not None and one.outcome.told is not None]
    if not known:
        return None
    chances = [clipped(float(one.outcome.p_final), _EPS) for one in known]
    outcomes = [bool(one.won) for one in known]
    traded = [one for one in known if one.is_traded]
    wins = sum(outcomes)
    base = walk.scores.base if walk.scores else None
    z = spiegelhalter_z(chances, outcomes)
    return {
        "labels": len(known),
        "log_loss": steady(log_loss(chances, outcomes)),
        "log_loss_of_share_of_wins": base and steady(base.nats / base.count),
        "brier": steady(brier(chances, outcomes)),
        "brier_of_share_of_wins": base and steady(base.squares / base.count),
        "calibration_error": steady(calibration_error(bins_by_count(chances, outcomes, 10))),
        "spiegelhalter_z": None if z is None else steady(z),
        "risk_coverage_area": steady(risk_area(risks_by_coverage(chances, outcomes))),
        "precision_of_every_alert": steady(wins / len(known)),
        "precision_of_traded": steady(sum(bool(o.won) for o in traded) / len(traded))
        if traded
        else None,
        "recall_of_traded": steady(sum(bool(o.won) for o in traded) / wins) if wins else None,
    }


def regrets_told(scores: Scores | None) -> list[dict[str, Any]]:
    """Regret of the linear pool against rivals known afterwards, beside its bound."""
    if scores is None:
        return []
    fixed = regret_switching(scores, 0)
    told = [{"rival": "best fixed", "nats": fixed, "bound": steady(fixed_bound_of(scores))}]
    for count in SWITCHES:
        bound = switching_bound_of(scores, count)
        told.append(
            {
                "rival": f"best with {count} switches",
                "nats": regret_switching(scores, count),
                "bound": None if bound is None else steady(bound),
            }
        )
    return told


def reasons_told(walk: Walk) -> dict[str, dict[str, int]]:
    """Why entries were decided as they were, and why some have no label."""
    decided = Counter(one.outcome.reason for one in walk.tried)
    gates = Counter(
        gate for one in walk.tried for gate in one.gates if one.outcome.reason == "gate_closed"
    )
    unlabelled = Counter(one.reason for one in walk.tried if one.won is None)
    return {
        "decided": dict(sorted(decided.items())),
        "gates_closed": dict(sorted(gates.items())),
        "without_label": dict(sorted(unlabelled.items())),
    }


def digest_of(walk: Walk) -> str:
    """One hash over every outcome and label: the same walk has the same one."""
    found = hashlib.sha256()
    for one in walk.tried:
        ended = None if one.verdict is None else [one.verdict.outcome, str(one.verdict.result)]
        told = {"line": one.alert.line, "outcome": one.outcome.to_dict(), "ended": ended}
        found.update(canonical_json(told).encode())
    return found.hexdigest()


def _ended_at(one: Tried) -> tuple[str, int]:
    assert one.verdict is not None
    last = one.verdict.last
    return (last.close_at if last else one.alert.received_at).isoformat(), one.alert.line


def _result(one: Tried) -> Decimal:
    assert one.verdict is not None
    assert one.verdict.result is not None
    return one.verdict.result


def _kept(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"))


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
