"""A twin that begins while its live account changes what it follows: they never end apart."""

import pytest
from django.db import connection, transaction

from execution.models import Subscription, Twin
from execution.services.twins import twin_begin
from fusion_project.events.clock import now
from tests.builders.execution import account_set, account_subscribe, strategy_make
from tests.builders.second_person import request_confirmed
from tests.factories.execution import BrokerAccountFactory

pytestmark = pytest.mark.usefixtures("committed_db")
ROUNDS = 6


def pair():
    live, paper = BrokerAccountFactory(), BrokerAccountFactory()
    account_set(live, book="live")
    return live, paper


def differs(paper, live):
    with connection.cursor() as cursor:
        cursor.execute("SELECT execution_twin_differs(%s, %s)", [paper.id, live.id])
        return cursor.fetchone()[0]


def follow_without_asking(strategy, account):
    with transaction.atomic():
        Subscription.objects.create(
            strategy=strategy,
            account=account,
            created_at=now(),
            request=request_confirmed("account.subscribe"),
        )


def twin_without_asking(paper, live):
    with transaction.atomic():
        Twin.objects.create(account=paper, live=live, began_at=now(), actor="user:1")


def test_services_line_up_and_nothing_is_missed(in_threads):
    for _ in range(ROUNDS):
        live, paper = pair()
        strategies = [strategy_make(), strategy_make()]

        def work(number, live=live, paper=paper, strategies=strategies):
            if number == 2:
                return twin_begin(account_id=paper.id, live_id=live.id, actor="user:1")
            return account_subscribe(strategies[number], live)

        results = in_threads(3, work)
        assert not [one for one in results if isinstance(one, Exception)], results
        assert not differs(paper, live)
        assert Subscription.objects.filter(account=paper, is_active=True).count() == 2


def test_the_table_lets_no_two_commit_apart(in_threads):
    for _ in range(ROUNDS):
        live, paper = pair()
        strategy = strategy_make()

        def work(number, live=live, paper=paper, strategy=strategy):
            if number:
                return twin_without_asking(paper, live)
            return follow_without_asking(strategy, live)

        in_threads(2, work)
        is_twin = Twin.objects.filter(account=paper).exists()
        assert not (is_twin and differs(paper, live))
