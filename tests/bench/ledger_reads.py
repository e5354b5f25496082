"""`make bench-ledger ONLY=reads`: what reads of the ledger cost with a long past and a short one.

Each size is a database of its own in the bench's own cluster, and they are read in turns, so that
noise falls on both. The past is written by a superuser with triggers off; what is kept of it, the
product's own functions keep.
"""

import argparse
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from tests.bench.figures import Figures
from tests.bench.past import bare, past_write

GROWTH_MAX = 1.3
SMALL, LARGE = 10_000, 1_000_000
ROUNDS, TIMES = 5, 7
# Reads that no aim is for: the page counts what has reached each station.
WITHOUT_AIM = ("public_overview",)
# Deals of the past have ids below zero, the newest -1; entries and events follow them in time.
_FIRST = 1_000_000_000
_ENTRIES = f"""
    INSERT INTO treasury_entry (id, idem_key, request_sha256, kind, book, event_at, recorded_at,
            source, trace_id, note, xid, cluster)
        SELECT {_FIRST} + id, 'bench:' || id, repeat('0', 64), 'deal', 'paper', at, recorded_at,
            'execution.deal:' || id, trace_id, '', '1', 0
        FROM execution_deal WHERE id < 0"""
_LINES = """
    INSERT INTO treasury_line (id, entry_id, n, account_id, currency_id, amount)
        OVERRIDING SYSTEM VALUE
        SELECT 3 * e.id + n, e.id, n, a.id, 'USD', amount
        FROM treasury_entry e CROSS JOIN (VALUES (1, %s, 0.10), (2, %s, -0.17), (3, %s, 0.07))
                AS line (n, code, amount)
            JOIN treasury_ledgeraccount a ON a.book = 'paper' AND a.code = line.code"""
_POSTINGS = f"""
    INSERT INTO treasury_dealposting (id, deal_id, state, entry_id, reason, at)
        OVERRIDING SYSTEM VALUE
        SELECT {_FIRST} + id, id, 'posted', {_FIRST} + id, '', recorded_at
        FROM execution_deal WHERE id < 0"""
# The past has decisions of no alert.
_WITHOUT_ALERT = "UPDATE execution_position SET decision_id = NULL WHERE id < 0"
_CLOSINGS = f"""
    INSERT INTO events_event (id, at, name, subject, trace_id, actor, detail, xid, cluster)
        OVERRIDING SYSTEM VALUE
        SELECT {_FIRST} + id, updated_at, 'position.closed', 'execution.position:' || id, trace_id,
            'system', '{{"net":"0.10"}}', 1, 0
        FROM execution_position WHERE id < 0"""
_SEALS = f"""
    INSERT INTO events_sealbatch (log, n, sealed_at, count, root, previous, hash, cluster, xid,
            seen_id, floor_id)
        SELECT log, 1000, now(), 1, sha256('r'), sha256(log::bytea), sha256('h'), 0, 1,
            {_FIRST}, {_FIRST}
        FROM unnest(ARRAY['events', 'treasury']) log"""
# Of ten orders six have a deal, and each deal three lines.
_LINES_OF_TEN_ORDERS = 18


def _past_make(lines: int) -> Any:
    """The desk whose past has about as many lines of the ledger; returns its account."""
    builders = import_module("tests.builders.execution")
    connection = import_module("django.db").connection
    ledger = import_module("treasury.services.ledger")
    accounts = import_module("treasury.rules.accounts")
    drafts = import_module("tests.factories.treasury")
    desk = builders.desk_make()
    desk.decide()
    part = accounts.broker_part(desk.account.server, desk.account.login)
    codes = [
        accounts.broker_cash(desk.account.server, desk.account.login),
        f"Income:Trading:{part}:Realised",
        f"Expenses:Trading:{part}:Commission",
    ]
    ledger.currency_ensure(code="USD")
    ledger.accounts_ensure(drafts=[drafts.draft_of("x", *((code, "USD", "1") for code in codes))])
    server = os.environ["FUSION_TEST_SUPERUSER_URL"]
    url = make_conninfo(server, dbname=connection.settings_dict["NAME"])
    orders = lines * 10 // _LINES_OF_TEN_ORDERS
    past_write(url, account_id=desk.account.pk, strategy_id=desk.strategy.pk, first=1, last=orders)
    with psycopg.connect(url, autocommit=True) as superuser:
        for table, insert, values in (
            ("treasury_entry", _ENTRIES, []),
            ("treasury_line", _LINES, codes),
            ("treasury_dealposting", _POSTINGS, []),
            ("execution_position", _WITHOUT_ALERT, []),
            ("events_event", _CLOSINGS, []),
            ("events_sealbatch", _SEALS, []),
        ):
            with superuser.transaction(), bare(superuser, table):
                superuser.execute(insert, values or None)
            superuser.execute(f"VACUUM (ANALYZE) {table}")
    return desk.account


def _kept(account: Any) -> None:
    """As the periodic jobs do, until nothing is left to be kept."""
    checkpoints = import_module("treasury.services.checkpoints")
    while checkpoints.checkpoint_make():
        pass
    total = 0
    while kept := checkpoints.cash_keep():
        total += kept
        print(f"cash of {total} entries and events is kept", file=sys.stderr, flush=True)
    checkpoints.posted_mark_raise(account=account)


def _reads(account: Any) -> dict[str, Callable[[], object]]:
    """Every read that must not grow, by name."""
    balances = import_module("treasury.selectors.balances")
    cash = import_module("treasury.selectors.cash")
    completeness = import_module("treasury.selectors.completeness")
    clock = import_module("fusion_project.events.clock")
    accounts = import_module("treasury.rules.accounts")
    months = import_module("treasury.rules.months")
    reports = import_module("treasury.selectors.reports")
    overview = import_module("fusion_project.community.selectors.overview")
    moment = import_module("fusion_project.community.moment")
    code = accounts.broker_cash(account.server, account.login)
    month = months.month_of(clock.now())
    return {
        "cash_balance": lambda: balances.account_balance(book="paper", code=code),
        "trial_balance": lambda: balances.trial_balance(book="paper"),
        "ledger_is_balanced": balances.ledger_is_balanced,
        "cash_line": lambda: cash.cash_book(
            book="paper", recorded_until=clock.now(), points_most=120
        ),
        "posted_up_to_heartbeat": lambda: completeness.account_is_posted_up_to_heartbeat(
            account=account
        ),
        "deals_without_posting": lambda: completeness.deals_without_posting(
            older_than_seconds=0, limit=10
        ),
        "report_of_this_month": lambda: reports.report_get(book="paper", month=month),
        "report_of_last_month": lambda: reports.report_get(book="paper", month=month.previous),
        "public_overview": lambda: overview._overview_read(book="paper", as_of=moment.as_of_now()),
    }


@contextmanager
def _desk_of(lines: int, figures: Figures) -> Iterator[tuple[str, Any]]:
    """A database with so long a past, and the account that has it."""
    database = import_module("tests.database")
    name = database.clone_create()
    try:
        with database.pointed_at(name):
            began = time.monotonic()
            account = _past_make(lines)
            figures.say(f"past_{lines}_lines_written_seconds", round(time.monotonic() - began, 1))
            began = time.monotonic()
            _kept(account)
            figures.say(f"past_{lines}_lines_kept_seconds", round(time.monotonic() - began, 1))
        yield name, account
    finally:
        import_module("django.db").connection.close()
        database.clone_drop(name)


def _round(name: str, account: Any) -> dict[str, list[float]]:
    """Milliseconds of each read, after one that nobody counts."""
    took: dict[str, list[float]] = defaultdict(list)
    with import_module("tests.database").pointed_at(name):
        for what, read in _reads(account).items():
            read()
            for _ in range(TIMES):
                began = time.perf_counter()
                read()
                took[what].append((time.perf_counter() - began) * 1_000)
    return took


def _set_up() -> None:
    import_module("tests.embedded")  # starts a server of its own, where none was started
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")
    import_module("django").setup()
    import_module("tests.database").template_ensure()


def reads(figures: Figures, sizes: Sequence[int] = (SMALL, LARGE)) -> None:
    """Say what each read costs at the last of these sizes (lines) beside the first."""
    _set_up()
    took: dict[int, dict[str, list[float]]] = {size: defaultdict(list) for size in sizes}
    with ExitStack() as desks:
        made = {size: desks.enter_context(_desk_of(size, figures)) for size in sizes}
        for number in range(ROUNDS):
            print(f"round {number + 1} of {ROUNDS}", file=sys.stderr, flush=True)
            for size, (name, account) in made.items():
                for what, values in _round(name, account).items():
                    took[size][what] += values
    first, last = sizes[0], sizes[-1]
    for what, values in took[last].items():
        figures.say(
            f"{what}_ms_at_{last}_lines",
            round(statistics.median(values), 3),
            reference=round(statistics.median(took[first][what]), 3),
            aim=None if what in WITHOUT_AIM else GROWTH_MAX,
            at_most=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LARGE, help="of the long past")
    figures = Figures()
    reads(figures, (SMALL, parser.parse_args().lines))
    return figures.end("bench_ledger_reads")


if __name__ == "__main__":
    sys.exit(main())
