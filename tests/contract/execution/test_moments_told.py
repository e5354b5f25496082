"""Each deal is put into UTC by its own offset; a moment that cannot be counts nowhere."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from execution.models import BrokerAccount, Deal, Position
from execution.services.resolving import deal_release
from fusion_project.events.clock import now
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, msc, state
from treasury.models import DealPosting
from treasury.services.deals import deals_post

pytestmark = pytest.mark.django_db
SUMMER, WINTER = 10_800, 7_200


@pytest.fixture
def ea():
    return Scripted(desk_make())


IMPOSSIBLE = [
    lambda moment: msc(moment) // 1000,
    lambda moment: 0,
    lambda moment: msc(moment - timedelta(days=365 * 20)),
    lambda moment: msc(moment + timedelta(hours=3)),
    lambda moment: msc(moment + timedelta(days=365)),
]


@pytest.mark.parametrize("told", IMPOSSIBLE)
def test_a_moment_that_cannot_be_is_held_and_told(ea, told):
    order = ea.takes(ea.desk.stage())
    verdict = ea.deals(order, time_msc=told(now()))
    assert (verdict["verdict"], verdict["reason"]) == ("stored", "deal_held_moment")
    deal = Deal.objects.get()
    assert (deal.held_for, deal.order_id) == ("moment", None)
    assert (state(order), Position.objects.count()) == ("acknowledged", 0)
    assert kinds_open() == {"deal.held"}


@pytest.mark.parametrize("told", IMPOSSIBLE)
def test_a_position_is_not_left_half_folded(ea, told):
    position = ea.opens()
    before = (position.fold_revision, position.volume_open_lots, position.net)
    ea.stops(position, time_msc=told(now()), profit="-50")
    position.refresh_from_db()
    assert (position.fold_revision, position.volume_open_lots, position.net) == before
    assert position.is_open


def test_what_is_told_anew_with_the_right_time_counts(ea):
    position = ea.opens()
    deal = ea.deal_of(
        kind="sell",
        entry="out",
        position_ticket=str(position.position_ticket),
        volume_lots="0.10",
        profit="-50",
    )
    ea.says("deal", deal={**deal, "time_msc": deal["time_msc"] // 1000})
    assert kinds_open() == {"deal.held"}
    assert ea.says("deal", deal=deal)["applied"]
    position.refresh_from_db()
    assert (position.is_open, position.net) == (False, -50)
    assert kinds_open() == set()


def test_a_held_deal_is_in_no_ledger_until_it_counts(ea):
    deal = ea.deal_of(profit="-50")
    ea.says("deal", deal={**deal, "time_msc": 5})
    deals_post(deal_ids=[Deal.objects.get().pk])
    assert DealPosting.objects.get().state == "quarantined"
    ea.says("deal", deal=deal)
    deals_post(deal_ids=[Deal.objects.latest("id").pk])
    assert list(DealPosting.objects.order_by("deal_id").values_list("state", flat=True)) == [
        "nothing",
        "posted",
    ]


def test_a_person_lets_a_held_deal_count_with_the_time_that_it_had(ea, staff):
    order = ea.takes(ea.desk.stage())
    deal = ea.deal_of(order, time_msc=7)
    ea.says("deal", deal=deal)
    at = now().isoformat()
    command = ["deal_release", deal["ticket"], "--account", ea.desk.account.login, "--at", at]
    with pytest.raises(CommandError, match="note"):
        call_command(*command, "--as", staff)
    call_command(*command, "--as", staff, "--note", "seen in the statement")
    assert (state(order), kinds_open()) == ("filled", set())
    with pytest.raises(CommandError, match="not held"):
        call_command(*command, "--as", staff, "--note", "again")


def test_a_person_says_whose_an_orphan_is(ea, staff):
    order = ea.takes(ea.desk.stage())
    deal = ea.deal_of(order, magic="998")
    ea.says("deal", deal=deal)
    command = ["deal_release", deal["ticket"], "--account", ea.desk.account.login, "--as", staff]
    call_command(*command, "--order", str(order.id), "--note", "the broker cut its number off")
    assert (state(order), kinds_open()) == ("filled", set())
    assert Position.objects.get().order_id == order.id


def test_an_orphan_of_somebody_else_counts_for_the_account_and_so_does_what_follows(ea, staff):
    ea.deals(magic="998", position_ticket="70")
    deal = Deal.objects.get()
    deal_release(account_id=deal.account_id, ticket=deal.ticket, actor="user:1", note="a copier")
    assert Position.objects.get().strategy_id is None
    assert kinds_open() == set()
    ea.deals(kind="sell", entry="out", magic="998", position_ticket="70")
    assert not Position.objects.get().is_open
    assert kinds_open() == set()


def offset_told(ea, moment, offset, **changes):
    """A deal of this moment, told now in broker time of this offset."""
    time_msc = msc(moment) + offset * 1000
    ea.deals(time_msc=time_msc, broker_offset_seconds=offset, **changes)
    return Deal.objects.latest("id")


def test_the_offset_goes_with_each_deal(ea):
    moment = now()
    assert abs(offset_told(ea, moment, SUMMER).at - moment) < timedelta(milliseconds=2)
    assert abs(offset_told(ea, moment, WINTER).at - moment) < timedelta(milliseconds=2)


def offline_over_the_change(ea, clock):
    """Summer time ended at 01:00 UTC on 2026-10-25; the terminal comes back on Monday."""
    clock.set(datetime(2026, 10, 23, 12, tzinfo=UTC))
    offset_told(ea, now(), SUMMER)
    clock.set(datetime(2026, 10, 26, 9, tzinfo=UTC))
    friday = datetime(2026, 10, 23, 20, tzinfo=UTC)
    # A terminal knows today's offset alone.
    ea.deals(time_msc=msc(friday) + SUMMER * 1000, broker_offset_seconds=WINTER)
    return friday, Deal.objects.latest("id")


def test_over_a_change_of_clocks_the_brokers_zone_decides(ea, clock, staff):
    call_command("broker_clock", "Europe/Athens", "--account", ea.desk.account.login, "--as", staff)
    friday, deal = offline_over_the_change(ea, clock)
    assert (deal.at, deal.at_is_sure) == (friday, True)


def test_without_a_zone_what_is_unsure_is_marked(ea, clock):
    _, deal = offline_over_the_change(ea, clock)
    assert (deal.at_is_sure, deal.held_for) == (False, "")


def test_without_a_change_of_clocks_a_late_deal_is_sure(ea, clock):
    clock.set(datetime(2026, 10, 12, 12, tzinfo=UTC))
    offset_told(ea, now(), SUMMER)
    clock.set(datetime(2026, 10, 15, 12, tzinfo=UTC))
    deal = offset_told(ea, datetime(2026, 10, 13, 9, tzinfo=UTC), SUMMER)
    assert deal.at_is_sure


def test_a_zone_that_is_none_is_refused(ea, staff):
    for zone in ("Mars/Base", "EET+2", "+02:00"):
        with pytest.raises(CommandError):
            call_command("broker_clock", zone, "--account", ea.desk.account.login, "--as", staff)
    assert BrokerAccount.objects.get().broker_zone == ""


def test_deals_of_one_position_are_folded_by_utc(ea):
    """Under the terminal's old offset the close stands an hour before the opening."""
    moment = now()
    order = ea.takes(ea.desk.stage())
    at = {"position_ticket": "700"}
    ea.deals(order, time_msc=msc(moment) + SUMMER * 1000, broker_offset_seconds=SUMMER, **at)
    ea.deals(
        kind="sell",
        entry="out",
        time_msc=msc(moment) + 1 + WINTER * 1000,
        broker_offset_seconds=WINTER,
        **at,
    )
    position = Position.objects.get()
    assert (position.is_open, position.volume_closed_lots) == (False, Decimal("0.1"))
    assert not is_halted(ea.desk)
