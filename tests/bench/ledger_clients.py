"""The ledger's side of `make bench-ledger`, in a Django process that stays (`turns.py`)."""

import itertools
import random
from decimal import Decimal
from typing import Any
from uuid import uuid4

import django

django.setup()

from django.db import connection, connections, transaction  # noqa: E402

from execution.services.accounts import account_create  # noqa: E402
from fusion_project.events.clock import now  # noqa: E402
from fusion_project.events.registry import handler_get, handlers_of  # noqa: E402
from fusion_project.events.sealing import seal_turn, sealed_logs  # noqa: E402
from fusion_project.events.work import claim, run_claims  # noqa: E402
from tests.bench.turns import Work, serve  # noqa: E402
from treasury.rules.drafts import EntryDraft, LineDraft  # noqa: E402
from treasury.services.ledger import accounts_ensure, currency_ensure, post  # noqa: E402

ACCOUNTS, BROKERS, CHUNK = 64, 8, 1_000
HANDLER = "treasury.post_deals"
TRACE = "b" * 32
# Closing deals, as execution stores them: a report, the deals, and an event of each.
_DEALS = """
    WITH report AS (
        INSERT INTO execution_report (account_id, report_id, seq, instance, kind,
                broker_order_ticket, message, raw, raw_sha256, trace_id, received_at)
            SELECT id, %(name)s, 1, 'bench', 'deal', 0, '', '{}', repeat('0', 64), %(trace)s,
                events_now() FROM execution_brokeraccount WHERE server = 'Ledger'
        RETURNING id, account_id
    ), deal AS (
        INSERT INTO execution_deal (account_id, ticket, revision, position_ticket,
                broker_order_ticket, magic, kind, kind_raw, entry, reason, symbol, instrument,
                volume_lots, price, profit, swap, commission, fee, time_msc, broker_offset_seconds,
                at, at_is_sure, held_for, comment, order_id, report_id, content_sha256, trace_id,
                recorded_at)
            SELECT account_id, %(first)s + n * 100 + account_id, 1, 0, 0, 0, 'sell', '', 'out', '',
                'EURUSD', 'EURUSD', 0.1, 1.1, 12.5, 0, -0.7, 0,
                (extract(epoch FROM now()) * 1000)::bigint, 0, now(), true, '', '', NULL, id,
                repeat('0', 64), %(trace)s, events_now()
            FROM report, generate_series(1, %(of_each)s) n
        RETURNING id
    )
    SELECT count(events_record('deal.recorded', 'execution.deal:' || id, %(trace)s, 'system', '{}',
        %(handlers)s)) FROM deal"""
_DUE = "SELECT count(*) FROM events_handling WHERE handler = %s AND done_at IS NULL"


def seed() -> int:
    """Accounts of the ledger to post between, and broker accounts that have deals."""
    currency_ensure(code="USD")
    accounts_ensure(drafts=[_draft(n, (n + 1) % ACCOUNTS) for n in range(ACCOUNTS)])
    for number in range(BROKERS):
        account_create(
            name=f"ledger {number}",
            server="Ledger",
            login=str(number),
            currency="USD",
            book="paper",
            actor="system",
        )
    return ACCOUNTS


def fill(count: int) -> int:
    """Have so many deals wait for their entries; returns how many do."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [HANDLER])
        waiting = int(cursor.fetchone()[0])
    while waiting < count:
        with transaction.atomic(), connection.cursor() as cursor:
            facts: dict[str, Any] = {
                "name": uuid4().hex,
                "first": random.randrange(10**12) * 1_000_000,
            }
            handlers = handlers_of("deal.recorded")
            of_each = CHUNK // BROKERS
            cursor.execute(
                _DEALS, {**facts, "of_each": of_each, "trace": TRACE, "handlers": handlers}
            )
            waiting += int(cursor.fetchone()[0])
    return waiting


def seal() -> int:
    """Seal the ledger; returns how many entries were sealed."""
    (log,) = (one for one in sealed_logs() if one.name == "treasury")
    total = 0
    while sealed := seal_turn(log):
        total += sealed
    return total


def posting(number: int) -> Work:
    """One entry of two lines, in a transaction of its own."""
    chance, numbers = random.Random(number), itertools.count()
    own = uuid4().hex
    connection.ensure_connection()

    def work() -> int:
        debit, credit = chance.sample(range(ACCOUNTS), 2)
        post(drafts=[_draft(debit, credit, key=f"bench:{own}:{next(numbers)}")])
        return 1

    return work


def handling(number: int) -> Work:
    """A batch of deals as the worker does it: claimed, posted, marked done. Counts entries."""
    del number
    handler = handler_get(HANDLER)
    connection.ensure_connection()

    def work() -> int:
        claims = claim(handler)
        if claims:
            run_claims(handler, claims)
        return len(claims)

    return work


def _draft(debit: int, credit: int, *, key: str = "bench") -> EntryDraft:
    amount = Decimal("12.50")
    return EntryDraft(
        idem_key=key,
        kind="bench",
        book="paper",
        event_at=_MOMENT,
        source="bench:1",
        trace_id=TRACE,
        lines=(
            LineDraft(f"Assets:Bench:A{debit}", "USD", amount),
            LineDraft(f"Assets:Bench:A{credit}", "USD", -amount),
        ),
    )


_MOMENT = now()

if __name__ == "__main__":
    serve(
        {"post": posting, "handler": handling},
        once={"seed": seed, "fill": fill, "seal": seal},
        leave=connections.close_all,
    )
