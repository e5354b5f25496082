"""The seal refuses what is not final or is sealed, and knows the rows of other servers."""

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from fusion_project.events import merkle
from fusion_project.events.models import Event, SealBatch, SealLeaf
from fusion_project.events.periodic import periodic_run
from fusion_project.events.sealing import seal_head, seal_waits_since, sealed_logs
from fusion_project.incidents.life import seal_watch
from fusion_project.incidents.models import Incident
from tests.builders.seals import seal_all, sealed_ids

EVENTS = next(log for log in sealed_logs() if log.name == "events")
RECORD = "SELECT events_record('incident.opened', 'x:1', '', 'system', '{}', '{}')"
APPEND = "SELECT events_seal_append('events', %s, sha256('any'))"

# A sealer waits for each older transaction of the server, so no other test may run beside these.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]


def one_row(statement: str, *values: object):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def test_the_job_seals_events_under_a_root_over_their_leaves(happen) -> None:
    ids = [happen(number) for number in range(5)]
    periodic_run("events.seal")
    assert sealed_ids("events") == ids
    batch = SealBatch.objects.get(log="events")
    leaves = SealLeaf.objects.filter(log="events").order_by("position")
    assert bytes(batch.root) == merkle.root([bytes(leaf.sha256) for leaf in leaves])
    assert seal_head(EVENTS) == bytes(batch.hash).hex()


def test_nothing_new_makes_no_batch(happen) -> None:
    happen()
    seal_all()
    assert seal_all() == 0
    assert SealBatch.objects.filter(log="events").count() == 1


def test_an_event_is_stamped_with_the_server_that_wrote_it(happen) -> None:
    event = Event.objects.get(id=happen())
    assert one_row("SELECT system_identifier FROM pg_control_system()") == (event.cluster,)


def test_an_event_that_is_sealed_is_refused(happen) -> None:
    event_id = happen()
    seal_all()
    with pytest.raises(IntegrityError, match="events_sealleaf_once"):
        one_row(APPEND, [event_id])


def test_an_event_that_is_not_there_is_refused(happen) -> None:
    with pytest.raises(IntegrityError, match="1 of 2 rows of events are not final"):
        one_row(APPEND, [happen(), 10**9])


def test_an_event_that_may_be_preceded_is_refused(owner_connection, happen) -> None:
    """The function, asked past the sealer, holds the watermark itself."""
    owner_connection.execute(RECORD)
    with pytest.raises(IntegrityError, match="1 of 1 rows of events are not final"):
        one_row(APPEND, [happen()])


def test_a_batch_of_nothing_is_refused(happen) -> None:
    happen()
    with pytest.raises(IntegrityError, match="events_sealbatch_holds_rows"):
        one_row(APPEND, [])


def test_a_sealer_that_wrote_before_it_looked_lifts_no_floor(happen) -> None:
    """Between its transaction's id and its look others may have begun and be seen."""
    event_id = happen()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
        cursor.execute(APPEND, [[event_id]])
    assert SealBatch.objects.get(log="events").seen_id == 0


ATTACKS = {
    "a batch by hand": "INSERT INTO events_sealbatch SELECT * FROM events_sealbatch",
    "a leaf by hand": "INSERT INTO events_sealleaf SELECT * FROM events_sealleaf",
    "a batch changed": "UPDATE events_sealbatch SET root = sha256('x')",
    "a leaf changed": "UPDATE events_sealleaf SET sha256 = sha256('x')",
    "a batch gone": "DELETE FROM events_sealbatch",
    "leaves gone": "TRUNCATE events_sealleaf",
}


@pytest.mark.parametrize("statement", ATTACKS.values(), ids=ATTACKS)
def test_the_app_writes_no_seal_by_hand(happen, statement) -> None:
    happen()
    seal_all()
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("mode", ["origin", "replica"])
@pytest.mark.parametrize("statement", list(ATTACKS.values())[2:], ids=list(ATTACKS)[2:])
def test_no_role_changes_a_seal_while_triggers_are_on(
    happen, superuser_connection, statement, mode
) -> None:
    happen()
    seal_all()
    superuser_connection.execute(f"SET session_replication_role = {mode}")
    with pytest.raises(psycopg.errors.RestrictViolation):
        superuser_connection.execute(statement)
    superuser_connection.rollback()


def test_events_of_another_server_are_closed_whatever_their_transaction_ids(
    happen, superuser_connection
) -> None:
    """As after a dump and a restore: their ids mean nothing here, and may lie ahead."""
    foreign, own = happen(), happen()
    superuser_connection.execute("ALTER TABLE events_event DISABLE TRIGGER USER")
    ahead = "UPDATE events_event SET xid = xid + 1000000"
    superuser_connection.execute(f"{ahead}, cluster = cluster + 1 WHERE id = %s", [foreign])
    superuser_connection.execute(f"{ahead} WHERE id = %s", [own])
    superuser_connection.commit()
    seal_all()
    assert sealed_ids("events") == [foreign]


def test_a_seal_that_lags_is_an_incident_until_it_has_caught_up(
    owner_connection, happen, clock
) -> None:
    seal_watch()
    owner_connection.execute(RECORD)
    happen()
    for _ in range(7):
        clock.advance(seconds=10)
        seal_all()
        seal_watch()
    lags = Incident.objects.get(kind="seal.lags", subject="events.sealbatch:events")
    assert "has waited 70 s" in lags.note
    owner_connection.commit()
    seal_all()
    seal_watch()
    lags.refresh_from_db()
    assert lags.closed_at is not None


def test_an_outage_of_everything_is_no_lag_before_anybody_had_time_to_seal(happen, clock) -> None:
    seal_watch()
    happen()
    clock.advance(hours=2)
    seal_watch()
    assert not Incident.objects.filter(kind="seal.lags").exists()
    assert seal_waits_since(EVENTS) is not None
