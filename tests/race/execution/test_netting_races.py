"""Who comes first has the instrument: on a netting account no two strategies ever share one."""

import pytest
from django.db import IntegrityError

from execution.models import BrokerAccount, Order
from execution.risk import rules
from execution.services.staging import decision_stage
from execution.services.subscriptions import subscription_create
from tests.builders.execution import decision_make, desk_make, strategy_make

pytestmark = pytest.mark.usefixtures("committed_db")
STRATEGIES = 8


def decided() -> tuple[BrokerAccount, list[int]]:
    """One entry of each of eight strategies that one netting account follows."""
    desk = desk_make(margin_mode="netting")
    strategies = [desk.strategy, *(strategy_make() for _ in range(STRATEGIES - 1))]
    for one in strategies[1:]:
        subscription_create(strategy_id=one.id, account_id=desk.account.id)
    return desk.account, [decision_make(one, lots="0.10").id for one in strategies]


def test_of_eight_strategies_at_once_one_gets_the_instrument(in_threads) -> None:
    _, decisions = decided()
    outcomes = in_threads(STRATEGIES, lambda n: decision_stage(decision_id=decisions[n]))
    assert not [one for one in outcomes if isinstance(one, Exception)]
    assert Order.objects.filter(state="staged").count() == 1
    refused = Order.objects.filter(state="rejected")
    assert set(refused.values_list("reason", flat=True)) == {"netting_in_use"}
    assert refused.count() == STRATEGIES - 1


def test_the_table_lets_one_in_where_no_rule_and_no_lock_does(in_threads, monkeypatch) -> None:
    account, decisions = decided()
    without = tuple(one for one in rules.ENTRY_RULES if "netting_in_use" not in one.reasons)
    monkeypatch.setattr(rules, "ENTRY_RULES", without)
    monkeypatch.setattr(
        "execution.services.staging.account_lock",
        lambda account_id: BrokerAccount.objects.get(id=account_id),
    )
    outcomes = in_threads(STRATEGIES, lambda n: decision_stage(decision_id=decisions[n]))
    refused = [one for one in outcomes if isinstance(one, IntegrityError)]
    assert Order.objects.filter(account=account, state="staged").count() == 1
    assert len(refused) == STRATEGIES - 1
    assert all("netting_in_use" in str(one) for one in refused)
