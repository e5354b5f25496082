"""A few random runs of the Expert Advisor under faults; `make ea-fuzz` makes a thousand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mql5.host.broker import Row, Truth
from tests.e2e.ea.fuzz.running import run_seed
from tests.e2e.ea.fuzz.serving import Desk, Leave
from tests.e2e.ea.fuzz.watching import Watch
from tests.integration.mql5.hosting import NEEDS_COMPILER


@NEEDS_COMPILER
@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 6))
def test_a_run_under_random_faults_ends_with_all_sides_agreeing(
    committed_db: None, ea_binary: Path, seed: int
) -> None:
    outcome = run_seed(seed, ea_binary)
    assert outcome.faults == (), outcome.log


@NEEDS_COMPILER
@pytest.mark.long
def test_a_seed_repeats_exactly(committed_db: None, ea_binary: Path) -> None:
    assert run_seed(7, ea_binary).trace == run_seed(7, ea_binary).trace


class _Entries:
    """Stands for the bench where only its entries are asked for."""

    entry_magics = frozenset({"7"})


Judged = Callable[..., list[str]]


@pytest.fixture
def judged() -> Judged:
    """What the judge says of requests for entry 7, with a poll that listed it at 0 ms."""

    def judge(*requests: Row) -> list[str]:
        watch = Watch(Desk(leaves=[Leave(0, frozenset({"7"}))]))
        watch.bench = _Entries()  # type: ignore[assignment]
        watch.judge_requests(Truth({"send_ms": "10"}, [], [], [], [], [], list(requests)))
        return watch.faults

    return judge


def _asked(at_ms: int, retcode: int, magic: str = "7") -> Row:
    row = {"action": "deal", "position": "0", "magic": magic}
    return {**row, "at_ms": str(at_ms), "retcode": str(retcode)}


def test_an_entry_may_be_asked_again_only_where_nothing_was_done(judged: Judged) -> None:
    assert judged(_asked(110, 10004), _asked(500, 10009)) == []
    for code in (10008, 10009, 10006, 10011, 10012, 10031, 10099):
        assert judged(_asked(110, code), _asked(500, 10009)) == [
            f"entry 7 was sent again after {code}"
        ]


def test_an_entry_has_three_seconds_from_the_sending_of_its_poll(judged: Judged) -> None:
    assert judged(_asked(3010, 10009)) == []
    assert judged(_asked(3011, 10009)) == ["entry 7 was sent at 3011 without a permit"]


def test_what_is_no_entry_is_not_sent_as_one(judged: Judged) -> None:
    assert "an entry was sent for 8, which is no entry" in judged(_asked(110, 10009, "8"))
