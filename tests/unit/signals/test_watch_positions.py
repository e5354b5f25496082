"""Continuity of positions, as rules: breaks, overtaking, sizes, and what cannot be told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.watch.positions import CHAIN_MAX, Link, arranged, continuity, fits
from signals.watch.words import Between, lost_note, repair
from tests.unit.signals.dialects.reading import read

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
STATES = ("flat", "long", "short")


def link(
    number: int,
    before: str,
    after: str,
    *,
    seconds: float | None = None,
    sizes: tuple[str, str] | None = None,
) -> Link:
    at = START + timedelta(seconds=60 * number if seconds is None else seconds)
    return Link(
        alert_id=number,
        received_at=at,
        before=frozenset(before.split()),
        after=frozenset(after.split()),
        before_size=Decimal(sizes[0]) if sizes else None,
        after_size=Decimal(sizes[1]) if sizes else None,
    )


def gaps(*links: Link) -> list[tuple[int, int]]:
    return [(one.earlier.alert_id, one.later.alert_id) for one in continuity(links).gaps]


def test_a_chain_without_loss_holds() -> None:
    chain = [link(1, "flat", "long"), link(2, "long", "flat"), link(3, "flat short", "short")]
    assert gaps(*chain) == []
    assert continuity(chain).holds is True


def test_a_lost_exit_breaks_the_chain_between_its_neighbours() -> None:
    chain = [link(1, "flat", "long"), link(3, "flat short", "short")]
    assert gaps(*chain) == [(1, 3)]
    assert continuity(chain).holds is False


def test_a_later_alert_that_fits_makes_the_chain_hold_again() -> None:
    chain = [link(1, "flat", "long"), link(3, "flat", "short"), link(4, "short", "flat")]
    assert gaps(*chain) == [(1, 3)]
    assert continuity(chain).holds is True


def test_a_lost_part_shows_in_the_size_alone() -> None:
    first = link(1, "flat", "long", sizes=("0", "3"))
    assert fits(first, link(2, "long", "flat", sizes=("2", "0"))) is False
    assert fits(first, link(2, "long", "flat", sizes=("3.0000001", "0"))) is True
    assert fits(first, link(2, "long", "flat")) is True


def test_a_position_that_its_stop_may_have_closed_leaves_both_possible() -> None:
    entry = link(1, "flat", "long flat")
    assert fits(entry, link(2, "flat short", "short")) is True
    assert fits(entry, link(2, "long", "flat")) is True
    assert fits(entry, link(2, "short", "flat")) is False


def test_nothing_is_held_against_an_alert_after_one_that_told_nothing() -> None:
    chain = [link(1, "flat", "long"), link(2, "", ""), link(3, "flat", "short")]
    assert gaps(*chain) == []
    assert continuity(chain).holds is None


def test_alerts_that_overtook_each_other_are_put_back() -> None:
    first = link(1, "flat", "long", seconds=0)
    entry = link(2, "flat short", "short", seconds=60)
    resent_exit = link(3, "long", "flat", seconds=65)
    assert [one.alert_id for one in arranged([entry, first, resent_exit])] == [1, 3, 2]
    assert gaps(first, entry, resent_exit) == []
    too_late = link(3, "long", "flat", seconds=90)
    assert gaps(first, entry, too_late) != []


def test_alerts_of_one_second_change_places_only_where_that_leaves_fewer_breaks() -> None:
    chain = [
        link(1, "flat", "long", seconds=0),
        link(2, "short", "flat", seconds=1),
        link(3, "flat long", "long", seconds=2),
    ]
    assert gaps(*chain) == [(1, 2)]
    assert continuity(chain).holds is True


def test_at_a_cut_off_start_overtaking_is_no_break() -> None:
    cut = [link(1, "flat short", "short", seconds=0), link(2, "long", "flat", seconds=5)]
    rest = [link(n, "flat", "flat", seconds=60 * n) for n in range(3, CHAIN_MAX + 1)]
    assert gaps(*cut) == [(1, 2)]
    assert gaps(*cut, *rest) == []


walks = st.lists(st.sampled_from(STATES), min_size=2, max_size=CHAIN_MAX - 1).map(
    lambda states: [
        link(number, before, after) for number, (before, after) in enumerate(pairwise(states))
    ]
)


@given(walks, st.randoms(use_true_random=False))
def test_a_walk_without_loss_holds_in_whatever_order_it_is_looked_at(chain, random) -> None:
    shuffled = list(chain)
    random.shuffle(shuffled)
    found = continuity(shuffled)
    assert found.gaps == ()
    assert arranged(shuffled) == chain
    assert found.holds is (True if len(chain) > 1 else None)


@given(walks, st.data())
def test_a_lost_alert_that_changed_the_position_leaves_one_break(chain, data) -> None:
    inner = [n for n in range(1, len(chain) - 1) if chain[n].before != chain[n].after]
    if not inner:
        return
    lost = data.draw(st.sampled_from(inner))
    assert gaps(*chain[:lost], *chain[lost + 1 :]) == [(lost - 1, lost + 1)]


@pytest.mark.parametrize(
    ("earlier", "later", "words"),
    [
        (link(1, "", "flat"), link(2, "long", "flat"), "nothing to close"),
        (link(1, "", "long"), link(2, "flat", "short"), "close what the long position of alert 1"),
        (
            link(1, "", "long", sizes=("0", "3")),
            link(2, "long", "flat", sizes=("2", "0")),
            "close the surplus of 1 units",
        ),
        (
            link(1, "", "short", sizes=("0", "-1")),
            link(2, "short", "flat", sizes=("-2.5", "0")),
            "do not add late",
        ),
    ],
)
def test_the_repair_never_adds_risk(earlier: Link, later: Link, words: str) -> None:
    assert words in repair(earlier, later)


def test_the_note_names_both_alerts_and_what_was_refused() -> None:
    broken = continuity([link(12, "", "flat"), link(15, "long", "flat")]).gaps[0]
    note = lost_note("trend", "EURUSD", broken, Between(2, "stale", 1, "same_intent"))
    for part in ("lost between alert 12", "and alert 15", "2 message(s)", "stale", "Safe repair"):
        assert part in note
    assert "never arrived" in lost_note("trend", "EURUSD", broken, Between())


TOLD = [
    ("T: order buy @ 1 filled on BTCUSDT. New strategy position is 1", "flat", "long", ("0", "1")),
    ("T: order sell @ 2 filled on NQ1!. New strategy position is -1", "long", "short", ("1", "-1")),
    ("T: order sell @ 1 filled on NQ1!. New strategy position is 3", "long", "long", ("4", "3")),
    ('{"ticker": "SQ", "action": "sell", "sentiment": "flat"}', "long", "flat", None),
    ('{"ticker": "SQ", "action": "sell", "sentiment": "bearish"}', "", "short", None),
    (
        '{"symbol": "EURUSD", "side": "buy", "market_position": "long",'
        ' "prev_market_position": "short", "prev_market_position_size": 2}',
        "short",
        "long",
        None,
    ),
    ('{"symbol": "EURUSD", "side": "buy"}', None, None, None),
    ('{"ticker": "SQ", "action": "exit"}', None, None, None),
    ("60123456789,buy,EURUSD,vol_lots=1", None, None, None),
]


@pytest.mark.parametrize(("body", "before", "after", "sizes"), TOLD)
def test_a_dialect_tells_the_position_it_names(body, before, after, sizes) -> None:
    told = read(body).position
    if before is None:
        assert told is None
        return
    assert (told.before, told.after) == (frozenset(before.split()), {after})
    if sizes is not None:
        assert (told.before_size, told.after_size) == tuple(map(Decimal, sizes))
