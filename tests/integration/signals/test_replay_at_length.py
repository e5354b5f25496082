"""Two thousand decisions of both engines come out of their records byte for byte."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from signals.fusion.engines.registry import ENGINES
from signals.services.labels import labels_write
from signals.services.strategies import strategy_policy_change
from tests.builders.signals import BuiltStrategy, entry_decided, strategy_built
from tests.integration.signals.conftest import NOON
from tests.integration.signals.test_learning import LOSS, POLICY, WIN, bars_come

DRAWDOWN: dict[str, Any] = {"full": 500, "closed": 1500, "absent": "0.5"}


@pytest.mark.long
def test_two_thousand_decisions_of_both_engines_replay(
    db: None, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.set(NOON)
    fed: BuiltStrategy = strategy_built(**POLICY)
    bars_come(1)
    gates = {"session": {"open": ["Mon-Sun 00:00-12:00"], "factor": "0.5"}, "drawdown": DRAWDOWN}
    strategy_policy_change(strategy_id=fed.strategy.id, actor="user:1", gates=gates)
    fed.strategy.refresh_from_db()
    for number in range(2_100):
        with monkeypatch.context() as engine:
            if number < 1_000:
                engine.setattr("signals.services.fusing.CURRENT", ENGINES["engine:fusion/1"])
            entry_decided(fed)
        if number % 30 == 29:
            clock.advance(seconds=30)
            bars_come(1, **(WIN if number % 4 else LOSS))
            labels_write()
        clock.advance(seconds=1)
    out = StringIO()
    call_command("replay_decisions", stdout=out)
    assert "2100 decisions replayed (1000 by engine:fusion/1, 1100" in out.getvalue()
    assert "0 differ" in out.getvalue()
    assert "1 differ" not in out.getvalue()
