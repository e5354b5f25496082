"""Who an executor says it is, how far each side reads, and who may hold the account."""

from collections.abc import Callable

import pytest

from execution.wire.fields import API_MINOR
from tests.contract.executor.members import hello_beyond
from tests.contract.executor.rig import Rig
from tests.contract.executor.server import Bent


def test_the_first_hello_says_what_any_server_reads_and_the_next_one_all(rig: Rig) -> None:
    first, second = rig.server.heard("hello")[:2]
    assert hello_beyond(first) == set()
    assert first["api_minor"] == API_MINOR
    assert first["symbols"][0]["symbol"] == "EURUSD"
    assert hello_beyond(second) >= {"trade_mode", "currency_digits"}


@pytest.mark.parametrize("minor", [0, 1])
def test_a_server_of_an_older_minor_is_told_no_member_that_it_does_not_know(
    rig_make: Callable[..., Rig], minor: int
) -> None:
    """Whatever it tells is compared with the minor's members at the end of each case."""
    rig = rig_make(minor=minor)
    entry = rig.server.hand_out(tp="1.20000")
    resting = rig.server.hand_out(order_type="limit", limit_price="1.09500")
    rig.until(lambda: "done" in entry.told and "working" in resting.told)
    rig.price("1.08900")
    rig.seconds(5)
    assert len(rig.server.heard("heartbeat")) > 1
    assert {one.entry for one in rig.server.deals().values()} >= {"in", "out"}


def test_an_order_that_needs_a_later_minor_waits_for_no_old_server_and_is_traded(
    rig_make: Callable[..., Rig],
) -> None:
    """What an executor reads does not depend on how much it may tell."""
    rig = rig_make(minor=1)
    entry = rig.server.hand_out(needs_minor=1, tif="ioc")
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_each_run_has_a_nonce_of_its_own_and_one_lasting_name(rig: Rig) -> None:
    rig.restart()
    hellos = rig.server.heard("hello")
    assert len({one["boot_nonce"] for one in hellos}) == 2
    assert len({one["instance"] for one in hellos}) == 1
    polls = rig.server.heard("poll")
    assert {one["boot_nonce"] for one in polls} == {one["boot_nonce"] for one in hellos}


def test_whoever_is_told_409_asks_again_and_gets_in_once_the_other_is_silent(rig: Rig) -> None:
    conflict = Bent.error(409, "instance_conflict", "another run holds the account")
    rig.server.bend("poll", conflict)
    rig.server.bend("hello", conflict, times=2)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "key_refused"), (403, "scope_missing"), (409, "account_mismatch")],
)
def test_whoever_is_refused_trades_nothing_and_goes_on_asking(
    rig: Rig, status: int, code: str
) -> None:
    entry = rig.server.hand_out()
    rig.server.bend("", Bent.error(status, code), times=10_000)
    rig.seconds(15)
    assert rig.fills(entry.id) == []
    assert len(rig.server.calls) < 60, "a server that refuses is not hammered"
    rig.server.straighten()
    rig.until(lambda: "done" in entry.told)
