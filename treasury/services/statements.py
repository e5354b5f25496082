"""A broker's statement as a second source: compared deal by deal, whole or not at all."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction

from execution.models import BrokerAccount, Deal
from fusion_project.errors import DomainError
from fusion_project.events.clock import now
from treasury.models import Statement, StatementDifference
from treasury.rules import checking
from treasury.rules.checking import Finding
from treasury.rules.statements import (
    FAULTS_MAX,
    Difference,
    Fault,
    StatementDeal,
    differences_of,
    faults_unknown,
    statement_read,
)
from treasury.services.control import checks_of, finding_keep

# What counts as money of the account; the broker keeps no ticket of what it has deleted.
_DELETED = "deleted"
_NAMED = 5


class StatementRefused(DomainError):
    """Nothing was imported; `faults` say why, by line."""

    code = "statement_refused"
    status = 422

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults[:FAULTS_MAX]
        super().__init__("; ".join(str(one) for one in self.faults))


@transaction.atomic
def statement_import(*, account: BrokerAccount, name: str, raw: bytes, actor: str) -> Statement:
    """Compare a statement with our deals and keep what differs; one that differs is an incident.

    Raises StatementRefused where the file is not understood to its last digit, is of another
    account, or names a deal that we do not have. Importing a file again compares it again.
    """
    last = checks_of(account_id=account.pk).get(checking.STATEMENT)
    theirs, faults = statement_read(_text(raw), login=account.login)
    ours = {} if faults else _ours(account, theirs)
    faults = faults or faults_unknown(theirs, ours)
    if faults:
        raise StatementRefused(faults)
    found = differences_of(theirs, ours)
    statement = _store(account, name, raw, actor, theirs, found)
    finding_keep(account=account, finding=_finding(statement, theirs, ours, found), last=last)
    return statement


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise StatementRefused([Fault(line, "this is no UTF-8")]) from error


def _ours(account: BrokerAccount, theirs: Iterable[StatementDeal]) -> dict[int, StatementDeal]:
    """Our deals that the statement names, and all others of its time, as they count now."""
    rows = list(theirs)
    seconds = [one.time_seconds for one in rows]
    counting = Deal.objects.filter(account=account, held_for="")
    within = counting.filter(
        time_msc__gte=min(seconds) * 1_000, time_msc__lt=(max(seconds) + 1) * 1_000
    )
    tickets = {*within.values_list("ticket", flat=True), *(one.ticket for one in rows)}
    newest: dict[int, Deal] = {}
    for deal in counting.filter(ticket__in=tickets).order_by("ticket", "revision"):
        newest[deal.ticket] = deal
    return {deal.ticket: _as_row(deal) for deal in newest.values() if deal.kind != _DELETED}


def _as_row(deal: Deal) -> StatementDeal:
    return StatementDeal(
        line=0,
        ticket=deal.ticket,
        time_seconds=deal.time_msc // 1_000,
        kind=deal.kind,
        symbol=deal.symbol,
        amounts={
            "volume": deal.volume_lots,
            "price": deal.price,
            "profit": deal.profit,
            "swap": deal.swap,
            "commission": deal.commission,
            "fee": deal.fee,
        },
    )


def _store(
    account: BrokerAccount,
    name: str,
    raw: bytes,
    actor: str,
    theirs: list[StatementDeal],
    found: list[Difference],
) -> Statement:
    seconds = [one.time_seconds for one in theirs]
    statement = Statement.objects.create(
        account=account,
        name=name[:200],
        sha256=hashlib.sha256(raw).hexdigest(),
        deals=len(theirs),
        differing=len({one.ticket for one in found}),
        first_time_msc=min(seconds) * 1_000,
        last_time_msc=max(seconds) * 1_000,
        imported_at=now(),
        actor=actor,
    )
    StatementDifference.objects.bulk_create(
        StatementDifference(
            statement=statement,
            ticket=one.ticket,
            column=one.column,
            ours=one.ours[:80],
            theirs=one.theirs[:80],
        )
        for one in found
    )
    return statement


def _finding(
    statement: Statement,
    theirs: list[StatementDeal],
    ours: dict[int, StatementDeal],
    found: list[Difference],
) -> Finding:
    """Sums of what the deals moved; the state says whether each of them is the same."""
    here, there = _moved(ours.values()), _moved(theirs)
    tickets = sorted({one.ticket for one in found})
    note = f"{statement.name}: "
    if tickets:
        named = ", ".join(str(one) for one in tickets[:_NAMED])
        note += f"{len(tickets)} of {statement.deals} deals differ, such as {named}"
    else:
        note += f"all {statement.deals} deals are the same"
    state = checking.DIFFERS if found else checking.AGREES
    return Finding(checking.STATEMENT, state, here, there, there - here, note)


def _moved(deals: Iterable[StatementDeal]) -> Decimal:
    columns = ("profit", "swap", "commission", "fee")
    return sum((one.amounts[name] for one in deals for name in columns), Decimal(0))
