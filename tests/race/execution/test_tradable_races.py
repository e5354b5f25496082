"""Two accounts change at once; what is pushed last has seen both."""

import threading
from dataclasses import replace

import pytest

from execution.selectors.tradable import outlooks
from signals.models import Tradable
from signals.services.tradable import tradable_push
from tests.builders.execution import account_follow, desk_make
from tests.builders.switches import account_halt, account_resume
from tests.threads import until_somebody_waits

pytestmark = pytest.mark.usefixtures("committed_db")


def test_of_two_halts_at_once_the_last_push_has_seen_both(in_threads):
    desk = desk_make()
    accounts = [desk.account.id, account_follow(desk.strategy).id]
    for _ in range(5):
        in_threads(2, lambda n: account_halt(accounts[n]))
        assert Tradable.objects.get(strategy=desk.strategy).otherwise == "account_stopped"
        in_threads(2, lambda n: account_resume(accounts[n]))
        assert Tradable.objects.get(strategy=desk.strategy).otherwise == "symbol_not_mapped"


def test_who_looked_before_a_halt_does_not_write_after_it(in_threads):
    desk = desk_make()
    strategy = desk.strategy.id
    tradable_push(
        strategy_ids=[strategy],
        compute=lambda ids: {strategy: replace(outlooks(ids)[strategy], otherwise="no_account")},
    )
    has_looked, has_halted = threading.Event(), threading.Event()

    def look_and_linger(ids):
        found = outlooks(ids)
        has_looked.set()
        until_somebody_waits(or_done=has_halted)
        return found

    def work(number: int) -> None:
        if number == 0:
            tradable_push(strategy_ids=[strategy], compute=look_and_linger)
            return
        assert has_looked.wait(30)
        account_halt(desk.account.id)
        has_halted.set()

    assert in_threads(2, work) == [None, None]
    assert Tradable.objects.get(strategy=strategy).otherwise == "account_stopped"
