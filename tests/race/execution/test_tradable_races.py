"""Two accounts change at once; what is pushed last has seen both."""

import pytest

from signals.models import Tradable
from tests.builders.execution import account_follow, desk_make
from tests.builders.switches import account_halt, account_resume

pytestmark = pytest.mark.usefixtures("committed_db")


def test_of_two_halts_at_once_the_last_push_has_seen_both(in_threads):
    desk = desk_make()
    accounts = [desk.account.id, account_follow(desk.strategy).id]
    for _ in range(5):
        in_threads(2, lambda n: account_halt(accounts[n]))
        assert Tradable.objects.get(strategy=desk.strategy).otherwise == "account_stopped"
        in_threads(2, lambda n: account_resume(accounts[n]))
        assert Tradable.objects.get(strategy=desk.strategy).otherwise == "symbol_not_mapped"
