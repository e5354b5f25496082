"""Turning switches: one person or a rule stops, two people allow again.

Whoever turns one waits for the claims under way, and claims wait for whoever turns: once a turn is
committed, no entry that it stops is handed out.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from execution.errors import SwitchChanged, SwitchInvalid, SwitchNotRaised, TargetUnknown
from execution.models import BrokerAccount, Switch
from execution.rules.switches import (
    ACCOUNT,
    ACTIVE,
    INSTRUMENT,
    STATES,
    STRATEGY,
    Target,
    is_stricter,
)
from execution.selectors.switches import switch_newest, switch_state
from execution.services.tradable import (
    account_tradable_push,
    strategy_tradable_push,
    tradable_push_all,
)
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from signals.models import Strategy
from signals.services.strategies import strategy_switch

RAISE = "switch.raise"
REASON_LENGTH_MAX = 200
_TOLD_OTHERWISE = """
    SELECT s.id, execution_switch_state('strategy', s.id::text) = 'active' FROM signals_strategy s
     WHERE s.is_active <> (execution_switch_state('strategy', s.id::text) = 'active')
"""
# Turns take it alone, claims share it: advisory, for no row is there before the first turn.
_LOCK = "hashtextextended('execution.switches', 0)"


def switch_set(*, target: Target, state: str, reason: str, actor: str) -> str:
    """Turn it where one person may, else ask a second one; return a sentence of what became of it.

    Raises as `switch_lower` and `switch_raise_ask` do.
    """
    about = target_words(target)
    if is_stricter(switch_state(target), than=state):
        asked = switch_raise_ask(target=target, state=state, reason=reason, actor=actor)
        return f"Request {asked.pk} waits for a second person: {asked.words}"
    if not switch_lower(target=target, state=state, reason=reason, actor=actor):
        return f"Nothing done: {about} is {state} already."
    begun = f"{about[:1].upper()}{about[1:]} is {state.upper()}"
    return f"{begun}: no entry goes out any more, exits pass."


@transaction.atomic
def switch_lower(*, target: Target, state: str, reason: str, actor: str) -> bool:
    """Stop entries there, or stop them more strictly. False where it is as strict already.

    Exits pass whatever stands here. Raises TargetUnknown, SwitchInvalid.
    """
    _check(target, state, reason)
    _hold(is_exclusive=True)
    newest = switch_newest(target)
    if not is_stricter(state, than=newest.state if newest else ACTIVE):
        return False
    _turn(target, newest, state, reason, actor, trace_id=trace_mint())
    return True


@transaction.atomic
def switch_raise_ask(*, target: Target, state: str, reason: str, actor: str) -> Request:
    """Ask a second person to allow more there than now. Raises as `raise_check` does too."""
    _check(target, state, reason)
    newest = switch_newest(target)
    payload: dict[str, Any] = {
        "scope": target.scope,
        "key": target.key,
        "state": state,
        "from_state": newest.state if newest else ACTIVE,
        "from_version": newest.version if newest else 0,
    }
    subject = subject_of(Switch, newest.pk) if newest else ""
    return request_ask(kind=RAISE, subject=subject, payload=payload, reason=reason, actor=actor)


def raise_check(payload: Payload) -> None:
    """Refuse what allows nothing more, or where the switch was turned since it was asked."""
    target = Target(payload["scope"], payload["key"])
    newest = switch_newest(target)
    if newest is None or not is_stricter(newest.state, than=payload["state"]):
        raise SwitchNotRaised(f"{target_words(target)} is not stricter than {payload['state']}.")
    if newest.version != payload["from_version"]:
        raise SwitchChanged(f"{target_words(target)} was turned since: it is {newest.state} now.")


def raise_words(payload: Payload) -> str:
    """In one sentence what will happen."""
    about = target_words(Target(payload["scope"], payload["key"]))
    allowed = "entries are allowed again" if payload["state"] == ACTIVE else "no new entries yet"
    was, will = payload["from_state"].upper(), payload["state"].upper()
    return f"Set {about} from {was} to {will}: {allowed}."


def raise_carry_out(payload: Payload, request: Request) -> str:
    """Turn the switch as two people want it, under the lock that claims share."""
    target = Target(payload["scope"], payload["key"])
    _hold(is_exclusive=True)
    raise_check(payload)
    newest = switch_newest(target)
    state = payload["state"]
    _turn(target, newest, state, request.reason, request.requester, request.trace_id, request)
    return f"{target_words(target)} is {state.upper()}"


def strategies_tell() -> int:
    """Tell signals anew where a strategy's row says otherwise than its switch; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD_OTHERWISE)
        rows = cursor.fetchall()
    return sum(strategy_switch(strategy_id=one, is_active=may) for one, may in rows)


def claims_hold() -> None:
    """Keep switches from being turned until this transaction ends. Call before order rows lock."""
    _hold(is_exclusive=False)


def target_words(target: Target) -> str:
    """Name what a switch stops, for people."""
    if target.scope == ACCOUNT:
        return f"account {BrokerAccount.objects.get(id=target.id).name}"
    if target.scope == STRATEGY:
        return f"strategy {Strategy.objects.get(id=target.id).slug}"
    return f"instrument {target.key}" if target.scope == INSTRUMENT else "everything"


def _check(target: Target, state: str, reason: str) -> None:
    known: dict[str, Any] = {ACCOUNT: BrokerAccount, STRATEGY: Strategy}
    model = known.get(target.scope)
    if model is not None and not model.objects.filter(id=target.id).exists():
        raise TargetUnknown(f"There is no {target.text}.")
    if state not in STATES:
        raise SwitchInvalid(f"A switch is one of {', '.join(STATES)}.")
    if not reason.strip():
        raise SwitchInvalid("Say why the switch is turned.")


def _turn(
    target: Target,
    newest: Switch | None,
    state: str,
    reason: str,
    actor: str,
    trace_id: str,
    request: Request | None = None,
) -> None:
    turned = Switch.objects.create(
        scope=target.scope,
        key=target.key,
        version=newest.version + 1 if newest else 1,
        state=state,
        reason=reason.strip()[:REASON_LENGTH_MAX],
        actor=actor,
        at=now(),
        request=request,
    )
    detail = {
        "scope": target.scope,
        "key": target.key,
        "version": turned.version,
        "from": newest.state if newest else ACTIVE,
        "state": state,
        "reason": turned.reason,
    }
    subject = subject_of(Switch, turned.pk)
    record(names.SWITCH_CHANGED, subject=subject, trace_id=trace_id, actor=actor, detail=detail)
    _tell(target, state)


def _tell(target: Target, state: str) -> None:
    """Tell signals, which asks nobody: the webhook's answer, and whether a strategy is on."""
    if target.scope == STRATEGY:
        strategy_switch(strategy_id=target.id, is_active=state == ACTIVE)
        strategy_tradable_push(target.id)
    elif target.scope == ACCOUNT:
        account_tradable_push(target.id)
    else:
        tradable_push_all()


def _hold(*, is_exclusive: bool) -> None:
    how = "" if is_exclusive else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{how}({_LOCK})")
