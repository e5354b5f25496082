"""The one table of times in force."""

import pytest

from execution.rules.minors import SINCE_MINOR, needs_minor
from execution.rules.tif import TIF_MODES, expiration_of, filling_next, tif_rests
from execution.wire.answers import LeasedOrder
from execution.wire.fields import API_MINOR
from signals.intents.checks import TIFS
from signals.intents.legs import TIFS_AT_ONCE


def test_the_table_knows_every_time_in_force_that_an_alert_may_say():
    assert set(TIF_MODES) == set(TIFS)
    assert {tif for tif in TIF_MODES if not tif_rests(tif)} == set(TIFS_AT_ONCE)


@pytest.mark.parametrize("tif", TIFS_AT_ONCE)
def test_after_10030_what_is_at_once_never_becomes_something_else(tif):
    assert filling_next(tif) == tif
    assert filling_next(tif, [tif]) == ""
    with pytest.raises(ValueError):
        expiration_of(tif)


def test_what_rests_tries_each_filling_once():
    refused = []
    while filling := filling_next("day", refused):
        refused.append(filling)
    assert refused == ["fok", "ioc", "return"]


def test_gtd_never_becomes_until_the_end_of_the_day():
    assert TIF_MODES["gtd"].expirations == ("specified",)


def test_every_column_since_a_minor_is_a_member_of_the_order_on_the_wire():
    assert set(SINCE_MINOR) <= set(LeasedOrder.__struct_fields__)
    assert max(SINCE_MINOR.values()) <= API_MINOR


@pytest.mark.parametrize("name", SINCE_MINOR)
def test_a_member_that_says_something_raises_what_the_order_needs(name):
    assert needs_minor(dict.fromkeys(SINCE_MINOR) | {"tif": ""}) == 0
    assert needs_minor({name: 0}) == SINCE_MINOR[name]
