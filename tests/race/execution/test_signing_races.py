"""One signed call sent many times at once, and heartbeats that overtake each other."""

from collections import Counter

import pytest
from django.test import Client

from execution.errors import HeartbeatOld
from execution.models import BrokerAccount, Terminal
from execution.services.keys import key_issue
from execution.services.sessions import heartbeat_record
from execution.wire import Heartbeat, Watermark
from tests.builders.execution import desk_make
from tests.contract.execution.calls import BASE
from tests.contract.execution.test_signed_calls import BODY, signed

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def desk(committed_db):
    return desk_make()


def test_a_signed_call_that_is_sent_many_times_at_once_is_carried_out_once(desk, in_threads):
    issued = key_issue(account_id=desk.account.id, label="", actor="user:1", is_signed=True)
    headers = {"Authorization": f"Token {issued.text}", **signed(issued)}

    def work(_):
        answer = Client().post(
            BASE + "poll", BODY, content_type="application/json", headers=headers
        )
        return answer.json().get("code", "served")

    assert Counter(in_threads(8, work)) == {"served": 1, "nonce_used": 7}


def test_of_heartbeats_that_overtake_each_other_the_last_one_stays(desk, in_threads):
    def work(number):
        facts = Heartbeat(
            instance="ea-1",
            balance=desk.account.balance,
            equity=number + 1,
            margin=0,
            watermark=Watermark(time_msc=0, ticket=0),
            number=number + 1,
        )
        return heartbeat_record(caller=desk.caller, facts=facts)

    results = in_threads(12, work)
    assert {type(one) for one in results} <= {BrokerAccount, HeartbeatOld}
    assert (Terminal.objects.get().number, BrokerAccount.objects.get().equity) == (12, 12)
