"""Accounts: who must stand before an order can be staged, and what halts one."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from execution.errors import AccountInvalid, SecondPersonNeeded, ZoneUnreadable
from execution.models import BrokerAccount
from execution.rules.broker_time import BrokerZone
from execution.rules.switches import HALTED, account_target
from execution.services.switches import switch_lower
from execution.traces import trace_mint
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.subjects import subject_of
from fusion_project.incidents.services import incident_open
from fusion_project.second_person.models import Payload, Request
from fusion_project.second_person.services import request_ask

ACCOUNT_CREATE = "account.create"
PAPER, LIVE = "paper", "live"


@transaction.atomic
def account_create(
    *,
    name: str,
    book: str,
    server: str,
    login: str,
    currency: str,
    actor: str,
    margin_mode: str = "hedging",
    currency_digits: int = 2,
    request: Request | None = None,
    **limits: Any,
) -> BrokerAccount:
    """Return the account of (server, login), made if there was none.

    `limits`: order_lots_max, open_lots_max, entries_per_minute_max; the table has defaults.
    A live one is made by a request that two people wanted (`account_ask`); the table refuses it
    otherwise. Raises SecondPersonNeeded, AccountInvalid.
    """
    found = BrokerAccount.objects.filter(server=server, login=login).first()
    if found is not None:
        return found
    if book == LIVE and request is None:
        raise SecondPersonNeeded("Two people must want a live account.")
    account = BrokerAccount(
        name=name,
        book=book,
        server=server,
        login=login,
        currency=currency,
        margin_mode=margin_mode,
        currency_digits=currency_digits,
        request=request,
        created_at=now(),
        **limits,
    )
    _account_insert(account)
    record(
        names.ACCOUNT_CREATED,
        subject=subject_of(BrokerAccount, account.pk),
        trace_id=request.trace_id if request else trace_mint(),
        actor=actor,
        detail={"name": name, "book": book, "server": server, "login": login, "currency": currency},
    )
    return account


def account_ask(*, reason: str, actor: str, **fields: Any) -> Request:
    """Ask a second person for a live account; `fields` are those of `account_create`.

    Raises AccountInvalid where it is there already or a field is none.
    """
    payload = {**fields, "book": LIVE}
    return request_ask(kind=ACCOUNT_CREATE, subject="", payload=payload, reason=reason, actor=actor)


def account_check(payload: Payload) -> None:
    """Refuse what is there already, or could not be stored."""
    if BrokerAccount.objects.filter(server=payload["server"], login=payload["login"]).exists():
        raise AccountInvalid(f"There is an account {payload['login']} on {payload['server']}.")
    if BrokerAccount.objects.filter(name=payload["name"]).exists():
        raise AccountInvalid(f"There is an account named {payload['name']}.")
    _fields_check(BrokerAccount(**_read(payload)))


def account_words(payload: Payload) -> str:
    """In one sentence what will happen."""
    limits = f"at most {payload['order_lots_max']} lots an order, {payload['open_lots_max']} open"
    return (
        f"Make the LIVE account {payload['name']}: login {payload['login']} on "
        f"{payload['server']}, {payload['currency']}, {payload['margin_mode']}, {limits}."
    )


def account_carry_out(payload: Payload, request: Request) -> str:
    """Make the live account that two people want."""
    account = account_create(**_read(payload), actor=request.requester, request=request)
    return f"account {account.name} is made; it has no key yet"


def _read(payload: Payload) -> dict[str, Any]:
    """The payload's amounts are texts."""
    decimals = ("order_lots_max", "open_lots_max")
    return {name: Decimal(value) if name in decimals else value for name, value in payload.items()}


def _fields_check(account: BrokerAccount) -> None:
    try:
        account.clean_fields(exclude=["request", "created_at"])
    except ValidationError as error:
        words = "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
        raise AccountInvalid(words) from error


def _account_insert(account: BrokerAccount) -> None:
    _fields_check(account)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        raise AccountInvalid(f"The account breaks the rule {constraint}.") from error


@transaction.atomic
def account_halt_by_rule(*, account_id: int, kind: str, note: str, trace_id: str = "") -> None:
    """Halt the account and open an incident of this kind; every further call adds a sighting.

    Call under the account's lock.
    """
    BrokerAccount.objects.filter(id=account_id).update(mismatches_in_row=0)
    switch_lower(target=account_target(account_id), state=HALTED, reason=kind, actor="system")
    incident_open(
        kind=kind,
        subject=subject_of(BrokerAccount, account_id),
        note=note,
        trace_id=trace_id or trace_mint(),
    )


@transaction.atomic
def account_clock_set(*, account_id: int, zone: str, actor: str) -> None:
    """Say which zone the broker's clock keeps; '' where nobody knows. Raises ZoneUnreadable.

    Deals that are stored keep the moment that they were given.
    """
    if zone:
        try:
            BrokerZone.read(zone)
        except ValueError as error:
            raise ZoneUnreadable(str(error)) from error
    changed = BrokerAccount.objects.filter(id=account_id).exclude(broker_zone=zone)
    if changed.update(broker_zone=zone):
        record(
            names.POLICY_CHANGED,
            subject=subject_of(BrokerAccount, account_id),
            trace_id=trace_mint(),
            actor=actor,
            detail={"broker_zone": zone},
        )


def account_lock(account_id: int) -> BrokerAccount:
    """Take the account's row lock; staging, leasing, reports and folding stand in its line."""
    return BrokerAccount.objects.select_for_update(no_key=True).get(id=account_id)
