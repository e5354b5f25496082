"""Nobody is passed by and nothing is sealed twice, whoever commits late or seals beside."""

from itertools import pairwise

import pytest
from django.db import OperationalError, connection

from fusion_project.events.models import Event, SealBatch
from fusion_project.events.sealing import seal_batch, sealed_logs
from tests.builders.seals import Killed, killed_before, seal_all, sealed_ids
from tests.threads import run_in_threads

# A sealer waits for each older transaction of the server, so no other test may run beside these.
pytestmark = pytest.mark.long

RECORD = "SELECT events_record('incident.opened', 'x:1', '', 'system', '{}', '{}')"
EVENTS = next(log for log in sealed_logs() if log.name == "events")


def all_ids() -> list[int]:
    return list(Event.objects.order_by("id").values_list("id", flat=True))


def floor() -> int:
    return (
        SealBatch.objects.filter(log="events").order_by("-n").values_list("floor_id", flat=True)[0]
    )


def test_an_event_that_commits_late_is_sealed_after_those_with_higher_numbers(
    committed_db, owner_connection, happen
) -> None:
    happen()
    late = owner_connection.execute(RECORD).fetchone()[0]
    later = happen()
    seal_all()
    assert later > late
    assert late not in sealed_ids("events")
    owner_connection.commit()
    happen()
    seal_all()
    assert sorted(sealed_ids("events")) == all_ids()
    assert late in all_ids()


def test_what_began_before_an_open_transaction_is_sealed_meanwhile(
    committed_db, owner_connection, happen
) -> None:
    """And no floor rises above the open one, however often the sealer runs."""
    early = happen()
    late = owner_connection.execute(RECORD).fetchone()[0]
    for _ in range(3):
        happen()
        seal_all()
    assert sealed_ids("events") == [early]
    assert floor() < late


def test_the_floor_rises_behind_what_is_over_so_that_old_rows_are_not_read_again(
    committed_db, happen
) -> None:
    first = happen()
    for _ in range(3):
        happen()
        seal_all()
    assert first <= floor() < all_ids()[-1]


def test_small_batches_pass_by_nothing_that_came_before_the_first_of_them(
    committed_db, happen
) -> None:
    """The first batch has seen all rows, so a floor that followed it would skip the last."""
    ids = [happen() for _ in range(4)]
    assert [seal_batch(EVENTS, rows_max=1) for _ in range(5)] == [1, 1, 1, 1, 0]
    assert sealed_ids("events") == ids


def test_a_late_committer_that_began_after_one_that_is_sealed_keeps_the_floor_down(
    committed_db, owner_connection, superuser_connection, happen
) -> None:
    """Its id is above the last one that was over: the trap of a snapshot's upper end."""
    superuser_connection.execute("SELECT pg_current_xact_id()")
    late = owner_connection.execute(RECORD).fetchone()[0]
    superuser_connection.execute(RECORD)
    superuser_connection.execute(RECORD)
    superuser_connection.commit()
    assert [seal_batch(EVENTS, rows_max=1) for _ in range(3)] == [1, 1, 0]
    assert floor() < late
    owner_connection.commit()
    happen()
    seal_all()
    assert sorted(sealed_ids("events")) == all_ids()


def test_a_rolled_back_event_leaves_a_gap_that_holds_up_nothing(
    committed_db, owner_connection, happen
) -> None:
    owner_connection.execute(RECORD)
    owner_connection.rollback()
    for _ in range(3):
        happen()
        seal_all()
    assert sorted(sealed_ids("events")) == all_ids()


def test_a_sealer_waits_while_another_has_rows_in_its_hands(
    committed_db, owner_connection, happen
) -> None:
    happen()
    owner_connection.execute("SELECT * FROM events_seal_next('events', 10)")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    with pytest.raises(OperationalError, match="lock timeout"):
        seal_batch(EVENTS)


def test_eight_sealers_and_writers_at_once_seal_each_event_once_in_one_chain(
    committed_db, happen
) -> None:
    def work(number: int) -> int:
        for _ in range(10):
            happen()
            seal_batch(EVENTS, rows_max=3)
        return number

    run_in_threads(8, work)
    while seal_batch(EVENTS, rows_max=7):
        pass
    assert sorted(sealed_ids("events")) == all_ids()
    batches = list(SealBatch.objects.filter(log="events").order_by("n"))
    assert [one.n for one in batches] == list(range(1, len(batches) + 1))
    assert bytes(batches[0].previous) == bytes(32)
    for before, after in pairwise(batches):
        assert bytes(after.previous) == bytes(before.hash)


@pytest.mark.parametrize("number", range(3))
def test_a_sealer_that_dies_before_any_statement_goes_on_and_seals_nothing_twice(
    committed_db, happen, number
) -> None:
    ids = [happen() for _ in range(5)]
    with pytest.raises(Killed), killed_before(number):
        sum(iter(lambda: seal_batch(EVENTS, rows_max=2), 0))
    seal_all()
    assert sealed_ids("events") == ids


def test_a_sealer_killed_after_its_rows_are_written_leaves_none_of_them(
    committed_db, superuser_connection, happen
) -> None:
    """Inside the appending function: the server ends it while it writes."""
    ids = [happen() for _ in range(5)]
    superuser_connection.execute(
        """CREATE FUNCTION public.test_only_die() RETURNS trigger
           LANGUAGE plpgsql SECURITY DEFINER AS $$
           BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
           CREATE TRIGGER die AFTER INSERT ON events_sealbatch
           FOR EACH ROW EXECUTE FUNCTION public.test_only_die()"""
    )
    superuser_connection.commit()
    with pytest.raises(Exception, match="terminating connection"):
        seal_batch(EVENTS)
    connection.close()
    superuser_connection.execute("DROP TRIGGER die ON events_sealbatch")
    superuser_connection.commit()
    assert sealed_ids("events") == []
    seal_all()
    assert sealed_ids("events") == ids
