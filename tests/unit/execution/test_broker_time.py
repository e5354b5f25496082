"""A broker's clock, put into UTC."""

from datetime import UTC, datetime, timedelta

import pytest

from execution.rules.broker_time import (
    BrokerZone,
    DealMoment,
    deal_moment,
    utc_of_broker,
    why_it_cannot_be,
)
from execution.rules.sessions import session_opening

HOUR = 3_600
ATHENS = BrokerZone.read("Europe/Athens")


def local_msc(*parts):
    """Milliseconds of what the broker's clock shows."""
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "summer", "winter"),
    [
        ("Europe/Athens", 3, 2),
        ("America/New_York +7 h", 3, 2),
        ("UTC", 0, 0),
        ("Etc/GMT-3", 3, 3),
    ],
)
def test_zones_know_their_offsets(text, summer, winter):
    zone = BrokerZone.read(text)
    assert zone.offsets_at(local_msc(2026, 7, 1)) == (summer * HOUR,)
    assert zone.offsets_at(local_msc(2026, 1, 10)) == (winter * HOUR,)
    assert zone.offset_at_utc(datetime(2026, 7, 1, tzinfo=UTC)) == summer * HOUR


def test_new_york_changes_its_clocks_on_other_days_than_athens():
    between = local_msc(2026, 3, 16, 12)
    assert BrokerZone.read("America/New_York +7 h").offsets_at(between) == (3 * HOUR,)
    assert ATHENS.offsets_at(between) == (2 * HOUR,)


@pytest.mark.parametrize("text", ["", "+02:00", "Mars/Base", "Europe/Athens + 7", "../etc/passwd"])
def test_what_is_no_zone_is_refused(text):
    with pytest.raises(ValueError, match="zone"):
        BrokerZone.read(text)


def moment(time_msc, told, *, days=3, zone=None, before=None):
    received = utc_of_broker(time_msc, told) + timedelta(days=days)
    return deal_moment(
        time_msc=time_msc,
        told_seconds=told,
        received_at=received,
        zone=zone,
        before_seconds=before,
    )


def test_the_zone_corrects_what_a_terminal_cannot_know():
    assert moment(local_msc(2026, 7, 1), 2 * HOUR, zone=ATHENS) == DealMoment(3 * HOUR)


def test_in_the_hour_that_comes_twice_the_told_offset_decides():
    twice = local_msc(2026, 10, 25, 3, 30)
    assert moment(twice, 2 * HOUR, zone=ATHENS) == DealMoment(2 * HOUR)
    assert moment(twice, 3 * HOUR, zone=ATHENS) == DealMoment(3 * HOUR)
    assert moment(twice, 0, zone=ATHENS) == DealMoment(3 * HOUR, is_sure=False)


def test_without_a_zone_what_is_told_at_once_is_sure():
    assert moment(local_msc(2026, 7, 1), 3 * HOUR, days=0) == DealMoment(3 * HOUR)


def test_without_a_zone_two_equal_offsets_around_it_are_sure():
    assert moment(local_msc(2026, 7, 1), 3 * HOUR, before=3 * HOUR) == DealMoment(3 * HOUR)
    for before in (None, 2 * HOUR):
        found = moment(local_msc(2026, 7, 1), 3 * HOUR, before=before)
        assert found == DealMoment(3 * HOUR, is_sure=False)


def test_an_offset_that_puts_a_deal_into_the_future_gives_way_to_the_last_one_known():
    time_msc = local_msc(2026, 7, 1, 15)
    found = deal_moment(
        time_msc=time_msc,
        told_seconds=0,
        received_at=datetime(2026, 7, 1, 12, tzinfo=UTC),
        before_seconds=3 * HOUR,
    )
    assert found == DealMoment(3 * HOUR, is_sure=False)


@pytest.mark.parametrize(
    ("at", "is_odd"),
    [
        (datetime(1970, 1, 21, tzinfo=UTC), True),
        (datetime(2009, 12, 31, tzinfo=UTC), True),
        (datetime(2012, 1, 1, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 12, 4, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 12, 6, tzinfo=UTC), True),
        (datetime(2099, 1, 1, tzinfo=UTC), True),
    ],
)
def test_moments_that_cannot_be(at, is_odd):
    received = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert bool(why_it_cannot_be(at, received_at=received)) is is_odd


WEEK = [{"day": day, "from_seconds": HOUR, "to_seconds": 23 * HOUR} for day in range(1, 6)]


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        # Broker time is two hours ahead.
        (datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 2, 12, tzinfo=UTC)),
        (datetime(2026, 3, 2, 22, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC)),
        (datetime(2026, 3, 6, 22, tzinfo=UTC), datetime(2026, 3, 8, 23, tzinfo=UTC)),
    ],
)
def test_the_next_opening_by_the_sheets_sessions(at, opens):
    assert session_opening(WEEK, at=at, offset_seconds=2 * HOUR) == opens


def test_a_symbol_without_sessions_never_opens():
    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert session_opening([], at=at, offset_seconds=0) is None
