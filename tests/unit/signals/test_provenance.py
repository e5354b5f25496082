"""Grades, TradingView's certificate, and who the peer is."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.intake.peers import is_in_networks, is_trusted_proxy, limit_key, peer_address
from signals.intake.provenance import (
    FACTORS,
    GRADES,
    certificate_holds,
    grade_of,
    grade_reaches,
    provenance_text,
)

PROXIES = ["10.0.0.0/8"]
GOOD_SUBJECT = r"CN=TradingView Webhooks,OU=x,O=TradingView\, Inc.,L=Westerville,ST=Ohio,C=US"


@pytest.mark.parametrize(
    ("held", "fresh", "stale"),
    [
        ("signature", "A", "C"),
        ("signature secret peer certificate", "A", "C"),
        ("secret certificate", "A", "C"),
        ("secret peer certificate", "A", "C"),
        ("secret peer", "B", "C"),
        ("secret", "C", "D"),
        ("peer certificate", "D", "D"),
        ("", "D", "D"),
    ],
)
def test_the_grade_follows_the_table(held: str, fresh: str, stale: str) -> None:
    assert grade_of({*held.split(), "fresh"}) == fresh
    assert grade_of(set(held.split())) == stale


def test_more_that_holds_never_lowers_the_grade() -> None:
    for size in range(len(FACTORS)):
        for held in itertools.combinations(FACTORS, size):
            for one in FACTORS:
                assert grade_of({*held, one}) <= grade_of(held)


def test_a_grade_reaches_itself_and_what_is_below() -> None:
    for one, other in itertools.product(GRADES, GRADES):
        assert grade_reaches(one, other) == (GRADES.index(one) <= GRADES.index(other))
    assert not grade_reaches("", "D")
    assert not grade_reaches("A", "")
    assert not grade_reaches("@", "D")


def test_what_held_is_told_in_one_order() -> None:
    assert provenance_text({"fresh", "peer", "secret"}) == "secret peer fresh"
    assert provenance_text(()) == ""


@pytest.mark.parametrize(
    "subject",
    [
        GOOD_SUBJECT,
        'CN=webhook-server@tradingview.com, O="TradingView, Inc.", C=US',
        r"C=US,ST=Ohio,L=Westerville,O=TradingView\, Inc.,CN=TradingView Webhooks",
    ],
)
def test_tradingviews_certificate_holds_in_its_known_forms(subject: str) -> None:
    assert certificate_holds(subject, "SUCCESS")


@pytest.mark.parametrize(
    ("subject", "verified"),
    [
        (GOOD_SUBJECT, "NONE"),
        (GOOD_SUBJECT, "FAILED:self-signed certificate"),
        (GOOD_SUBJECT, ""),
        ("", "SUCCESS"),
        (r"CN=TradingView Webhooks,O=Evil\, Inc.", "SUCCESS"),
        (r"CN=evil,O=TradingView\, Inc.", "SUCCESS"),
        ("CN=TradingView Webhooks", "SUCCESS"),
        (r"CN=x\,O=TradingView\, Inc.\,CN=TradingView Webhooks", "SUCCESS"),
        (GOOD_SUBJECT + ",O=Evil", "SUCCESS"),
        (GOOD_SUBJECT + ",CN=evil", "SUCCESS"),
        (GOOD_SUBJECT + ",", "SUCCESS"),
        (GOOD_SUBJECT + ";x", "SUCCESS"),
        (GOOD_SUBJECT + '"', "SUCCESS"),
        (GOOD_SUBJECT + ",OU=" + "x" * 2000, "SUCCESS"),
        ("/C=US/O=TradingView, Inc./CN=TradingView Webhooks", "SUCCESS"),
    ],
)
def test_any_other_certificate_does_not_hold(subject: str, verified: str) -> None:
    assert not certificate_holds(subject, verified)


@given(st.text(), st.sampled_from(["SUCCESS", "", "NONE"]))
def test_no_subject_raises(subject: str, verified: str) -> None:
    assert not certificate_holds(subject, verified)


def _random_forwarded(chance: random.Random) -> str:
    parts = [
        "52.89.214.238",
        "127.0.0.1",
        "10.0.0.1",
        "::1",
        "unknown",
        "",
        "1.2.3.4:80",
        "é",
        "\0",
    ]
    return ",".join(
        chance.choice(parts) + chance.choice(["", " ", "  "])
        for _ in range(chance.randrange(0, 12))
    )


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_thousand_forged_headers_do_not_change_who_the_peer_is(count: int) -> None:
    chance = random.Random(count)
    for _ in range(1000):
        forged = _random_forwarded(chance)
        chain = ["203.0.113.7", *(f"10.0.0.{number}" for number in range(2, count + 1))]
        seen = ", ".join([forged, *chain] if forged else chain)
        assert peer_address("10.0.0.9", seen, count, PROXIES) == "203.0.113.7"
        # Without a proxy, or past it, the header is not read at all.
        assert peer_address("203.0.113.7", forged, count, PROXIES) == "203.0.113.7"
        assert peer_address("10.0.0.9", forged, 0, PROXIES) == "10.0.0.9"


def test_proxies_are_trusted_by_address_and_count() -> None:
    assert is_trusted_proxy("10.1.2.3", 1, PROXIES)
    assert not is_trusted_proxy("10.1.2.3", 0, PROXIES)
    assert not is_trusted_proxy("203.0.113.7", 1, PROXIES)
    assert not is_trusted_proxy("", 1, PROXIES)


def test_an_address_is_found_in_networks_of_either_kind() -> None:
    assert is_in_networks("52.89.214.238", ["52.89.214.238"])
    assert is_in_networks("::ffff:52.89.214.238", ["52.89.214.238"])
    assert is_in_networks("2001:db8::1", ["10.0.0.0/8", "2001:db8::/32"])
    assert not is_in_networks("52.89.214.239", ["52.89.214.238"])
    assert not is_in_networks("nonsense", ["0.0.0.0/0"])


def test_a_limit_counts_an_ipv4_address_and_an_ipv6_network() -> None:
    assert limit_key("203.0.113.7") == "203.0.113.7"
    assert limit_key("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert limit_key("2001:db8:1:2::") == limit_key("2001:db8:1:2:ffff::1")
    assert limit_key("::ffff:203.0.113.7") == "203.0.113.7"
    assert limit_key("") == limit_key("nonsense") == ""


@pytest.mark.parametrize("zone", ["eth0", "z" * 500, "\0", "\u202e", "a%b"])
def test_an_address_is_read_without_its_zone(zone: str) -> None:
    assert peer_address(f"fe80::1%{zone}", "", 0, PROXIES) == "fe80::1"
    assert peer_address("10.0.0.9", f"fe80::1%{zone}", 1, PROXIES) == "fe80::1"
    assert limit_key(f"fe80::1%{zone}") == "fe80::/64"
    assert is_in_networks(f"fe80::1%{zone}", ["fe80::/10"])
