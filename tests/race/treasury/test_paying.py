"""Money that has left an account is booked once, whoever books it as what at the same time."""

from decimal import Decimal

import pytest

from fusion_project.second_person.models import Request
from fusion_project.second_person.services import request_carry_out, request_confirm
from tests.builders.distributing import account_earning, distributed, moved, person_make
from treasury.rules.accounts import broker_transit
from treasury.selectors.balances import account_balance, ledger_is_balanced
from treasury.services.pool_paying import pool_pay_ask
from treasury.services.transit import clearing_ask

pytestmark = pytest.mark.usefixtures("committed_db")

BURN = "Liabilities:Pool:House:Burn:USD"


def confirmed(request: Request) -> Request:
    return request_confirm(
        request_id=request.pk, payload_sha256=request.payload_sha256, actor=person_make()
    )


def test_a_withdrawal_is_booked_as_paid_to_one_pool_or_as_capital_and_once(in_threads):
    account = account_earning("100")
    distributed()
    moved(account, "-1015")
    transit = broker_transit(account.server, account.login)
    why = {"actor": person_make(), "reason": "statement 17"}
    paid = [
        pool_pay_ask(pool=BURN, source=account, amount=Decimal(amount), **why)
        for amount in ("15", "14", "13")
    ]
    out = clearing_ask(account=account, amount=Decimal(-15), **why)
    requests = [confirmed(one) for one in (*paid, out)]
    results = in_threads(
        len(requests),
        lambda number: request_carry_out(request_id=requests[number].pk, actor="system"),
    )
    assert sorted(map(str, results)) == ["False"] * 3 + ["True"], results
    left = account_balance(book="paper", code=transit)
    assert 0 <= left <= 2
    assert ledger_is_balanced()
