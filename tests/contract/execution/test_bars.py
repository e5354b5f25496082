"""Bars that an executor tells, over HTTP."""

import pytest

from signals.models import Bar
from tests.builders.execution import desk_make
from tests.contract.execution.calls import post

pytestmark = pytest.mark.django_db
BAR = {
    "time_msc": 1_772_452_800_000,
    "open": "1.10010",
    "high": "1.10090",
    "low": "1.09980",
    "close": "1.10055",
    "volume": 1830,
}


@pytest.fixture
def desk():
    return desk_make()


def tell(desk, *bars, **changes):
    body = {
        "instance": "ea-1",
        "symbol": "EURUSD",
        "timeframe_seconds": 900,
        "broker_offset_seconds": 7200,
        "bars": list(bars),
        **changes,
    }
    return post(desk, "bars", body)


def counts(answer):
    assert answer.status_code == 200
    return tuple(answer.json()[name] for name in ("added", "revised", "known"))


def later(number, **changes):
    return {**BAR, "time_msc": BAR["time_msc"] + number * 900_000, **changes}


def test_bars_are_kept_once_in_utc_and_one_told_otherwise_is_a_revision(desk):
    assert counts(tell(desk, BAR, later(1))) == (2, 0, 0)
    assert counts(tell(desk, BAR, later(1), later(2))) == (1, 0, 2)
    assert counts(tell(desk, later(1, close="1.10060"))) == (0, 1, 0)
    first = Bar.objects.order_by("open_at", "revision").first()
    assert first.feed == f"executor:{desk.account.id}"
    assert first.open_at.isoformat() == "2026-03-02T10:00:00+00:00"
    assert Bar.objects.count() == 4


@pytest.mark.parametrize(
    ("bars", "code"),
    [
        ([later(1), BAR], "bars_refused"),
        ([{**BAR, "high": "1.0"}], "bars_refused"),
        ([{**BAR, "time_msc": 4_000_000_000_000}], "bars_refused"),
        ([{**BAR, "open": "-1", "low": "-2"}], "bars_refused"),
        ([], "body_unreadable"),
        ([later(number) for number in range(501)], "body_unreadable"),
        ([{**BAR, "open": 1.1}], "body_unreadable"),
        ([{**BAR, "volume": -1}], "body_unreadable"),
        ([{**BAR, "spread": 1}], "body_unreadable"),
    ],
)
def test_bars_that_cannot_be_are_refused_whole(desk, bars, code):
    answer = tell(desk, *bars)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Bar.objects.exists()


def test_a_copy_of_the_executor_tells_no_bars(desk):
    assert post(desk, "poll", {"instance": "ea-1", "boot_nonce": "a"}).status_code == 200
    assert tell(desk, BAR, boot_nonce="b").status_code == 409
