"""Closing by a person's word: one position, an account or everything, through the same queue.

It lowers risk: one person is enough, no permit is asked, and no switch stops it. The word is stored
and recorded at once; a handler carries it out, account by account.
"""

from __future__ import annotations

from django.db import transaction

from execution.errors import ReasonMissing, TargetUnknown
from execution.models import BrokerAccount, CloseRequest, Order, Position
from execution.models.requests import ACCOUNT, EVERYTHING, POSITION
from execution.selectors.closing import entries_meant, positions_meant
from execution.services.accounts import account_lock
from execution.services.exits import exit_asked, exit_is_out
from execution.services.orders import order_close_down
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.people import person_check

REASON_LENGTH_MAX = 200


@transaction.atomic
def flatten_ask(
    *, account_id: int | None, reason: str, actor: str, with_foreign: bool = False
) -> CloseRequest:
    """Cancel all entries of an account, or of every account, and close what is open there.

    Entries stay allowed: stop them first by a switch where nothing shall follow. `with_foreign`:
    also positions that are not ours. Raises PersonUnknown, ReasonMissing, TargetUnknown.
    """
    if account_id is not None:
        _account_check(account_id)
    request = CloseRequest(
        scope=EVERYTHING if account_id is None else ACCOUNT, account_id=account_id
    )
    return _ask(request, reason, actor, with_foreign)


@transaction.atomic
def position_close_ask(
    *,
    account_id: int,
    position_ticket: int,
    reason: str,
    actor: str,
    with_foreign: bool = False,
) -> CloseRequest:
    """Close one open position, and cancel what its entry may still fill.

    Raises PersonUnknown, ReasonMissing, and TargetUnknown where it is not open, or is not ours and
    `with_foreign` is not said.
    """
    _account_check(account_id)
    rows = Position.objects.filter(account=account_id, position_ticket=position_ticket)
    position = rows.filter(closed_at=None).first()
    if position is None:
        raise TargetUnknown(f"There is no open position {position_ticket} on the account.")
    if position.is_foreign and not with_foreign:
        raise TargetUnknown(f"Position {position_ticket} is not ours; say so if it is meant.")
    request = CloseRequest(scope=POSITION, account_id=account_id, position_ticket=position_ticket)
    return _ask(request, reason, actor, with_foreign)


@transaction.atomic
def close_carry_out(*, request_id: int, account_id: int) -> list[Order]:
    """Do on one account what a person asked for; the same call again adds nothing."""
    account_lock(account_id)
    request = CloseRequest.objects.get(id=request_id)
    for entry in entries_meant(request, account_id):
        order_close_down(
            order=entry, request_id=request_id, reason="person_closes", actor=request.actor
        )
    meant = [one for one in positions_meant(request, account_id) if not exit_is_out(one)]
    return [order for one in meant if (order := exit_asked(request, one, request.actor))]


def _account_check(account_id: int) -> None:
    if not BrokerAccount.objects.filter(id=account_id).exists():
        raise TargetUnknown(f"There is no account {account_id}.")


def _ask(request: CloseRequest, reason: str, actor: str, with_foreign: bool) -> CloseRequest:
    if not reason.strip():
        raise ReasonMissing("Say why it is closed.")
    request.reason = reason.strip()[:REASON_LENGTH_MAX]
    request.actor = person_check(actor)
    request.with_foreign, request.at, request.trace_id = with_foreign, now(), trace_mint()
    request.save(force_insert=True)
    everywhere = BrokerAccount.objects.order_by("id").values_list("id", flat=True)
    for account_id in [request.account_id] if request.account_id else everywhere:
        _record(request, account_id)
    return request


def _record(request: CloseRequest, account_id: int) -> None:
    record(
        names.CLOSE_ASKED,
        subject=subject_of(CloseRequest, request.pk),
        trace_id=request.trace_id,
        actor=request.actor,
        detail={
            "account_id": account_id,
            "scope": request.scope,
            "position_ticket": str(request.position_ticket),
            "with_foreign": request.with_foreign,
            "reason": request.reason,
        },
    )
