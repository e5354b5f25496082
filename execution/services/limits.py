"""Limits are set by appending a version: anybody of staff lowers one, raising one takes two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction

from execution.errors import LimitInvalid, LimitRaiseUnconfirmed
from execution.models import BrokerAccount, RiskLimit
from execution.risk.limits import LIMITS, Scope, is_looser
from execution.selectors.limits import limit_newest
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Request

VALUE_MAX = Decimal(10) ** 12
PLACES_MAX = 10
NOTE_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class LimitScope:
    """What limits hold for; exactly what its scope names is given."""

    scope: Scope
    account_id: int | None = None
    strategy_id: int | None = None
    instrument: str = ""


@transaction.atomic
def limits_set(
    *,
    of: LimitScope,
    values: Mapping[str, Decimal | None],
    actor: str,
    note: str = "",
    confirmed_request: Request | None = None,
) -> list[RiskLimit]:
    """Append a version of each limit that changes; None lifts it. All or none.

    `confirmed_request` is what `limit_requests` carries out: raising a limit, and the first of a
    live account, are refused without it. The same values again add nothing.

    Raises LimitInvalid, LimitRaiseUnconfirmed.
    """
    if len(note) > NOTE_LENGTH_MAX:
        raise LimitInvalid(f"Keep the note within {NOTE_LENGTH_MAX} characters.")
    live = _is_live(of)
    rows = []
    limits_check(values)
    for name, value in values.items():
        before = _newest(of, name)
        if before.value == value if before else value is None:
            continue
        if confirmed_request is None:
            _check_single_handed(of, name, before, value, live)
        rows.append(_append(of, name, value, before, actor, note, confirmed_request))
    return rows


def limits_check(values: Mapping[str, Decimal | None]) -> None:
    """Refuse names and values that no limit has. Raises LimitInvalid."""
    for name, value in values.items():
        _check(name, value)


def _check(name: str, value: Decimal | None) -> None:
    if name not in LIMITS:
        raise LimitInvalid(f"There is no limit {name}. Known: {', '.join(LIMITS)}.")
    if value is None:
        return
    if not value.is_finite() or not 0 <= value <= VALUE_MAX:
        raise LimitInvalid(f"{name}: {value} is not from 0 to {VALUE_MAX:f}.")
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES_MAX:
        raise LimitInvalid(f"{name}: {value} has more than {PLACES_MAX} decimals.")


def _check_single_handed(
    of: LimitScope, name: str, before: RiskLimit | None, value: Decimal | None, is_live: bool
) -> None:
    """One person may only make it stricter. `sql/limits.sql` says the same."""
    if before is None and is_live:
        raise LimitRaiseUnconfirmed(
            f"{name}: the first limits of a live account let it take entries, so a second person"
            " confirms them."
        )
    if before is not None and is_looser(name, before.value, value):
        wanted = "lifted" if value is None else f"{value.normalize():f}"
        raise LimitRaiseUnconfirmed(
            f"{name} is {before.value:f}; that it becomes {wanted} allows more, so a second person"
            " confirms it."
        )


def _append(
    of: LimitScope,
    name: str,
    value: Decimal | None,
    before: RiskLimit | None,
    actor: str,
    note: str,
    confirmed_request: Request | None,
) -> RiskLimit:
    try:
        with transaction.atomic():
            row = RiskLimit.objects.create(
                scope=of.scope.value,
                account_id=of.account_id,
                strategy_id=of.strategy_id,
                instrument=of.instrument,
                name=name,
                value=value,
                version=before.version + 1 if before else 1,
                at=now(),
                actor=actor,
                note=note,
                request=confirmed_request,
            )
    except IntegrityError as error:
        raise LimitInvalid(f"{name}: {error}") from error
    record(
        names.LIMITS_CHANGED,
        subject=subject_of(RiskLimit, row.id),
        trace_id=trace_mint(),
        actor=actor,
        detail={
            "scope": row.scope,
            "account_id": row.account_id,
            "strategy_id": row.strategy_id,
            "instrument": row.instrument,
            "name": name,
            "was": before.value if before else None,
            "value": value,
            "version": row.version,
            "request_id": row.request_id,
            "note": note,
        },
    )
    return row


def _newest(of: LimitScope, name: str) -> RiskLimit | None:
    return limit_newest(
        scope=of.scope,
        account_id=of.account_id,
        strategy_id=of.strategy_id,
        instrument=of.instrument,
        name=name,
    )


def _is_live(of: LimitScope) -> bool:
    if of.account_id is None:
        return False
    return BrokerAccount.objects.filter(id=of.account_id, book="live").exists()
