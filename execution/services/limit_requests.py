"""What of limits two people must want: one that allows more, and the first of a live account."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from execution.errors import LimitChanged
from execution.models import BrokerAccount
from execution.risk.limits import Scope
from execution.selectors.limits import limit_newest
from execution.services.limits import LimitScope, limits_check, limits_set
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from signals.models import Strategy

LIMITS_RAISE: Final = "limits.raise"


def limits_raise_ask(
    *, of: LimitScope, values: Mapping[str, Decimal | None], reason: str, actor: str
) -> Request:
    """Ask a second person to let these limits be. Raises LimitInvalid, and as `request_ask`."""
    payload = {
        "scope": of.scope.value,
        "account_id": of.account_id,
        "strategy_id": of.strategy_id,
        "instrument": of.instrument,
        "values": {name: _text(value) for name, value in sorted(values.items())},
        "from_versions": {name: _version(of, name) for name in sorted(values)},
    }
    subject = f"limits of {_scope_words(of)}"
    return request_ask(
        kind=LIMITS_RAISE, subject=subject, payload=payload, reason=reason, actor=actor
    )


def limits_raise_check(payload: Payload) -> None:
    """Refuse values that no limit has, and limits that were set since it was asked."""
    of, values = _read(payload)
    limits_check(values)
    for name, version in payload["from_versions"].items():
        if _version(of, name) != version:
            raise LimitChanged(f"{name} of {_scope_words(of)} was set since it was asked.")


def limits_raise_words(payload: Payload) -> str:
    """In one sentence what will happen."""
    of, values = _read(payload)
    told = []
    for name, value in values.items():
        before = limit_newest(**_keys(of), name=name)
        was = _text(before.value) if before else None
        told.append(f"{name} from {was or 'none'} to {_text(value) or 'none'}")
    return f"Set limits of {_scope_words(of)}: {', '.join(told)}."


def limits_raise_carry_out(payload: Payload, request: Request) -> str:
    """Set them as two people want it."""
    of, values = _read(payload)
    rows = limits_set(
        of=of,
        values=values,
        actor=request.requester,
        note=request.reason[:200],
        confirmed_request=request,
    )
    return f"{len(rows)} of {len(values)} changed"


def _read(payload: Payload) -> tuple[LimitScope, dict[str, Decimal | None]]:
    of = LimitScope(
        Scope(payload["scope"]),
        account_id=payload["account_id"],
        strategy_id=payload["strategy_id"],
        instrument=payload["instrument"],
    )
    values = payload["values"].items()
    return of, {name: None if value is None else Decimal(value) for name, value in values}


def _keys(of: LimitScope) -> dict[str, Any]:
    return {
        "scope": of.scope,
        "account_id": of.account_id,
        "strategy_id": of.strategy_id,
        "instrument": of.instrument,
    }


def _version(of: LimitScope, name: str) -> int:
    before = limit_newest(**_keys(of), name=name)
    return before.version if before else 0


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _scope_words(of: LimitScope) -> str:
    if of.account_id is not None:
        return f"account {BrokerAccount.objects.get(id=of.account_id).name}"
    if of.strategy_id is not None:
        return f"strategy {Strategy.objects.get(id=of.strategy_id).slug}"
    return of.instrument or "all"
