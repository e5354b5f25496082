"""`manage.py ledger_check` finds what a superuser with triggers off can do to the books."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.builders.seals import seal_all
from tests.builders.treasury import (
    broker_account_make,
    deal_make,
    ledger_accounts_make,
    ledger_start,
)
from tests.factories.treasury import draft_of
from treasury.services.ledger import post

pytestmark = pytest.mark.usefixtures("committed_db")


def check(*options: str) -> str:
    out = StringIO()
    call_command("ledger_check", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def findings(*options: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("ledger_check", *options, stdout=out, stderr=StringIO())
    assert failure.value.returncode == 1
    return out.getvalue()


def as_superuser(superuser, *statements: str) -> None:
    """What no role of the product can do: switch every trigger off first."""
    with superuser.transaction():
        for table in ("treasury_entry", "treasury_line", "treasury_leaf", "treasury_balance"):
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            superuser.execute(statement)


def test_a_sound_ledger_is_ok():
    ledger_start()
    assert check().endswith("ledger ok\n")


def test_an_empty_ledger_is_ok():
    assert check().endswith("ledger ok\n")


@pytest.mark.long  # a sealer waits for older transactions of the server, tests beside it too
def test_what_was_sealed_is_missed_and_known_again_though_all_else_was_made_to_fit(
    superuser_connection,
):
    """One entry is deleted, another doubled, and its leaf made anew."""
    first = ledger_start().id
    second = post(
        drafts=[draft_of("k", ("Assets:Alpha", "USD", "5"), ("Income:Beta", "USD", "-5"))]
    )
    seal_all()
    as_superuser(
        superuser_connection,
        *(f"DELETE FROM treasury_{one} WHERE entry_id = {first}" for one in ("leaf", "line")),
        f"DELETE FROM treasury_entry WHERE id = {first}",
        "UPDATE treasury_line SET amount = amount * 2",
        "UPDATE treasury_leaf SET sha256 = encode(sha256(treasury_leaf_bytes(entry_id)), 'hex')",
    )
    found = findings()
    assert f"entry {first} is gone" in found
    assert f"entry {second[0].id} was changed after it was sealed" in found
    assert "ok   hashes match" in found


def test_a_rewritten_entry_that_still_balances_is_found_by_its_hash(superuser_connection):
    ledger_start()
    as_superuser(superuser_connection, "UPDATE treasury_line SET amount = amount * 2")
    found = findings()
    assert "does not match its leaf" in found
    assert "BAD  hashes match" in found
    assert "ok   entries sum to zero" in found
    # Without the hashes only the triggers tell that somebody was there.
    assert findings("--no-hashes").count("BAD ") == 1


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("UPDATE treasury_line SET amount = 6 WHERE amount > 0", "sums to"),
        ("DELETE FROM treasury_line", "has 0 lines"),
        ("UPDATE treasury_ledgeraccount SET book = 'live' WHERE code = 'Assets:Alpha'", "book"),
        ("UPDATE treasury_balance SET amount = 1", "kept 1"),
        ("UPDATE treasury_entry SET note = 'rewritten'", "does not match its leaf"),
        (
            "UPDATE treasury_entry SET recorded_at = recorded_at - interval '2 hours'"
            " WHERE idem_key = 'p'",
            "was recorded over an hour before",
        ),
    ],
)
def test_each_damage_is_named(superuser_connection, damage, finding):
    ledger_start()
    ledger_accounts_make("Liabilities:Pool", floor=Decimal(0))
    ledger_accounts_make("Equity:Issued")
    post(drafts=[draft_of("p", ("Equity:Issued", "USD", "5"), ("Liabilities:Pool", "USD", "-5"))])
    if "ledgeraccount" in damage:
        superuser_connection.execute("ALTER TABLE treasury_ledgeraccount DISABLE TRIGGER ALL")
    as_superuser(superuser_connection, damage)
    superuser_connection.commit()
    assert finding in findings()


def test_a_trigger_that_was_switched_off_and_on_again_is_found(owner_connection):
    owner_connection.execute("ALTER TABLE treasury_line DISABLE TRIGGER treasury_line_balanced")
    owner_connection.execute("ALTER TABLE treasury_line ENABLE TRIGGER treasury_line_balanced")
    owner_connection.commit()
    found = findings()
    assert "BAD  triggers of the ledger fire for everybody" in found
    assert "treasury_line_balanced does not fire in replica mode" in found


def test_a_deal_without_an_entry_is_found():
    ledger_start()
    deal_make(broker_account_make())
    assert "has no entry" in findings("--older-than-seconds", "-1")
    assert check().endswith("ledger ok\n")
