"""Ledgers and deals made by the real services."""

import datetime as dt
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any

from django.db import transaction

from execution.models import BrokerAccount, Deal, Report
from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from tests.builders.second_person import request_confirmed
from tests.factories.treasury import MOMENT, TRACE, transfer
from treasury.models import LedgerAccount
from treasury.rules.accounts import account_kind
from treasury.rules.drafts import PostedEntry
from treasury.services.ledger import account_ensure, currency_ensure, entry_reverse, post

_numbers = count(1)


def ledger_accounts_make(
    *codes: str, book: str = "paper", currency: str = "USD", floor: Decimal | None = None
) -> list[LedgerAccount]:
    """Accounts of these codes; their kinds follow from the roots."""
    currency_ensure(code=currency)
    return [
        account_ensure(
            code=code, book=book, currency=currency, kind=account_kind(code), floor=floor
        )
        for code in codes
    ]


def ledger_start() -> PostedEntry:
    """Assets:Alpha and Income:Beta in USD, and one entry of 5 between them."""
    ledger_accounts_make("Assets:Alpha", "Income:Beta")
    return post(drafts=[transfer("start")])[0]


def entry_taken_back(entry_id: int, *, reason: str = "why") -> PostedEntry:
    """Reversed as two people want it."""
    request = request_confirmed("entry.reverse", reason=reason, entry_id=entry_id)
    return entry_reverse(entry_id=entry_id, request=request)


def broker_account_make(**facts: Any) -> BrokerAccount:
    number = next(_numbers)
    defaults = {
        "name": f"ledger test {number}",
        "book": "paper",
        "server": "Demo-Server",
        "login": str(5_000 + number),
        "currency": "USD",
        "created_at": now(),
    }
    made = defaults | facts
    if made["book"] == "live":
        made["request"] = request_confirmed("account.create")
    return BrokerAccount.objects.create(**made)


@transaction.atomic
def deal_make(account: BrokerAccount, **facts: Any) -> Deal:
    """A deal as execution stores it, with its `deal.recorded` event."""
    number = next(_numbers)
    ticket = facts.get("ticket", 90_000 + number)
    raw = f"raw {number}"
    digest = sha256(raw.encode()).hexdigest()
    report = Report.objects.create(
        account=account,
        report_id=f"t-{number}",
        seq=number,
        instance="test",
        kind="deal",
        raw=raw,
        raw_sha256=digest,
        trace_id=TRACE,
        received_at=now(),
    )
    defaults: dict[str, Any] = {
        "ticket": ticket,
        "recorded_at": now(),
        "kind": "sell",
        "entry": "out",
        "profit": Decimal("12.50"),
        "commission": Decimal("-0.70"),
        "position_ticket": 500,
        "volume_lots": Decimal("0.10"),
        "price": Decimal("1.1"),
        "time_msc": int(MOMENT.timestamp() * 1_000) + number,
        "at": MOMENT + dt.timedelta(milliseconds=number),
        "trace_id": TRACE,
        "content_sha256": digest,
        "report": report,
    }
    deal = Deal.objects.create(account=account, **(defaults | facts))
    record(
        names.DEAL_RECORDED,
        subject=f"execution.deal:{deal.pk}",
        trace_id=deal.trace_id,
        actor="system",
        detail={
            "account_id": account.pk,
            "ticket": deal.ticket,
            "revision": deal.revision,
            "position_ticket": deal.position_ticket,
            "kind": deal.kind,
            "entry": deal.entry,
        },
    )
    return deal


def deposit_make(account: BrokerAccount, amount: str = "10000") -> Deal:
    return deal_make(
        account,
        kind="balance",
        entry="",
        profit=Decimal(amount),
        commission=Decimal(0),
        volume_lots=Decimal(0),
        position_ticket=0,
    )
