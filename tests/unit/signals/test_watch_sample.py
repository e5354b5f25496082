"""The sample strategies, whose scripts obey the contract, are never accused of a lost alert."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fusion_project.local.market.rules.alert_text import message_text
from fusion_project.local.market.rules.prices import BAR_SECONDS, Market
from fusion_project.local.market.rules.sample_rules import SAMPLE_STRATEGIES
from fusion_project.local.market.rules.sample_script import OpenTrade, bars_needed, messages_next
from signals.watch.positions import Link, continuity
from tests.unit.signals.dialects.reading import read

START = datetime(2026, 3, 2, tzinfo=UTC)
BARS = 2_000


def links(number: int) -> list[Link]:
    """What one sample script says on its first instrument, bar after bar."""
    rule = SAMPLE_STRATEGIES[number]
    name, market = rule.instruments[0], Market()
    need = bars_needed(rule)
    bars = market.bars(name, until=START, count=BARS)
    said: list[Link] = []
    trade: OpenTrade | None = None
    for end in range(need, len(bars)):
        at = bars[end - 1].close_at
        trade, messages = messages_next(rule, name, bars[end - need : end], trade, at)
        for message in messages:
            told = read(message_text(message)).position
            assert told is not None
            said.append(
                Link(
                    alert_id=len(said),
                    received_at=at + timedelta(seconds=BAR_SECONDS / 100),
                    before=told.before,
                    after=told.after,
                )
            )
            if message["event"] == "entry":
                trade = OpenTrade.of_entry(message)
    return said


@pytest.mark.parametrize("number", range(len(SAMPLE_STRATEGIES)))
def test_a_script_that_keeps_the_contract_is_never_accused(number: int) -> None:
    said = links(number)
    assert len(said) > 10
    for end in range(2, len(said) + 1):
        assert continuity(said[max(0, end - 40) : end]).gaps == ()
