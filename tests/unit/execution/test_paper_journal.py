"""The paper executor's memory: when it began, and what it says of a time before."""

import shutil

import pytest

from execution.paper.journal import CLOSED, INTENT, LOST, RECEIVED, SENT, Journal
from execution.wire import body_of
from execution.wire.answers import HelloReply
from execution.wire.fields import Ticket
from tests.contract.execution.test_executor_schema import HELLO_ANSWER, a_time


def hello(*, last_seq=0, orders=()):
    out = [{"order_id": one, "fence": fence, "state": "leased"} for one, fence in orders]
    return body_of(
        HelloReply,
        **{**HELLO_ANSWER, "last_seq": last_seq, "orders": out, "server_time": a_time(0)},
    )


@pytest.fixture
def journal(tmp_path):
    made = Journal(tmp_path / "executor.sqlite3")
    yield made
    made.close()


def report(journal, kind="ack", count=1):
    for _ in range(count):
        with journal.changing():
            journal.report(kind, order_id=Ticket(1), fence=1)


def test_what_is_out_when_it_begins_is_lost_and_what_was_never_handed_out_is_not(journal):
    journal.begin(hello(orders=[("1", 2), ("2", 0)]))
    assert journal.order(1).state == LOST
    assert journal.order(2) is None


def test_it_begins_once(journal):
    journal.begin(hello())
    since = journal.value("since")
    journal.begin(hello(orders=[("1", 2)]))
    assert journal.value("since") == since
    assert journal.order(1) is None


@pytest.mark.parametrize("state", [RECEIVED, CLOSED, INTENT, SENT])
def test_a_journal_from_a_backup_is_not_believed_in_what_it_calls_unsent(tmp_path, state):
    journal = Journal(tmp_path / "executor.sqlite3")
    journal.begin(hello())
    with journal.changing():
        told = "never_sent" if state == CLOSED else ""
        journal.order_put(1, 1, state, told=told)
    report(journal, count=3)
    journal.close()
    shutil.copy(tmp_path / "executor.sqlite3", tmp_path / "backup.sqlite3")
    backup = Journal(tmp_path / "backup.sqlite3")
    backup.begin(hello(last_seq=9, orders=[("1", 1)]))
    unsure = state in (RECEIVED, CLOSED)
    assert backup.order(1).state == (LOST if unsure else state)
    backup.close()


def test_what_a_backup_has_to_tell_gets_numbers_that_the_server_has_not_heard(journal):
    journal.begin(hello())
    report(journal, count=3)
    with journal.changing():
        journal.mark_sent(1)
    journal.begin(hello(last_seq=9))
    assert list(journal.unsent(10)) == [10, 11]
    report(journal)
    assert list(journal.unsent(10)) == [10, 11, 12]
    bodies = journal.unsent(10).values()
    assert all(f'"report_id":"{journal.instance}-1' in one for one in bodies)


def test_a_gap_is_told_again_and_what_was_refused_leaves_a_notice(journal):
    report(journal, count=4)
    with journal.changing():
        for seq in range(1, 5):
            journal.mark_sent(seq, "not_taken" if seq == 2 else "")
        journal.gap_close(1, 3, notices=True)
    told = journal.unsent(10)
    assert [('"notice"' in body) for body in told.values()] == [False, True, False]
    assert list(told) == [1, 2, 3]


def test_a_server_that_reads_no_notices_gets_none(journal):
    report(journal, count=2)
    with journal.changing():
        journal.mark_sent(1, "not_taken")
        journal.gap_close(1, 1, notices=False)
    assert list(journal.unsent(10)) == [2]
