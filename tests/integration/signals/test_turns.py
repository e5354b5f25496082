"""What lowers risk is staged before entries that were approved first, however many wait."""

from __future__ import annotations

from typing import Any

import pytest

from fusion_project.events import doorbell
from fusion_project.events.registry import handler_get
from fusion_project.events.work import claim
from tests.builders.signals import (
    BuiltStrategy,
    entry_decided,
    entry_received,
    exit_received,
    strategy_built,
)

HANDLER = "execution.stage_orders"


def test_an_exit_is_claimed_before_entries_that_were_approved_first(
    built: BuiltStrategy, clock: Any, run_handlers: Any
) -> None:
    first = entry_decided(built)
    run_handlers.only(HANDLER)
    reviewed = strategy_built("other", entries_per_minute_max=1_000)
    for _ in range(5):
        assert entry_decided(reviewed).state == "approved"
        clock.advance(seconds=1)
    exit_received(built, first.trade_ref)
    entry_received(reviewed)
    [one] = claim(handler_get(HANDLER), count=1)
    assert one.event.detail["verb"] == "exit"
    [two] = claim(handler_get(HANDLER), count=1)
    assert two.event.detail["verb"] == "entry"


def test_workers_are_rung_for_an_exit_before_all_else(
    built: BuiltStrategy,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    rung: list[tuple[str, bool]] = []
    settings.REDIS_URL = "redis://nowhere"
    monkeypatch.setattr(
        doorbell.bell, "ring", lambda name, *, first=False: rung.append((name, first))
    )
    with django_capture_on_commit_callbacks(execute=True):
        entry = entry_decided(built)
    assert (HANDLER, False) in rung
    assert not any(first for _, first in rung)
    rung.clear()
    with django_capture_on_commit_callbacks(execute=True):
        exit_received(built, entry.trade_ref)
    assert [name for name, first in rung if first] == [HANDLER]
