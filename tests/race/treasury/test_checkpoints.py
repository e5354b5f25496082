"""Balances from checkpoints are those of all lines, whoever commits late and whatever moment."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fusion_project.events.clock import now
from tests.builders.seals import seal_all
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import transfer
from tests.threads import until_somebody_waits
from treasury.models import Checkpoint, Line
from treasury.rules.drafts import draft_as_json
from treasury.selectors.balances import account_balance, trial_balance
from treasury.services.checkpoints import checkpoint_make
from treasury.services.ledger import post

# Checkpoints follow the seal, which waits for older transactions of the server.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]

CODES = ("Assets:Alpha", "Income:Beta")


@pytest.fixture
def accounts():
    return ledger_accounts_make(*CODES)


def seal_and_checkpoint(**limits: int) -> int:
    """Twice, so that the floor passes what came before."""
    for _ in range(2):
        seal_all()
        post(drafts=[transfer(f"beat {now().isoformat()}", "1")])
    seal_all()
    return checkpoint_make(**{"entries_min": 1} | limits)


def summed(code: str, until: datetime) -> Decimal:
    amounts = Line.objects.filter(account__code=code, entry__recorded_at__lte=until)
    return sum(amounts.values_list("amount", flat=True), Decimal(0))


def test_every_balance_of_every_moment_is_that_of_all_lines(accounts, clock):
    dice = random.Random(7)
    moments = [now()]
    for turn in range(6):
        keys = range(dice.randint(1, 5))
        post(drafts=[transfer(f"{turn}.{n}", f"{dice.randint(-9, -1)}.5") for n in keys])
        post(drafts=[transfer(f"{turn}.up", str(dice.randint(1, 9)))])
        moments.append(now())
        clock.advance(minutes=dice.choice([0, 20, 90]))
        seal_and_checkpoint(entries_max=dice.randint(2, 6))
    assert Checkpoint.objects.values("entry_id").distinct().count() > 3
    for code in CODES:
        for moment in moments:
            stood = account_balance(book="paper", code=code, recorded_until=moment)
            assert stood == summed(code, moment)
        assert account_balance(book="paper", code=code) == summed(code, now())
    for row in trial_balance(book="paper"):
        amounts = list(Line.objects.filter(account_id=row.account_id).values_list("amount"))
        assert row.debit == sum(amount for (amount,) in amounts if amount > 0)
        assert row.credit == -sum(amount for (amount,) in amounts if amount < 0)


def test_an_entry_that_commits_late_is_in_no_checkpoint_before_it_is_over(
    accounts, owner_connection
):
    draft = json.dumps([draft_as_json(transfer("late", "100"))])
    owner_connection.execute("SELECT treasury_post(%s, 'system', '{}')", [draft])
    seal_and_checkpoint()
    owner_connection.commit()
    assert account_balance(book="paper", code="Assets:Alpha") == 102
    assert seal_and_checkpoint() > 0
    assert account_balance(book="paper", code="Assets:Alpha") == 104
    assert Checkpoint.objects.get(account__code="Assets:Alpha").debit >= 100


def test_a_checkpoint_waits_until_it_is_worth_while_and_goes_on_where_it_stopped(accounts):
    post(drafts=[transfer(f"k{n}", "1") for n in range(9)])
    assert seal_and_checkpoint(entries_min=50) == 0
    assert checkpoint_make(entries_min=1, entries_max=4) == 4
    assert checkpoint_make(entries_min=1, entries_max=4) == 4
    reached = Checkpoint.objects.order_by("-entry_id")[0].entry_id
    assert Line.objects.filter(entry_id__lte=reached, account__code="Assets:Alpha").count() == 8


def test_a_balance_reads_no_line_below_its_checkpoint(accounts):
    post(drafts=[transfer(f"k{n}", "1") for n in range(200)])
    assert seal_and_checkpoint() >= 200
    assert lines_read(None) <= 3


def test_a_moment_long_past_reads_no_line_after_the_next_checkpoint(accounts, clock):
    seal_and_checkpoint()
    early = now()
    clock.advance(hours=2)
    seal_and_checkpoint()
    post(drafts=[transfer(f"k{n}", "1") for n in range(200)])
    assert seal_and_checkpoint() >= 200
    assert lines_read(early) <= 6


def lines_read(moment: datetime | None) -> int:
    """By one reading of a balance, as the plan tells."""
    with CaptureQueriesContext(connection) as asked, connection.cursor() as cursor:
        account_balance(book="paper", code="Assets:Alpha", recorded_until=moment)
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked[-1]['sql']}")
        plan = json.dumps(cursor.fetchone()[0])
    nodes = [one for one in _nodes(json.loads(plan)[0]["Plan"]) if "line" in one["Relation Name"]]
    assert nodes
    rows = ((one, one.get("Rows Removed by Filter", 0)) for one in nodes)
    return max(one["Actual Loops"] * (one["Actual Rows"] + removed) for one, removed in rows)


def _nodes(plan):
    if "Relation Name" in plan:
        yield plan
    for one in plan.get("Plans", []):
        yield from _nodes(one)


def test_a_checkpoint_that_was_changed_is_named(accounts, superuser_connection):
    seal_and_checkpoint()
    call_command("ledger_check", "--no-hashes")
    with superuser_connection.transaction():
        superuser_connection.execute("ALTER TABLE treasury_checkpoint DISABLE TRIGGER ALL")
        superuser_connection.execute("UPDATE treasury_checkpoint SET debit = debit + 1")
        superuser_connection.execute("ALTER TABLE treasury_checkpoint ENABLE TRIGGER ALL")
    with pytest.raises(CommandError, match="findings"):
        call_command("ledger_check", "--no-hashes")


def test_who_comes_second_waits_and_finds_nothing_left_to_do(accounts, owner_connection):
    post(drafts=[transfer(f"k{n}", "1") for n in range(20)])
    seal_and_checkpoint(entries_min=99)
    owner_connection.execute("SELECT treasury_checkpoint_next(1, 1000)")
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(checkpoint_made_apart)
        until_somebody_waits()
        owner_connection.commit()
        assert second.result(timeout=30) == 0
    assert account_balance(book="paper", code="Assets:Alpha") == summed("Assets:Alpha", now())


def checkpoint_made_apart() -> int:
    """On a connection of its own."""
    try:
        return checkpoint_make(entries_min=1)
    finally:
        connection.close()
