"""Bodies made from the published document: whatever it allows, or nearly, no call fails on it.

Each answer is held against the document too, so each status and code is one that it tells.
"""

import json

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from execution.models import BrokerAccount, Order
from tests.builders.execution import desk_make
from tests.contract.execution.calls import post
from tests.contract.execution.generated import allowed, bent, body_schema

pytestmark = pytest.mark.django_db
CALLS = ["hello", "poll", "reports", "heartbeat", "bars", "wait"]
FEW, MANY = 40, 2_000


class Floor:
    """A desk with an order that is out and a position that is open, told by what is known there."""

    def __init__(self):
        self.desk = desk_make()
        self.position = self.desk.opened(trade_ref="t1")
        self.order = self.desk.leased(trade_ref="t2")
        account = self.desk.account
        ids = [str(self.order.id), str(self.position.order_id)]
        self.known = {
            "instance": [self.desk.instance],
            "boot_nonce": [""],
            "server": [account.server],
            "login": [account.login],
            "currency": [account.currency],
            "margin_mode": [account.margin_mode],
            "symbol": ["EURUSD"],
            "order_id": ids,
            "magic": ids,
            "fence": [1],
            "position_ticket": [str(self.position.position_ticket)],
            "deal_ticket": ["100"],
            "kind": ["deal", "ack", "done", "buy", "sell"],
            "entry": ["in", "out"],
            "api_minor": [0, 2, 3],
        }

    def sends(self, call, body):
        """Send it, and take back what came of it."""
        raw = json.dumps(body).encode("utf-8", "surrogatepass")
        with transaction.atomic():
            answer = post(self.desk, call, None, raw=raw)
            orders = Order.objects.filter(account=self.desk.account, verb="entry").count()
            transaction.set_rollback(True)
        assert orders == 2
        assert BrokerAccount.objects.filter(id=self.desk.account.id).exists()
        return answer


@pytest.fixture
def floor(db):
    return Floor()


def of(examples):
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, suppress_health_check=checks)


def is_no_fault(call, answer):
    if call == "wait" and answer.status_code == 503:
        return answer.json()["code"] == "wait_unavailable"
    return answer.status_code < 500


def tried(call, floor, data):
    bodies = allowed(body_schema(call), floor.known)
    answer = floor.sends(call, data.draw(bodies))
    assert is_no_fault(call, answer), answer.content
    answer = floor.sends(call, data.draw(bent(bodies)))
    assert is_no_fault(call, answer), answer.content


@pytest.mark.parametrize("call", CALLS)
@of(FEW)
@given(data=st.data())
def test_no_body_that_the_document_allows_or_nearly_makes_a_fault(call, floor, data):
    tried(call, floor, data)


@pytest.mark.long
@pytest.mark.parametrize("call", CALLS)
@of(MANY)
@given(data=st.data())
def test_nor_do_thousands(call, floor, data):
    tried(call, floor, data)
