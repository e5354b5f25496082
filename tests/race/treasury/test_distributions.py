"""Whoever carries a distribution out at once: it is paid once."""

import pytest

from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_carry_out, request_confirm
from tests.builders.distributing import account_earning, person_make, proposed
from treasury.models import Distribution, Entry
from treasury.selectors.balances import account_balance, ledger_is_balanced

pytestmark = pytest.mark.usefixtures("committed_db")

THREADS = 4


def confirmed(period: str) -> Request:
    request = proposed(period=period)
    return request_confirm(
        request_id=request.pk, payload_sha256=request.payload_sha256, actor=person_make()
    )


def test_one_request_and_a_rival_of_another_period_pay_once(in_threads):
    account_earning("100")
    requests = [confirmed("2026-01"), confirmed("2026-02")]

    def work(number: int) -> bool:
        return request_carry_out(request_id=requests[number % 2].pk, actor="system")

    results = in_threads(THREADS, work)
    assert sorted(map(str, results)) == ["False"] * (THREADS - 1) + ["True"], results
    states = Request.objects.filter(kind="distribution.make").values_list("state", flat=True)
    assert sorted(states) == ["done", "refused"]
    assert Entry.objects.filter(kind="distribution").count() == Distribution.objects.count() == 1
    assert account_balance(book="paper", code="Equity:Distributed:House:USD") == 100
    assert ledger_is_balanced()
