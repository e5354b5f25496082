"""Our open positions against the broker's."""

import pytest

from execution.models import BrokerAccount
from execution.selectors.switches import account_state
from execution.services.reconciling import account_reconcile
from execution.services.sessions import heartbeat_record
from execution.wire import Heartbeat, Watermark
from fusion_project.events.periodic import periodic_run
from fusion_project.incidents.models import Incident
from tests.builders.execution import desk_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return desk_make()


def beat(desk, deal, tickets):
    heartbeat_record(
        caller=desk.caller,
        facts=Heartbeat(
            instance="ea-1",
            balance=desk.account.balance,
            equity=desk.account.equity,
            margin=desk.account.balance,
            watermark=Watermark(time_msc=deal.time_msc, ticket=deal.ticket),
            open_tickets=tuple(tickets),
        ),
    )


def test_equal_sides_are_green(desk):
    deal = desk.deal(desk.leased())
    beat(desk, deal, [deal.position_ticket])
    assert account_reconcile(account_id=desk.account.id) is True


def test_two_differences_in_a_row_halt_the_account(desk, clock):
    deal = desk.deal(desk.leased())
    beat(desk, deal, [])
    assert account_reconcile(account_id=desk.account.id) is False
    assert account_state(BrokerAccount.objects.get().id) == "active"
    clock.advance(seconds=10)
    beat(desk, deal, [])
    periodic_run("execution.reconcile")
    assert account_state(BrokerAccount.objects.get().id) == "halted"
    incident = Incident.objects.get()
    assert incident.kind == "positions.differ"
    assert str(deal.position_ticket) in incident.note


def test_one_heartbeat_counts_once(desk):
    deal = desk.deal(desk.leased())
    beat(desk, deal, [])
    assert account_reconcile(account_id=desk.account.id) is False
    assert account_reconcile(account_id=desk.account.id) is None
    assert account_state(BrokerAccount.objects.get().id) == "active"


def test_an_agreement_between_forgives_the_first_difference(desk, clock):
    deal = desk.deal(desk.leased())
    for tickets in ([], [deal.position_ticket], []):
        beat(desk, deal, tickets)
        account_reconcile(account_id=desk.account.id)
        clock.advance(seconds=10)
    assert account_state(BrokerAccount.objects.get().id) == "active"


def test_nothing_is_compared_before_or_after_the_watermark(desk):
    deal = desk.deal(desk.leased())
    ahead = desk.deal_facts()
    beat(desk, ahead, [])
    assert account_reconcile(account_id=desk.account.id) is None
    beat(desk, deal, [])
    desk.deal()
    assert account_reconcile(account_id=desk.account.id) is None


def test_an_account_without_a_heartbeat_is_not_compared(desk):
    assert account_reconcile(account_id=desk.account.id) is None
