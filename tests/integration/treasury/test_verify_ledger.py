"""`verify_ledger.py` names what a superuser with triggers off did to sealed entries."""

from decimal import Decimal

import pytest

from fusion_project.events.sealing import seal_head, sealed_logs
from tests.builders.seals import exported, rewritten, seal_all, sealed_ids, verified
from tests.builders.treasury import entry_taken_back, ledger_accounts_make, ledger_start
from tests.factories.treasury import transfer
from treasury.models import Entry
from treasury.services.ledger import post

# A sealer waits for each older transaction of the server, so no other test may run beside these.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]

LEDGER = next(log for log in sealed_logs() if log.name == "treasury")
# Its leaf anew, as whoever knows our code would.
LEAF_ANEW = """UPDATE treasury_leaf SET sha256 =
    encode(sha256(treasury_leaf_bytes(entry_id)), 'hex') WHERE entry_id = %s"""


@pytest.fixture
def ids() -> list[int]:
    """Entries of both books, one of them a reversal with a note."""
    first = ledger_start()
    ledger_accounts_make("Assets:Alpha", "Income:Beta", book="live")
    made = [post(drafts=[transfer(f"k{number}")])[0].id for number in range(3)]
    made += [post(drafts=[transfer("live", book="live")])[0].id]
    back = entry_taken_back(made[1], reason="é, by hand")
    seal_all()
    return [first.id, *made, back.id]


def attack(superuser, *statements: str, entry: int) -> None:
    """What no role of the product can do, to one entry."""
    with superuser.transaction():
        for table in ("treasury_entry", "treasury_line", "treasury_leaf"):
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            superuser.execute(statement, [entry])


def test_an_untouched_ledger_passes_against_a_kept_digest(ids, tmp_path):
    code, words = verified("verify_ledger", exported(tmp_path, "--book", "all"), seal_head(LEDGER))
    assert (code, words.splitlines()[0]) == (
        0,
        "ok: 6 rows in 1 batches; 0 newer ones are not sealed yet",
    )


CHANGES = {
    "amounts": "UPDATE treasury_line SET amount = amount * 2 WHERE entry_id = %s",
    "a note": "UPDATE treasury_entry SET note = 'x' WHERE id = %s",
    "a time": "UPDATE treasury_entry SET event_at = event_at + interval '1 us' WHERE id = %s",
    "an account": """UPDATE treasury_line SET account_id = (SELECT max(id)
        FROM treasury_ledgeraccount WHERE book = 'paper') WHERE n = 1 AND entry_id = %s""",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_entry_is_named_by_its_id_though_its_leaf_was_made_anew(
    ids, superuser_connection, tmp_path, change
):
    attack(superuser_connection, change, LEAF_ANEW, entry=ids[2])
    code, words = verified("verify_ledger", exported(tmp_path, "--book", "paper"))
    assert code == 1
    assert words.splitlines()[:-1] == [f"FAULT entry {ids[2]} was changed after it was sealed"]


def test_an_entry_that_was_deleted_and_one_that_was_doubled_are_named(
    ids, superuser_connection, tmp_path
):
    """What once passed every line of `ledger_check`."""
    attack(
        superuser_connection,
        "DELETE FROM treasury_leaf WHERE entry_id = %s",
        "DELETE FROM treasury_line WHERE entry_id = %s",
        "DELETE FROM treasury_entry WHERE id = %s",
        entry=ids[3],
    )
    doubled = "UPDATE treasury_line SET amount = amount * 2 WHERE entry_id = %s"
    attack(superuser_connection, doubled, LEAF_ANEW, entry=ids[0])
    words = verified("verify_ledger", exported(tmp_path, "--book", "all"))[1]
    assert words.splitlines()[:-1] == [
        f"FAULT entry {ids[0]} was changed after it was sealed",
        f"FAULT entry {ids[3]} is gone",
    ]


def test_an_export_of_one_book_tells_of_another_no_more_than_hashes(ids, tmp_path):
    file = exported(tmp_path, "--book", "paper")
    assert "live" not in file.read_text()
    code, words = verified("verify_ledger", file, seal_head(LEDGER))
    assert code == 0
    assert "6 rows in 1 batches, 1 of them by their hashes alone" in words


def test_an_entry_that_does_not_balance_is_named_whatever_its_hash_says(ids, tmp_path):
    def off_by_the_last_digit(lines):
        line = next(one for one in lines if one.get("id") == str(ids[0]))["row"]["lines"][0]
        line[3] = str(Decimal(line[3]) + Decimal("1e-18"))

    file = rewritten(exported(tmp_path, "--book", "all"), off_by_the_last_digit)
    words = verified("verify_ledger", file)[1]
    assert f"FAULT entry {ids[0]} does not sum to zero in USD" in words


def test_an_entry_that_commits_late_is_sealed_after_those_with_higher_numbers(
    ids, owner_connection
):
    draft = """[{"idem_key": "late", "kind": "test.transfer", "book": "paper", "source": "x:1",
        "event_at": "2026-01-01T00:00:00Z", "trace_id": "0123456789abcdef0123456789abcdef",
        "reverses_key": null, "note": "",
        "lines": [["Assets:Alpha", "USD", "1"], ["Income:Beta", "USD", "-1"]]}]"""
    ((late, *_),) = owner_connection.execute(
        "SELECT * FROM treasury_post(%s, 'system', '{}')", [draft]
    ).fetchall()
    later = post(drafts=[transfer("later")])[0].id
    seal_all()
    assert later > late
    owner_connection.commit()
    post(drafts=[transfer("last")])
    seal_all()
    assert late in sealed_ids("treasury")
    assert sorted(sealed_ids("treasury")) == list(
        Entry.objects.order_by("id").values_list("id", flat=True)
    )
