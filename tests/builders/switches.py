"""Switches, turned by the real services: stopped by one, allowed again by two."""

from execution.rules.switches import (
    ACTIVE,
    HALTED,
    REDUCING,
    Target,
    account_target,
    strategy_target,
)
from execution.services.switches import switch_lower, switch_raise_ask
from fusion_project.second_person.models import Request
from signals.models import Strategy
from tests.builders.people import staff_make
from tests.builders.second_person import confirm


def stop(target: Target, state: str = HALTED, *, reason: str = "test") -> bool:
    """Turned by one person."""
    return switch_lower(target=target, state=state, reason=reason, actor="user:1")


def allow(target: Target, state: str = ACTIVE) -> Request:
    """Asked by one person, confirmed by another, carried out."""
    asker = f"user:{staff_make('ops').pk}"
    return confirm(switch_raise_ask(target=target, state=state, reason="test", actor=asker))


def account_halt(account_id: int) -> bool:
    return stop(account_target(account_id))


def account_resume(account_id: int) -> Request:
    return allow(account_target(account_id))


def strategy_stop(strategy: Strategy) -> bool:
    """Switched off; the strategy's row shows it."""
    stopped = stop(strategy_target(strategy.pk), REDUCING)
    strategy.refresh_from_db()
    return stopped
