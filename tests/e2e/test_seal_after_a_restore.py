"""A dump is restored into another server: sealing goes on there, and no old entry takes a line."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection, connections
from psycopg.conninfo import conninfo_to_dict

from fusion_project.events.models import Event, SealBatch
from fusion_project.events.sealing import seal_head, sealed_logs
from fusion_project.local.servers.pg_install import bin_folder_find
from fusion_project.local.servers.postgres import EmbeddedPostgres
from tests import database
from tests.builders.seals import exported, seal_all, sealed_ids, verified
from tests.builders.treasury import ledger_start
from tests.factories.treasury import transfer
from treasury.models import Entry
from treasury.services.ledger import post

# A sealer waits for each older transaction of the server, so no other test may run beside these.
pytestmark = pytest.mark.long

LATE_LINES = """
    INSERT INTO treasury_line (entry_id, n, account_id, currency_id, amount)
        SELECT %s, 10 + n, account_id, currency_id, amount FROM treasury_line WHERE entry_id = %s"""


@contextmanager
def connected_to(server: EmbeddedPostgres) -> Iterator[None]:
    """Everything here, the verifier's database included, goes to the other server."""
    settings = connections["default"].settings_dict
    kept = {name: settings[name] for name in ("NAME", "HOST", "PORT", "PASSWORD")}
    theirs = conninfo_to_dict(server.url("fusion_app"))
    connections["default"].close()
    settings |= {
        "NAME": theirs["dbname"],
        "HOST": theirs["host"],
        "PORT": theirs["port"],
        "PASSWORD": theirs["password"],
    }
    try:
        yield
    finally:
        connections["default"].close()
        settings |= kept


@pytest.fixture
def moved(django_db_setup, django_db_blocker, tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """Another server with a whole dump of a ledger that is partly sealed."""
    with django_db_blocker.unblock():
        name = database.migrated_create()
        with database.pointed_at(name):
            ledger_start()
            seal_all()
            post(drafts=[transfer("not sealed yet")])
            url = os.environ["FUSION_TEST_SUPERUSER_URL"].rpartition("/")[0]
            dump = subprocess.run(
                [bin_folder_find() / "pg_dump", f"--dbname={url}/{name}"],
                capture_output=True,
                check=True,
            ).stdout
        database.clone_drop(name)
        with EmbeddedPostgres(tmp_path / "other", durable=False) as server:
            psql = [bin_folder_find() / "psql", "-q", "-1", "-v", "ON_ERROR_STOP=1"]
            subprocess.run(
                [*psql, "-d", server.superuser_url("fusion")],
                input=dump,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            with connected_to(server):
                yield server


def test_a_restored_ledger_is_sealed_on_and_its_entries_take_no_lines(moved, tmp_path):
    clusters = set(Event.objects.values_list("cluster", flat=True))
    here = psycopg.connect(moved.url("fusion_owner"))
    (cluster,) = here.execute("SELECT events_cluster()").fetchone()
    assert len(clusters) == 1
    assert cluster not in clusters

    heads = {log.name: seal_head(log) for log in sealed_logs()}
    assert all(heads.values())
    assert seal_all() > 0
    post(drafts=[transfer("of the other server")])
    assert seal_all() > 0
    for log, model in (("events", Event), ("treasury", Entry)):
        assert sorted(sealed_ids(log)) == sorted(model.objects.values_list("id", flat=True))
        assert SealBatch.objects.filter(log=log).count() == 3

    events = verified("verify_events", exported(tmp_path), heads["events"])
    assert events[0] == 0, events
    ledger = verified("verify_ledger", exported(tmp_path, "--book", "all"), heads["treasury"])
    assert ledger[0] == 0, ledger

    first = Entry.objects.order_by("id").first()
    # The dump brought a transaction id that means nothing here; even the very same takes no line.
    with pytest.raises(psycopg.errors.CheckViolation, match="written by another transaction"):
        here.execute(LATE_LINES, [first.pk, first.pk])
    here.rollback()
    assert connection.settings_dict["PORT"] == str(moved.port)


def test_an_entry_of_another_server_takes_no_line_even_under_its_own_transaction_id(moved):
    """Ids are given anew on the other server, and one day this one comes again."""
    with psycopg.connect(moved.superuser_url("fusion")) as superuser:
        superuser.execute("ALTER TABLE treasury_entry DISABLE TRIGGER USER")
        superuser.execute("UPDATE treasury_entry SET xid = pg_current_xact_id()")
        superuser.execute("ALTER TABLE treasury_entry ENABLE TRIGGER USER")
        superuser.execute("SAVEPOINT before")
        (entry,) = superuser.execute("SELECT min(id) FROM treasury_entry").fetchone()
        with pytest.raises(psycopg.errors.CheckViolation, match="written by another transaction"):
            superuser.execute(LATE_LINES, [entry, entry])
        superuser.execute("ROLLBACK TO before")


def test_a_byte_that_is_changed_on_the_other_server_is_named_by_both_verifiers(moved, tmp_path):
    """Sealed over there, before the dump; the digest that was kept then names it here."""
    heads = {log.name: seal_head(log) for log in sealed_logs()}
    seal_all()
    event, entry = Event.objects.order_by("id").first(), Entry.objects.order_by("id").first()
    with psycopg.connect(moved.superuser_url("fusion")) as superuser:
        superuser.execute("ALTER TABLE events_event DISABLE TRIGGER ALL")
        superuser.execute("ALTER TABLE treasury_entry DISABLE TRIGGER ALL")
        superuser.execute(
            "UPDATE events_event SET detail = overlay(detail placing 'X' from 3 for 1)"
            " WHERE id = %s",
            [event.pk],
        )
        superuser.execute(
            "UPDATE treasury_entry SET source = overlay(source placing 'X' from 3 for 1)"
            " WHERE id = %s",
            [entry.pk],
        )
    code, words = verified("verify_events", exported(tmp_path), heads["events"])
    assert (code, words.splitlines()[0]) == (
        1,
        f"FAULT event {event.pk} was changed after it was sealed",
    )
    code, words = verified("verify_ledger", exported(tmp_path, "--book", "all"), heads["treasury"])
    assert (code, words.splitlines()[0]) == (
        1,
        f"FAULT entry {entry.pk} was changed after it was sealed",
    )
