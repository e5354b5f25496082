"""What a terminal said last, as the table keeps it."""

import pytest
from django.db import IntegrityError, transaction

from execution.models import Terminal
from execution.services.sessions import heartbeat_record
from execution.wire import Heartbeat, Watermark
from tests.builders.execution import desk_make

pytestmark = pytest.mark.django_db


def beat(desk, number):
    facts = Heartbeat(
        instance="ea-1",
        balance=desk.account.balance,
        equity=desk.account.equity,
        margin=desk.account.balance,
        watermark=Watermark(time_msc=0, ticket=0),
        number=number,
    )
    return heartbeat_record(caller=desk.caller, facts=facts)


@pytest.mark.parametrize("number", [4, 5, None])
def test_the_table_takes_no_older_heartbeat_of_the_same_run(number):
    desk = desk_make()
    beat(desk, 5)
    with pytest.raises(IntegrityError, match="may not follow"), transaction.atomic():
        Terminal.objects.update(number=number)


def test_the_table_lets_another_run_count_anew():
    desk = desk_make()
    beat(desk, 5)
    Terminal.objects.update(number=1, boot_nonce="another")
    assert Terminal.objects.get().number == 1
