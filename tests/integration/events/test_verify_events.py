"""`verify_events.py` names what a superuser with triggers off did to sealed events."""

import ast
import json

import pytest
from django.db import transaction

from fusion_project.events.log import record
from fusion_project.events.sealing import seal_batch, seal_head, sealed_logs
from tests.builders.seals import VERIFIERS, exported, rewritten, seal_all, verified

# A sealer waits for each older transaction of the server, so no other test may run beside these.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]

EVENTS = next(log for log in sealed_logs() if log.name == "events")


@pytest.fixture
def ids(happen) -> list[int]:
    """Seven events of odd words, one with links, in batches of three."""
    made = [happen(number) for number in range(6)]
    with transaction.atomic():
        made.append(
            record(
                "incident.opened",
                subject="x:1",
                trace_id="",
                actor="system",
                detail={"kind": 'é "quoted"\n\u2028😀'},
                links=["f" * 32, "a" * 32],
            )
        )
    while seal_batch(EVENTS, rows_max=3):
        pass
    return made


def attack(superuser, statement: str, *values: object) -> None:
    """What no role of the product can do."""
    with superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        for table in ("events_event", "events_eventlink", "events_sealleaf", "events_sealbatch"):
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        superuser.execute(statement, values)


def test_an_untouched_log_passes_against_every_digest_that_was_kept(ids, happen, tmp_path):
    kept = seal_head(EVENTS)
    happen()
    seal_all()
    happen()
    code, words = verified("verify_events", exported(tmp_path), kept, seal_head(EVENTS))
    assert (code, words.splitlines()[0]) == (
        0,
        "ok: 8 rows in 4 batches; 1 newer ones are not sealed yet",
    )
    assert seal_head(EVENTS) in words


ONE_BYTE = {
    "detail": "detail = overlay(detail placing 'X' from 3 for 1)",
    "actor": "actor = 'user:1'",
    "time": "at = at + interval '1 microsecond'",
    "subject": "subject = 'incidents.incident:9'",
    "trace": "trace_id = '0' || repeat('a', 31)",
    "name": "name = 'incident.closed'",
}


@pytest.mark.parametrize("change", ONE_BYTE.values(), ids=ONE_BYTE)
def test_a_changed_event_is_named_by_its_id_and_no_other(
    ids, superuser_connection, tmp_path, change
):
    attack(superuser_connection, f"UPDATE events_event SET {change} WHERE id = %s", ids[4])
    code, words = verified("verify_events", exported(tmp_path))
    assert code == 1
    assert words.splitlines()[:-1] == [f"FAULT event {ids[4]} was changed after it was sealed"]


def test_a_link_that_was_added_later_is_named(ids, superuser_connection, tmp_path):
    statement = "INSERT INTO events_eventlink (event_id, trace_id) VALUES (%s, repeat('c', 32))"
    attack(superuser_connection, statement, ids[0])
    assert f"event {ids[0]} was changed" in verified("verify_events", exported(tmp_path))[1]


def test_an_event_that_was_deleted_is_named(ids, superuser_connection, tmp_path):
    attack(superuser_connection, "DELETE FROM events_event WHERE id = %s", ids[2])
    code, words = verified("verify_events", exported(tmp_path))
    assert (code, words.splitlines()[0]) == (1, f"FAULT event {ids[2]} is gone")


def test_an_event_put_into_the_sealed_past_is_named(ids, superuser_connection, happen, tmp_path):
    attack(superuser_connection, "DELETE FROM events_eventlink")
    attack(superuser_connection, "DELETE FROM events_event WHERE id = %s", ids[6])
    attack(superuser_connection, "UPDATE events_event SET id = %s WHERE id = %s", -1, ids[6])
    again = "INSERT INTO events_event (id, at, name, subject, trace_id, actor, detail)"
    attack(
        superuser_connection,
        f"{again} VALUES (0, events_now(), 'order.filled', 'x:1', '', 'system', '{{}}')",
    )
    for _ in range(2):
        happen()
        seal_batch(EVENTS)
    code, words = verified("verify_events", exported(tmp_path))
    assert code == 1
    assert "FAULT event 0 was put in after all up to" in words


def test_a_seal_made_anew_agrees_with_itself_and_not_with_a_kept_digest(
    ids, superuser_connection, tmp_path
):
    kept = seal_head(EVENTS)
    attack(superuser_connection, "UPDATE events_event SET actor = 'user:1' WHERE id = %s", ids[0])
    attack(superuser_connection, "TRUNCATE events_sealleaf, events_sealbatch")
    seal_all()
    assert verified("verify_events", exported(tmp_path))[0] == 0
    code, words = verified("verify_events", exported(tmp_path), kept)
    assert (code, words.splitlines()[0]) == (
        1,
        f"FAULT no batch has the hash {kept}: what was sealed by then was changed",
    )


LEAF = "UPDATE events_sealleaf SET sha256 = sha256('x') WHERE n = 2 AND position = 1"
SEAL_ATTACKS = {
    LEAF: "batch 2: its root does not follow from its hashes",
    "DELETE FROM events_sealleaf WHERE n = 2 AND position = 1": "batch 2 has 2 rows, not 3",
    "DELETE FROM events_sealbatch WHERE n = 2": "batch 3 stands where batch 2 should",
    "UPDATE events_sealbatch SET sealed_at = sealed_at - interval '1 s' WHERE n = 2": (
        "batch 2: its hash does not follow from what it holds"
    ),
    "UPDATE events_sealbatch SET previous = sha256('x') WHERE n = 2": (
        "batch 2 does not hold the hash of the one before"
    ),
}


@pytest.mark.parametrize("statement", SEAL_ATTACKS)
def test_a_seal_that_was_touched_is_named_by_its_batch(
    ids, superuser_connection, tmp_path, statement
):
    attack(superuser_connection, statement)
    code, words = verified("verify_events", exported(tmp_path))
    assert code == 1
    assert f"FAULT {SEAL_ATTACKS[statement]}" in words.splitlines()


FILES = {
    "cut off": (lambda lines: lines.pop(), "the file breaks off before its end"),
    "without its last batch": (
        lambda lines: lines.__delitem__(slice(-3, -1)),
        "batches are missing at the end",
    ),
    "without its first batch line": (
        lambda lines: lines.pop(1),
        "3 rows stand before the first batch",
    ),
    "longer": (lambda lines: lines.append(lines[-1]), "the file goes on after its end"),
    "with a row twice": (lambda lines: lines.insert(2, lines[2]), "is sealed twice"),
}


@pytest.mark.parametrize(("change", "fault"), FILES.values(), ids=FILES)
def test_a_file_that_was_touched_is_refused(ids, tmp_path, change, fault):
    code, words = verified("verify_events", rewritten(exported(tmp_path), change))
    assert code == 1
    assert fault in words


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": "df.seal_export.v1", "log": "treasury"}', "\x00", "{"]
)
def test_what_is_no_export_is_said_to_be_none(tmp_path, text):
    file = tmp_path / "other"
    file.write_text(text)
    code, words = verified("verify_events", file)
    assert code == 2
    assert "is no export of events" in words


def test_nothing_sealed_yet_is_said_and_no_fault(happen, tmp_path):
    happen()
    code, words = verified("verify_events", exported(tmp_path))
    assert (code, words.splitlines()[0]) == (
        0,
        "ok: 0 rows in 0 batches; 1 newer ones are not sealed yet",
    )


def test_an_export_that_cannot_be_written_is_said_and_leaves_nothing(ids, tmp_path):
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="cannot be written"):
        exported(tmp_path / "not-there")
    assert list(tmp_path.iterdir()) == []


def test_each_line_of_an_export_is_json_of_its_own(ids, tmp_path):
    lines = exported(tmp_path).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    assert [*(json.loads(line) for line in lines)][-1]["end"] is True


def test_the_verifiers_share_their_reading_word_for_word_and_import_the_library_alone():
    texts = [file.read_text() for file in sorted(VERIFIERS.glob("verify_*.py"))]
    shared = {text.partition("# What follows is the same, word for word")[2] for text in texts}
    assert len(texts) == 2
    assert len(shared) == 1
    for text in texts:
        imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import)]
        names = {alias.name for node in imports for alias in node.names}
        assert names == {"argparse", "hashlib", "json", "sys"}
        assert not [one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.ImportFrom)]
