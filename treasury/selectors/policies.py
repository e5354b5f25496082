"""Which policy holds for what, and since when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from execution.models import BrokerAccount
from treasury import errors
from treasury.models import (
    HOUSE,
    AllocationPolicy,
    PolicyBinding,
    PolicyVersion,
    RevenueStream,
)

Source = BrokerAccount | RevenueStream


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when; None is open."""

    since: datetime | None
    until: datetime | None


def policy_get(code: str) -> AllocationPolicy:
    """The policy. Raises PolicyUnknown."""
    policy = AllocationPolicy.objects.filter(code=code).first()
    if policy is None:
        known = ", ".join(AllocationPolicy.objects.values_list("code", flat=True))
        raise errors.PolicyUnknown(f"no policy {code}; there are {known}")
    return policy


def version_in_force(*, policy: AllocationPolicy, at: datetime) -> PolicyVersion:
    """The one version that holds at that time. Raises PolicyUnknown."""
    found = PolicyVersion.objects.select_related("policy").filter(_holds_at(at), policy=policy)
    version = found.first()
    if version is None:
        raise errors.PolicyUnknown(f"no version of {policy.code} holds at {at.isoformat()}")
    return version


def policy_code_of(*, account_id: int, at: datetime) -> str:
    """Under which policy an account is at that time; the house's where nobody bound it."""
    bound = PolicyBinding.objects.filter(_holds_at(at), account_id=account_id)
    return bound.values_list("policy__code", flat=True).first() or HOUSE


def binding_list(*, book: str) -> QuerySet[PolicyBinding]:
    """Bindings of a book, the newest first."""
    of_book = Q(account__book=book) | Q(stream__book=book)
    rows = PolicyBinding.objects.select_related("policy", "account", "stream")
    return rows.filter(of_book).order_by("-valid_from", "-id")


def source_windows(*, book: str, policy: AllocationPolicy) -> Iterator[tuple[Source, list[Window]]]:
    """Accounts and streams of a book that ever were under the policy, and when."""
    sources: list[Source] = [
        *BrokerAccount.objects.filter(book=book).order_by("id"),
        *RevenueStream.objects.filter(book=book).order_by("id"),
    ]
    for source in sources:
        windows = _windows(_bindings_of(source), policy.code)
        if windows:
            yield source, windows


def _bindings_of(source: Source) -> list[PolicyBinding]:
    bindings = PolicyBinding.objects.select_related("policy").order_by("valid_from")
    if isinstance(source, BrokerAccount):
        return list(bindings.filter(account=source))
    return list(bindings.filter(stream=source))


def _windows(bindings: Sequence[PolicyBinding], code: str) -> list[Window]:
    if code != HOUSE:
        own = [one for one in bindings if one.policy.code == code]
        return [Window(one.valid_from, one.valid_until) for one in own]
    found: list[Window] = []
    since: datetime | None = None
    for one in bindings:
        if one.policy.code == HOUSE:
            continue
        if since is None or since < one.valid_from:
            found.append(Window(since, one.valid_from))
        if one.valid_until is None:
            return found
        since = one.valid_until
    return [*found, Window(since, None)]


def _holds_at(at: datetime) -> Q:
    return Q(valid_from__lte=at) & (Q(valid_until=None) | Q(valid_until__gt=at))
