"""Messages published in the wild, each judged as its line expects. Skipped where absent."""

from __future__ import annotations

import pytest

from tests.unit.signals.dialects import samples

LINES = samples.lines()
NOW = samples.NOW
needs_samples = pytest.mark.skipif(
    not LINES, reason="no alert_samples*.jsonl under FUSION_SHARED or ../shared/data"
)


@needs_samples
@pytest.mark.parametrize("number", range(len(LINES)))
def test_a_published_message_is_judged_as_its_line_says(number: int) -> None:
    line = LINES[number]
    assert samples.fault_of(line) == "", f"{line['source']}: {line['why']}"


@needs_samples
def test_both_files_are_there() -> None:
    assert len(LINES) == 71
