"""Nothing is paid out of step with its chain: services say so, and the database to everybody."""

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from fusion_project.text.canonical import canonical_json
from tests import database
from tests.builders.chain import (
    distribution,
    drifted,
    frozen,
    live_bound,
    seen,
    stale,
    unknown,
)
from tests.builders.intents import intended, lagging
from tests.builders.treasury import ledger_accounts_make
from tests.factories.treasury import TRACE, draft_of
from tokens.selectors.chain import chains_unready
from treasury.errors import EntryHeldBack
from treasury.models import Entry
from treasury.rules.drafts import draft_as_json
from treasury.services.gates import distribution_hindrances
from treasury.services.ledger import post

# Each way of not being in step, and what is said of it.
HELD = {
    "lagging": (lagging, "DCT is lagging: 1 open"),
    "unknown": (unknown, "DCT is unknown: the node answers 500"),
    "drift": (drifted, "DCT is drift: unexplained"),
    "frozen": (frozen, "DCT is frozen: unexplained"),
    "stale": (stale, "DCT was last seen 20"),
    "never read": (lambda bound: bound, "DCT is unknown: not read yet"),
}
ENTRY = f"""
    INSERT INTO treasury_entry (idem_key, request_sha256, kind, book, event_at, recorded_at,
        source, trace_id, note, xid, cluster)
    VALUES (%s, repeat('0', 64), %s, 'live', now(), now(), 's', '{TRACE}', '', '1', 1)"""
POST = "SELECT was_created FROM treasury_post(%s, 'system', '{}')"


@pytest.fixture
def accounts():
    ledger_accounts_make("Equity:Retained", "Liabilities:Pool:Reward", book="live")
    ledger_accounts_make("Equity:Retained", "Liabilities:Pool:Reward", book="paper")


def as_app(statement: str, values: list[str]):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def as_owner(statement: str, values: list[str]):
    with database.owner_connect() as owner:
        return owner.execute(statement, values).fetchone()


ROLES = {"app": as_app, "owner": as_owner}


@pytest.mark.django_db
@pytest.mark.parametrize("how", HELD)
def test_a_distribution_waits_until_the_chain_is_green_and_fresh(accounts, how):
    make, words = HELD[how]
    make(live_bound())
    with pytest.raises(EntryHeldBack, match=words), transaction.atomic():
        post(drafts=[distribution()])
    assert not Entry.objects.filter(kind="distribution").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("how", HELD)
def test_who_proposes_a_distribution_is_told_so_before_anybody_confirms(accounts, how):
    make, words = HELD[how]
    make(live_bound())
    (told,) = [one for one in distribution_hindrances(book="live") if one.startswith("DCT")]
    assert told.startswith(words)
    assert chains_unready(book="paper") == []
    assert not any("DCT" in one for one in distribution_hindrances(book="paper"))


@pytest.mark.django_db
def test_it_is_posted_where_the_chain_is_green_and_fresh(accounts):
    seen(live_bound())
    assert chains_unready(book="live") == []
    assert post(drafts=[distribution()])[0].created


@pytest.mark.django_db
def test_the_chain_of_one_book_holds_back_no_other_and_none_without_a_binding(accounts):
    frozen(live_bound())
    assert post(drafts=[distribution("dist:paper:2026-03:1", "paper")])[0].created


@pytest.mark.django_db
def test_what_is_no_payout_goes_on_while_the_chain_is_frozen(accounts):
    frozen(live_bound())
    lines = ("Equity:Retained", "USD", "10"), ("Liabilities:Pool:Reward", "USD", "-10")
    assert post(drafts=[draft_of("k", *lines, book="live", kind="deal")])[0].created


@pytest.mark.django_db
def test_an_intent_that_was_opened_since_the_last_look_holds_it_back_too(accounts):
    bound = seen(live_bound())
    intended()
    bound.refresh_from_db()
    assert bound.state == "green"
    assert chains_unready(book="live") == ["DCT waits for an open intent"]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("how", HELD)
def test_raw_sql_of_either_role_cannot_post_it(committed_db, accounts, role, how):
    """Two people want it, to the last digit: only the chain stands in its way."""
    make, words = HELD[how]
    make(live_bound())
    draft = canonical_json([draft_as_json(distribution())])
    with pytest.raises((IntegrityError, psycopg.IntegrityError), match=f"held back: {words}"):
        ROLES[role](POST, [draft])
    assert not Entry.objects.filter(kind="distribution").exists()


@pytest.mark.parametrize("role", ROLES)
def test_the_same_statement_posts_it_while_the_chain_is_green(committed_db, accounts, role):
    seen(live_bound())
    draft = canonical_json([draft_as_json(distribution())])
    assert ROLES[role](POST, [draft]) == (True,)


@pytest.mark.parametrize(
    ("how", "key", "kind"),
    [
        *((how, "x", "distribution") for how in HELD),
        ("unknown", "dist:live:1", "any"),
        ("unknown", "y", "token.mint"),
        ("unknown", "z", "token.burn"),
        ("lagging", "intent:999", "token.burn"),
    ],
)
def test_the_owner_cannot_write_the_row_and_the_app_no_row_at_all(committed_db, how, key, kind):
    make, words = HELD[how]
    make(live_bound())
    with pytest.raises(psycopg.errors.CheckViolation, match=f"held back: {words}"):
        as_owner(ENTRY, [key, kind])
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_app(ENTRY, [key, kind])


def test_a_superuser_in_replica_mode_cannot_either(committed_db, superuser_connection):
    frozen(live_bound())
    superuser_connection.execute("SET session_replication_role = replica")
    with pytest.raises(psycopg.errors.CheckViolation, match="held back"):
        superuser_connection.execute(ENTRY, ["x", "distribution"])
