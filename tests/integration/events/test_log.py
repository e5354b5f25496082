"""The log is append-only for everybody, and its record commits with its fact or not at all."""

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from fusion_project.events import names
from fusion_project.events.clock import now
from fusion_project.events.log import record
from fusion_project.events.models import Event, EventLink, Handling

TRACE = "0" * 31 + "1"


def _record(**changes: object) -> int:
    facts = {
        "subject": "incidents.incident:1",
        "trace_id": TRACE,
        "actor": "system",
        "detail": {"kind": "test"},
    } | changes
    return record(names.INCIDENT_OPENED, **facts)  # type: ignore[arg-type]


@pytest.mark.django_db
class TestRecord:
    def test_an_event_carries_its_canonical_detail_and_the_database_time(self) -> None:
        before = now()
        event = Event.objects.get(id=_record(detail={"b": 1, "a": "é"}))
        assert event.detail == '{"a":"é","b":1}'
        assert before <= event.at <= now()

    def test_a_name_that_is_not_listed_is_refused(self) -> None:
        with pytest.raises(ValueError, match="unknown event name"):
            record("incident.dreamt", subject="x:1", trace_id="", actor="system", detail={})

    def test_a_malformed_trace_id_is_refused_by_the_table(self) -> None:
        with pytest.raises(IntegrityError, match="events_event_trace_form"), transaction.atomic():
            _record(trace_id="not-a-trace")

    def test_links_name_further_traces_once(self) -> None:
        other = "f" * 32
        event_id = _record(links=[other, other, TRACE])
        assert list(EventLink.objects.filter(event_id=event_id).values_list("trace_id")) == [
            (other,)
        ]

    def test_a_rolled_back_fact_leaves_no_event(self) -> None:
        with transaction.atomic():
            _record()
            transaction.set_rollback(True)
        assert not Event.objects.filter(trace_id=TRACE).exists()

    def test_parked_handlings_are_owed_to_incidents(self) -> None:
        event_id = record(
            names.HANDLING_PARKED,
            subject="events.handling:1",
            trace_id="",
            actor="system",
            detail={"handler": "x.y", "event_id": 1, "error": "e"},
        )
        assert Handling.objects.get(event_id=event_id).handler == "incidents.open_parked"


def test_record_outside_a_transaction_is_refused(committed_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        _record()


ATTACKS = {
    "update": "UPDATE events_event SET actor = 'x'",
    "delete": "DELETE FROM events_event",
    "truncate": "TRUNCATE events_event CASCADE",
    "update of a link": "UPDATE events_eventlink SET trace_id = repeat('a', 32)",
    "delete of a link": "DELETE FROM events_eventlink",
    "delete of a handling": "DELETE FROM events_handling",
    "truncate of handlings": "TRUNCATE events_handling",
}


class TestAppendOnly:
    @pytest.fixture
    def filled(self, committed_db: None) -> None:
        with transaction.atomic():
            _record(links=["f" * 32])
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT events_record('alert.received', 'x:1', '', 'system', '{}', '{a.b}')"
                )

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_the_owner_is_refused(
        self, filled: None, owner_connection: psycopg.Connection, attack: str
    ) -> None:
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner_connection.execute(ATTACKS[attack])

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_a_superuser_in_replica_mode_is_refused(
        self, filled: None, superuser_connection: psycopg.Connection, attack: str
    ) -> None:
        superuser_connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.RestrictViolation):
            superuser_connection.execute(ATTACKS[attack])

    @pytest.mark.parametrize("attack", ATTACKS)
    def test_the_app_has_no_right_to_try(self, filled: None, attack: str) -> None:
        with pytest.raises(Exception, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(ATTACKS[attack])

    def test_the_orm_is_refused(self, filled: None) -> None:
        event = Event.objects.order_by("id").first()
        assert event is not None
        event.actor = "someone else"
        with pytest.raises(Exception, match="permission denied"):
            event.save()
        with pytest.raises(Exception, match="permission denied"):
            EventLink.objects.all().delete()

    def test_a_done_handling_stays_done(
        self, filled: None, owner_connection: psycopg.Connection
    ) -> None:
        owner_connection.execute("UPDATE events_handling SET done_at = now(), due_at = NULL")
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner_connection.execute("UPDATE events_handling SET done_at = NULL")

    @pytest.mark.parametrize("attempts", [0, 3])
    def test_the_fence_is_never_lowered_and_goes_up_by_one(
        self, filled: None, owner_connection: psycopg.Connection, attempts: int
    ) -> None:
        owner_connection.execute("UPDATE events_handling SET attempts = 1")
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner_connection.execute("UPDATE events_handling SET attempts = %s", [attempts])
