"""One event alone, shown to be in the sealed log to somebody who may not see the rest."""

import pytest
from django.core.management import CommandError

from fusion_project.events.sealing import seal_batch, seal_head, sealed_logs
from tests.builders.seals import exported, rewritten, seal_all, verified

# A sealer waits for each older transaction of the server, so no other test may run beside these.
pytestmark = [pytest.mark.long, pytest.mark.usefixtures("committed_db")]

EVENTS = next(log for log in sealed_logs() if log.name == "events")


@pytest.fixture
def ids(happen) -> list[int]:
    """Seven events in batches of five and two."""
    made = [happen(number) for number in range(7)]
    while seal_batch(EVENTS, rows_max=5):
        pass
    return made


def test_each_event_is_proved_against_every_digest_kept_since(ids, happen, tmp_path):
    kept = seal_head(EVENTS)
    happen()
    seal_all()
    for one in ids:
        file = exported(tmp_path, "--proof", str(one))
        code, words = verified("verify_events", file, kept, seal_head(EVENTS))
        assert code == 0, words
        assert words.startswith(f"ok: event {one} is as it was sealed")
        assert file.read_text().count('"row"') == 1


def _other_leaf(lines):
    lines[1]["row"]["actor"] = "user:1"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (_other_leaf, "was changed after it was sealed"),
        (lambda x: x[1].update(place="3"), "does not lead to the root"),
        (lambda x: x[1].update(place="99"), "does not lead to the root"),
        (lambda x: x[1]["beside"].pop(), "does not lead to the root"),
        (lambda x: x[1]["beside"].append("00" * 32), "does not lead to the root"),
        (lambda x: x[2].update(root="00" * 32), "does not lead to the root"),
        (lambda x: x[3].update(previous="00" * 32), "does not follow the one before"),
        (lambda x: x[3].update(sealed_at="1"), "its hash does not follow"),
        (lambda x: x.pop(3), "batches are missing"),
        (lambda x: x[1].update(row=None), "is gone"),
    ],
)
def test_a_proof_that_was_touched_is_refused(ids, tmp_path, change, fault):
    file = rewritten(exported(tmp_path, "--proof", str(ids[1])), change)
    code, words = verified("verify_events", file, seal_head(EVENTS))
    assert code == 1
    assert fault in words


def test_a_digest_that_the_chain_lacks_is_a_fault(ids, tmp_path):
    file = exported(tmp_path, "--proof", str(ids[0]))
    code, words = verified("verify_events", file, "ab" * 32)
    assert (code, "no batch has the hash" in words) == (1, True)


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_proof_that_breaks_off_is_none(ids, tmp_path, lines):
    file = exported(tmp_path, "--proof", str(ids[0]))
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:lines]))
    assert verified("verify_events", file)[0] in (1, 2)


def test_what_is_not_sealed_has_no_proof_and_leaves_no_file(ids, happen, tmp_path):
    newer = happen()
    with pytest.raises(CommandError, match=f"no sealed row {newer}"):
        exported(tmp_path, "--proof", str(newer))
    assert list(tmp_path.iterdir()) == []


def test_no_proof_is_made_of_hashes_that_do_not_give_the_root(ids, tmp_path, superuser_connection):
    superuser = superuser_connection
    with superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute("ALTER TABLE events_sealleaf DISABLE TRIGGER ALL")
        superuser.execute(
            "UPDATE events_sealleaf SET sha256 = sha256(sha256) WHERE row_id = %s", [ids[2]]
        )
    with pytest.raises(CommandError, match="does not follow"):
        exported(tmp_path, "--proof", str(ids[0]))
