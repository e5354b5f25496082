"""Bars, where an executor tells them: closed, in order, and the same each time."""

import pytest

from execution.wire import Bars, body_of
from tests.contract.executor.rig import Rig


def test_bars_that_are_told_are_closed_and_in_order(rig: Rig) -> None:
    rig.seconds(130)
    told = [
        (body_of(Bars, **call.body), call.at) for call in rig.server.calls if call.name == "bars"
    ]
    if not told:
        pytest.skip("SKIPPED: this executor tells no bars")
    seen: dict[tuple[str, int, int], object] = {}
    for bars, at in told:
        times = [one.time_msc for one in bars.bars]
        assert times == sorted(set(times))
        ends = times[-1] + bars.timeframe_seconds * 1000
        assert ends <= at.timestamp() * 1000 + bars.broker_offset_seconds * 1000
        for one in bars.bars:
            key = (bars.symbol, bars.timeframe_seconds, one.time_msc)
            assert one.low <= min(one.open, one.close) <= max(one.open, one.close) <= one.high
            assert seen.setdefault(key, one) == one
