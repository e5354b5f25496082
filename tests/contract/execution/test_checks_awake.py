"""No check falls asleep: what cannot be compared for half a minute is a difference."""

from datetime import timedelta

import pytest

from execution.models import Deal, Report
from execution.services.reconciling import account_reconcile
from fusion_project.events.clock import now
from fusion_project.incidents.models import Incident
from fusion_project.incidents.services import incident_close
from tests.builders.execution import desk_make
from tests.contract.execution.scripted import Scripted, is_halted, kinds_open, msc
from treasury.models import AccountCheck
from treasury.services.control import account_check
from treasury.services.deals import deals_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def ea(db, clock):
    clock.set(now())
    return Scripted(desk_make())


def compared(ea, clock, *, seconds, **beat):
    """Heartbeats every ten seconds, each compared by both checks; returns the last results."""
    account_id = ea.desk.account.id
    results = None
    for _ in range(seconds // 10):
        ea.beat(**beat)
        deals_post(deal_ids=list(Deal.objects.values_list("id", flat=True)))
        checks = {one.kind: one for one in account_check(account_id=account_id)}
        results = account_reconcile(account_id=account_id), checks.get("cash")
        clock.advance(seconds=10)
    return results


def red(ea, clock, **beat):
    """Neither is said before half a minute, both are red after it."""
    positions, cash = compared(ea, clock, seconds=30, **beat)
    assert (positions, cash) == (None, None)
    positions, cash = compared(ea, clock, seconds=30, **beat)
    assert positions is False
    assert cash is not None
    assert not cash.agrees
    assert is_halted(ea.desk)
    assert {"positions.differ", "cash.differs"} <= kinds_open()


def deposited(ea):
    ea.deals(kind="balance", entry="", position_ticket="0", volume_lots="0", profit="10000")


def test_two_sides_that_agree_are_green(ea, clock):
    deposited(ea)
    positions, cash = compared(ea, clock, seconds=60)
    assert (positions, cash.agrees, kinds_open()) == (True, True, set())


def test_deals_that_come_between_heartbeat_and_look_make_nobody_blind(ea, clock):
    deposited(ea)
    for _ in range(9):
        ea.beat()
        clock.advance(seconds=5)
        ea.deals(kind="balance", entry="", position_ticket="0", volume_lots="0", profit="1")
        assert account_reconcile(account_id=ea.desk.account.id) is None
        clock.advance(seconds=5)
    assert not is_halted(ea.desk)
    ea.beat()
    assert account_reconcile(account_id=ea.desk.account.id) is True


def test_a_watermark_always_ahead_of_our_deals_is_red(ea, clock):
    deposited(ea)
    ahead = {"time_msc": msc(now() + timedelta(days=1)), "ticket": "999999"}
    red(ea, clock, watermark=ahead)


def test_a_deal_dated_a_year_ahead_switches_nothing_off(ea, clock):
    deposited(ea)
    ea.deals(time_msc=msc(now() + timedelta(days=365)), profit="7")
    red(ea, clock)


def test_a_deal_that_never_comes_is_red(ea, clock):
    deposited(ea)
    lost = ea.deal_of()
    mark = {"time_msc": lost["time_msc"], "ticket": lost["ticket"]}
    red(ea, clock, watermark=mark)


def test_a_quarantined_deal_is_red(ea, clock):
    deposited(ea)
    ea.deals(kind="a_kind_of_tomorrow", entry="", volume_lots="0", position_ticket="0", profit="5")
    positions, cash = compared(ea, clock, seconds=60)
    assert positions is True
    assert not cash.agrees
    check = AccountCheck.objects.get(kind="cash")
    assert check.note.startswith("not in the ledger")
    assert "books.differ" not in kinds_open()
    assert "cash.differs" in kinds_open()


def test_a_gap_in_the_reports_is_red_until_it_is_told_or_explained(ea, clock):
    deposited(ea)
    missing = ea.report("deal", deal=ea.deal_of(kind="balance", entry="", profit="0"))
    order = ea.desk.stage()
    ea.poll()
    ea.says("ack", order)
    assert compared(ea, clock, seconds=30)[0] is True
    assert compared(ea, clock, seconds=60)[0] is False
    assert {"reports.missing", "positions.differ"} <= kinds_open()
    note = {"note": "the outbox was lost; nothing is missing", "actor": "user:1"}
    incident = Incident.objects.get(kind="reports.missing", closed_at=None)
    incident_close(incident_id=incident.pk, **note)
    assert compared(ea, clock, seconds=10)[0] is True
    ea.tell(missing)
    assert Report.objects.filter(seq=missing["seq"]).exists()


@pytest.mark.parametrize(
    "changes",
    [{"price": "1e9"}, {"volume_lots": "-1"}, {"time_msc": "5"}, {"surprise": 1}, {"kind": 7}],
)
def test_a_refused_report_of_a_deal_is_an_incident_for_staff(ea, changes):
    assert ea.deals(**changes)["verdict"] == "refused"
    assert kinds_open() == {"report.refused"}


def test_another_refused_report_is_its_executors_business(ea):
    assert ea.tell({"report_id": "x", "seq": 1, "kind": "dance"})[0]["verdict"] == "refused"
    assert kinds_open() == set()
