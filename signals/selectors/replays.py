"""Compares stored decisions and learned states with what is made of their records today."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from signals.fusion import states
from signals.fusion.engines.registry import UnknownEngine
from signals.fusion.learned import state_after
from signals.fusion.replay import replay
from signals.fusion.scoring.scores import scores_after
from signals.models import Decision, FusionScore, FusionState


def decision_difference(decision: Decision) -> str:
    """Return what differs between a decision and its replay, in words; empty if nothing does."""
    stored = decision.inputs or ""
    if hashlib.sha256(stored.encode()).hexdigest() != decision.inputs_sha256:
        return "its inputs do not have the stored hash"
    try:
        text, outcome = replay(stored)
    except UnknownEngine as error:
        return f"made by an engine that this version does not have: {error}"
    if text != stored:
        return "the replay gives another record"
    columns = (decision.p_final, decision.risk_bps, decision.size_factor)
    if columns != (outcome.p_final, outcome.risk_bps, outcome.size_factor):
        return "its columns are not what the record says"
    if decision.state != states.ABSTAINED and outcome.verdict == "abstain":
        return f"it is {decision.state}, the record says {outcome.verdict}"
    return ""


def state_differences(states: Any) -> Iterator[str]:
    """Yield for each learned state what differs from its replay, in words; empty if nothing does.

    Each is made anew from the one before it and the record of the decision that its label is of.
    """
    for state in states.select_related("label__decision").order_by("id").iterator():
        former = FusionState.objects.filter(
            family=state.family, horizon_seconds=state.horizon_seconds, version=state.version - 1
        ).first()
        former_sha256 = former.sha256 if former else ""
        digest = hashlib.sha256((former_sha256 + state.value).encode()).hexdigest()
        record = json.loads(state.label.decision.inputs)
        again = state_after(former.value if former else None, record, won=state.label.won)
        if digest != state.sha256 or state.former_sha256 != former_sha256:
            yield f"state {state.id}: its value does not have the stored hash"
        elif again != state.value:
            yield f"state {state.id}: the replay gives another state"
        elif not _score_holds(state, former, record):
            yield f"state {state.id}: the replay gives other scores"
        else:
            yield ""


def _score_holds(state: FusionState, former: FusionState | None, record: Any) -> bool:
    """States from before there were scores have none; counting began with the next one."""
    score = FusionScore.objects.filter(state=state).first()
    if score is None:
        return True
    before = FusionScore.objects.filter(state=former).first() if former else None
    again = scores_after(
        before.value if before else None,
        former.value if former else None,
        record,
        won=bool(state.label.won),
    )
    return again == score.value
