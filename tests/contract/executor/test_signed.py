"""Signed calls: each try anew, by the server's time where one's own clock is off."""

from collections.abc import Callable

from tests.contract.executor.rig import Rig
from tests.contract.executor.server import Bent
from tests.contract.executor.signed import Signed

SIGNING_KEY = "0f" * 32


def signed(rig_make: Callable[..., Rig]) -> Rig:
    rig = rig_make(signing_key=SIGNING_KEY)
    rig.server.signed = Signed(SIGNING_KEY)
    rig.seconds(5)
    return rig


def test_a_key_that_asks_for_it_gets_each_call_signed(rig_make: Callable[..., Rig]) -> None:
    rig = signed(rig_make)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert rig.server.signed is not None
    assert rig.server.signed.passed > 5


def test_a_call_that_is_sent_again_is_signed_anew(rig_make: Callable[..., Rig]) -> None:
    """A nonce that serves twice would be refused."""
    rig = signed(rig_make)
    rig.server.bend("", Bent(does=True, is_cut=True), times=6)
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_a_clock_that_is_minutes_off_learns_the_servers_time_and_signs(
    rig_make: Callable[..., Rig],
) -> None:
    rig = signed(rig_make)
    rig.fall_behind(300)
    polls = len(rig.server.heard("poll"))
    rig.seconds(20)
    assert len(rig.server.heard("poll")) > polls + 5
    entry = rig.server.hand_out()
    rig.until(lambda: "done" in entry.told)
