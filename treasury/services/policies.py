"""Changing what a policy gives, and what is under it; each as two people want it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from execution.models import BrokerAccount
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask
from fusion_project.text.canonical import decimal_text as plain
from treasury import errors
from treasury.models import (
    HOUSE,
    INVESTOR,
    AllocationPolicy,
    PolicyBinding,
    PolicyVersion,
    RevenueStream,
)
from treasury.rules.allocation import shares_check
from treasury.selectors.nav import units_outstanding
from treasury.selectors.policies import Source, policy_get, version_in_force
from treasury.services.turns import turn_take

POLICY_CHANGE: Final = "policy.change"
POLICY_BIND: Final = "policy.bind"


def policy_ask(
    *,
    policy_code: str,
    bps: Mapping[str, object],
    valid_from: datetime | None,
    reason: str,
    actor: str,
) -> Request:
    """Ask a second person for the next version of a policy.

    `valid_from` None: as soon as it is confirmed. Raises as `policy_check` and `request_ask`.
    """
    payload = {
        "policy": policy_code,
        "bps": dict(bps),
        "valid_from": valid_from.isoformat() if valid_from else None,
    }
    subject = f"policy {policy_code}"
    return request_ask(
        kind=POLICY_CHANGE, subject=subject, payload=payload, reason=reason, actor=actor
    )


def policy_check(payload: Payload) -> None:
    """Raises PolicyUnknown, PolicyInvalid, PolicyBackdated, PolicyOverlaps."""
    policy = policy_get(payload["policy"])
    if policy.code == HOUSE:
        raise errors.PolicyInvalid("the house's shares are the rule of DCT: ./manage.py token_rule")
    shares_check(payload["bps"], policy.shares)
    valid_from = _moment(payload)
    if valid_from is None:
        return
    if valid_from < now():
        raise errors.PolicyBackdated(f"expected a time from now on, was {valid_from.isoformat()}")
    if PolicyVersion.objects.filter(policy=policy, valid_from=valid_from).exists():
        raise errors.PolicyOverlaps(f"a version begins at {valid_from.isoformat()} already")


def policy_words(payload: Payload) -> str:
    """In one sentence what will hold and what holds now."""
    policy = policy_get(payload["policy"])
    held = version_in_force(policy=policy, at=now()).bps
    told = [
        f"{name} {bps}" + ("" if held.get(name) == bps else f" (now {held.get(name)})")
        for name, bps in sorted(payload["bps"].items())
    ]
    since = payload["valid_from"] or "its confirmation"
    return f"Basis points of policy {policy.code} from {since} on: {', '.join(told)}."


def policy_carry_out(payload: Payload, request: Request) -> str:
    """Store the version."""
    version = version_store(
        policy=policy_get(payload["policy"]),
        bps=payload["bps"],
        valid_from=_moment(payload) or now(),
        request=request,
    )
    return f"version {version.version} is stored"


@transaction.atomic
def version_store(
    *, policy: AllocationPolicy, bps: Mapping[str, int], valid_from: datetime, request: Request
) -> PolicyVersion:
    """The next version of a policy: ends the one that holds, and ends where a later one begins.

    Also called for the house, when the rule of DCT changes. Raises PolicyInvalid, PolicyOverlaps.
    """
    shares_check(bps, policy.shares)
    turn_take(f"policy:{policy.code}")
    versions = PolicyVersion.objects.filter(policy=policy)
    later = versions.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    _ended(versions, valid_from)
    last = versions.aggregate(last=Max("version"))["last"] or 0
    version = PolicyVersion(
        policy=policy,
        version=last + 1,
        bps=dict(bps),
        valid_from=valid_from,
        valid_until=later.valid_from if later else None,
        recorded_at=now(),
        recorded_by=request.requester,
        request=request,
    )
    _insert(version, f"another version of {policy.code} holds at {valid_from.isoformat()}")
    detail = {"policy": policy.code, "version": version.version, "valid_from": valid_from}
    _record(subject_of(PolicyVersion, version.pk), request, detail)
    return version


def bind_ask(*, policy_code: str, source: str, book: str, reason: str, actor: str) -> Request:
    """Ask to bring an account, or a stream of revenue, under a policy from its confirmation on.

    `source`: the account's name, or the stream's. Raises as `bind_check` and `request_ask`.
    """
    account = BrokerAccount.objects.filter(book=book, name=source).first()
    stream = RevenueStream.objects.filter(book=book, name=source).first()
    if (account is None) == (stream is None):
        raise errors.PolicyUnknown(f"no account and no stream {source!r} in the {book} book")
    payload = {
        "policy": policy_code,
        "account_id": account.pk if account else None,
        "stream_id": stream.pk if stream else None,
    }
    subject = f"policy of {source}"
    return request_ask(
        kind=POLICY_BIND, subject=subject, payload=payload, reason=reason, actor=actor
    )


def bind_check(payload: Payload) -> None:
    """Raises PolicyUnknown, PolicyInvalid, and UnitsRefused while investors hold units of it."""
    policy, source = policy_get(payload["policy"]), _source(payload)
    if policy.per_unit and not isinstance(source, BrokerAccount):
        raise errors.PolicyInvalid(f"{policy.code} is for accounts, not for streams of revenue")
    if isinstance(source, BrokerAccount) and not policy.per_unit:
        units = units_outstanding(account=source)
        if units:
            raise errors.UnitsRefused(f"investors hold {plain(units)} units of {source.name}")


def bind_words(payload: Payload) -> str:
    """In one sentence what will hold."""
    source = _source(payload)
    return f"{source} is under policy {payload['policy']} from its confirmation on."


@transaction.atomic
def bind_carry_out(payload: Payload, request: Request) -> str:
    """End the binding that holds, and store the next."""
    turn_take(f"policy:{INVESTOR}")
    bind_check(payload)
    source, moment = _source(payload), now()
    one = Q(account_id=payload["account_id"], stream_id=payload["stream_id"])
    _ended(PolicyBinding.objects.filter(one), moment)
    binding = PolicyBinding(
        policy=policy_get(payload["policy"]),
        account_id=payload["account_id"],
        stream_id=payload["stream_id"],
        valid_from=moment,
        recorded_by=request.requester,
        request=request,
    )
    _insert(binding, f"{source} is bound at that time already")
    detail = {"policy": payload["policy"], "source": str(source), "valid_from": moment}
    _record(subject_of(PolicyBinding, binding.pk), request, detail)
    return f"{source} is under {payload['policy']} since {moment:%Y-%m-%d %H:%M:%S} UTC"


def _source(payload: Payload) -> Source:
    if payload["account_id"] is not None:
        return BrokerAccount.objects.get(id=payload["account_id"])
    return RevenueStream.objects.get(id=payload["stream_id"])


def _ended(rows: Any, moment: datetime) -> None:
    """Whatever holds at that moment ends with it."""
    holds = Q(valid_until=None) | Q(valid_until__gt=moment)
    rows.filter(holds, valid_from__lt=moment).update(valid_until=moment)


def _insert(row: PolicyVersion | PolicyBinding, taken: str) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "_never_overlaps" not in str(error):
            raise
        raise errors.PolicyOverlaps(taken) from error


def _moment(payload: Payload) -> datetime | None:
    told = payload["valid_from"]
    return datetime.fromisoformat(told) if told else None


def _record(subject: str, request: Request, detail: dict[str, object]) -> None:
    record(
        names.POLICY_CHANGED,
        subject=subject,
        trace_id="",
        actor=request.requester,
        detail=detail,
    )
