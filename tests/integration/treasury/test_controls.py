"""Control sums: ledger cash against the broker's balance, and deals that were never posted."""

import datetime as dt
from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Deal
from fusion_project.incidents.models import Incident
from tests.builders.treasury import broker_account_make, deal_make, deposit_make
from tests.factories.treasury import MOMENT
from treasury.models import AccountCheck
from treasury.periodic import check_accounts, check_completeness
from treasury.selectors.completeness import deals_without_posting
from treasury.services.deals import deals_post

pytestmark = pytest.mark.django_db


def heartbeat(account: BrokerAccount, balance: str, *, minute: int) -> None:
    newest = Deal.objects.filter(account=account).order_by("-time_msc", "-ticket").first()
    BrokerAccount.objects.filter(id=account.pk).update(
        balance=Decimal(balance),
        heartbeat_at=MOMENT + dt.timedelta(minutes=minute),
        watermark_time_msc=newest.time_msc if newest else 0,
        watermark_ticket=newest.ticket if newest else 0,
    )


@pytest.fixture
def account():
    made = broker_account_make()
    deposit_make(made)
    deal_make(made)
    deals_post(deal_ids=list(Deal.objects.values_list("id", flat=True)))
    return made


def test_cash_that_agrees_is_noted(account):
    heartbeat(account, "10011.80", minute=1)
    check_accounts()
    check = AccountCheck.objects.get(kind="cash")
    assert check.agrees
    assert check.ours == Decimal("10011.80")
    assert not Incident.objects.exists()


def test_two_differing_heartbeats_in_a_row_open_an_incident(account):
    heartbeat(account, "10011.81", minute=1)
    check_accounts()
    check_accounts()
    assert not Incident.objects.exists()
    heartbeat(account, "10011.81", minute=2)
    check_accounts()
    assert Incident.objects.get(closed_at=None).kind == "cash.differs"
    heartbeat(account, "10011.80", minute=3)
    check_accounts()
    assert not Incident.objects.filter(closed_at=None).exists()


def test_a_heartbeat_older_than_the_newest_deal_is_not_compared(account):
    heartbeat(account, "10011.80", minute=1)
    deals_post(deal_ids=[deal_make(account).pk])
    check_accounts()
    assert not AccountCheck.objects.exists()


def test_a_deal_that_is_not_posted_yet_is_waited_for(account):
    deal_make(account)
    heartbeat(account, "10023.60", minute=1)
    check_accounts()
    assert not AccountCheck.objects.exists()


def test_a_quarantined_deal_is_waited_for(account):
    deals_post(deal_ids=[deal_make(account, kind="unknown", entry="").pk])
    heartbeat(account, "10011.80", minute=1)
    check_accounts()
    assert not AccountCheck.objects.exists()


def test_an_account_never_heard_of_is_left_alone(account):
    check_accounts()
    assert not AccountCheck.objects.exists()


def test_a_deal_that_just_came_is_not_late(account):
    deal_make(account)
    check_completeness()
    assert not Incident.objects.exists()
    assert not deals_without_posting(older_than_seconds=120, limit=9)


def test_a_late_deal_is_an_incident_until_it_is_posted(account, clock):
    late = deal_make(account)
    clock.advance(seconds=300)
    check_completeness()
    assert Incident.objects.get(closed_at=None).kind == "deals.unposted"
    deals_post(deal_ids=[late.pk])
    check_completeness()
    assert not Incident.objects.filter(closed_at=None).exists()
