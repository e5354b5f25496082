"""An entry goes out within 3 s of sending a poll that lists it under its fence, or never."""

from tests.contract.executor.rig import Rig
from tests.contract.executor.server import Bent


def test_an_entry_that_no_permit_lists_is_kept_and_not_sent(rig: Rig) -> None:
    entry = rig.server.hand_out()
    entry.is_permitted = False
    rig.seconds(10)
    assert entry.told == ["ack"]
    assert rig.fills(entry.id) == []
    entry.is_permitted = True
    rig.until(lambda: "done" in entry.told)
    assert len(rig.fills(entry.id)) == 1


def test_a_permit_for_another_fence_is_none(rig: Rig) -> None:
    entry = rig.server.hand_out()
    entry.permit_fence = 2
    rig.seconds(10)
    assert rig.fills(entry.id) == []


def test_a_permit_counts_from_the_sending_of_the_poll(rig: Rig) -> None:
    """The answer takes 3.2 s: what it permits is over when it is here."""
    entry = rig.server.hand_out()
    rig.slow("poll", 3.2)
    rig.seconds(3.4)
    entry.is_permitted = False
    rig.seconds(5)
    assert rig.fills(entry.id) == []


def test_no_server_can_make_a_permit_last_longer_than_three_seconds(rig: Rig) -> None:
    rig.server.permit_seconds = 60
    entry = rig.server.hand_out()
    rig.slow("poll", 3.2)
    rig.seconds(3.4)
    entry.is_permitted = False
    rig.seconds(5)
    assert rig.fills(entry.id) == []


def test_a_permit_that_is_gone_lets_nothing_out_later(rig: Rig) -> None:
    """The spread is too wide as long as the permit stands."""
    rig.price("1.10000", spread_points=30)
    entry = rig.server.hand_out(spread_points_max=20, needs_minor=1)
    rig.seconds(6)
    assert entry.told == ["ack"]
    entry.is_permitted = False
    rig.seconds(4)
    rig.price("1.10000")
    rig.seconds(5)
    assert rig.fills(entry.id) == []


def test_a_server_that_is_away_permits_nothing(rig: Rig) -> None:
    rig.price("1.10000", spread_points=30)
    entry = rig.server.hand_out(spread_points_max=20, needs_minor=1)
    rig.until(lambda: "ack" in entry.told)
    rig.server.bend("", Bent(status=503, body=""), times=10_000)
    rig.seconds(4)
    rig.price("1.10000")
    rig.seconds(8)
    assert rig.fills(entry.id) == []
    rig.server.straighten()
    rig.until(lambda: "done" in entry.told)


def test_what_is_listed_while_no_entries_are_allowed_is_not_sent(rig: Rig) -> None:
    rig.server.entries_allowed = False
    entry = rig.server.hand_out()
    rig.seconds(8)
    assert rig.fills(entry.id) == []
    rig.server.entries_allowed = True
    rig.until(lambda: "done" in entry.told)


def test_an_entry_whose_time_is_over_is_refused_by_the_servers_clock(rig: Rig) -> None:
    """The program's own clock is five minutes behind."""
    rig.fall_behind(300)
    rig.seconds(4)
    late = rig.server.hand_out(valid_until=rig.moment(-1))
    good = rig.server.hand_out(valid_until=rig.moment(30))
    rig.until(lambda: "done" in good.told and late.is_over)
    assert late.told[-1] in ("rejected", "never_sent")
    assert rig.fills(late.id) == []


def test_an_entry_that_waited_past_its_time_is_not_sent(rig: Rig) -> None:
    entry = rig.server.hand_out(valid_until=rig.moment(8))
    entry.is_permitted = False
    rig.seconds(10)
    entry.is_permitted = True
    rig.until(lambda: entry.is_over)
    assert rig.fills(entry.id) == []
