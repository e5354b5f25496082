"""Bars that an executor tells, on their way to the desk's market data."""

from decimal import Decimal

from execution.rules.messages import ExecutorCaller
from execution.wire import Bars
from execution.wire.fields import utc_of
from signals.services.bars import BarFacts, BarsRecorded, bars_record


def executor_bars_record(*, caller: ExecutorCaller, facts: Bars) -> BarsRecorded:
    """Append them to the feed of the key's account. Raises BarsRefused."""
    return bars_record(
        feed=f"executor:{caller.account_id}",
        symbol=facts.symbol,
        timeframe_seconds=facts.timeframe_seconds,
        bars=[
            BarFacts(
                open_at=utc_of(bar.time_msc, facts.broker_offset_seconds),
                open=bar.open,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                volume=None if bar.volume is None else Decimal(bar.volume),
            )
            for bar in facts.bars
        ],
    )
