"""A batch of reports is stored whole or not at all."""

import json
from uuid import uuid4

import pytest
from django.db import OperationalError

from execution.models import Deal, Report
from execution.rules.switches import ACTIVE
from execution.selectors.switches import account_state
from execution.services.reports import reports_record
from fusion_project.events.clock import now
from fusion_project.postgres.deadline import database_deadline
from tests.builders.execution import desk_make


def deal_report(seq: int) -> bytes:
    deal = {
        "ticket": str(seq),
        "kind": "buy",
        "entry": "in",
        "time_msc": int(now().timestamp() * 1000),
        "position_ticket": str(1_000 + seq),
        "symbol": "EURUSD",
        "volume_lots": "0.10",
        "price": "1.1",
    }
    return json.dumps({"report_id": uuid4().hex, "seq": seq, "kind": "deal", "deal": deal}).encode()


def test_a_batch_that_exceeds_the_deadline_stores_nothing_and_is_stored_when_sent_again(
    committed_db,
):
    desk = desk_make()
    said = {
        "caller": desk.caller,
        "instance": "ea-1",
        "minor": 2,
        "raws": [deal_report(seq) for seq in range(1, 101)],
    }
    with pytest.raises(OperationalError), database_deadline(0.3):
        reports_record(**said)
    assert (Report.objects.count(), Deal.objects.count()) == (0, 0)
    verdicts = reports_record(**said)
    assert {one.verdict for one in verdicts} == {"stored"}
    assert (Report.objects.count(), Deal.objects.count()) == (100, 100)
    assert account_state(desk.account.id) == ACTIVE
    assert {one.verdict for one in reports_record(**said)} == {"duplicate"}
