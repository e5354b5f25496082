"""A paper twin follows what its live account follows, and how both fared is told by strategy."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from execution.errors import TwinFollows, TwinUnfit
from execution.models import Order, Subscription, Twin
from execution.rules.messages import ExecutorCaller
from execution.selectors.twins import twin_divergence
from execution.services.staging import decision_stage
from execution.services.subscriptions import subscription_create, subscription_end
from execution.services.twins import twin_begin, twin_end
from fusion_project.events.clock import now
from fusion_project.ops.views.twins import twin_list
from tests.builders.execution import (
    Desk,
    account_follow,
    account_set,
    desk_make,
    key_make,
    strategy_make,
)
from tests.builders.risk import live_make, quote_tell
from tests.factories.execution import BrokerAccountFactory

pytestmark = pytest.mark.django_db
ACTOR = "user:1"


@pytest.fixture
def live():
    """A live desk that takes entries."""
    desk = desk_make()
    live_make(desk)
    return desk


@pytest.fixture
def paper(live):
    """The desk of a paper account with the same symbol, which follows nothing yet."""
    account = account_follow(live.strategy)
    subscription_end(strategy_id=live.strategy.id, account_id=account.id)
    issued = key_make(account)
    caller = ExecutorCaller(issued.key.id, issued.key.prefix, account.id, tuple(issued.key.scopes))
    return Desk(live.strategy, account, caller, issued.text)


@pytest.fixture
def twin(live, paper):
    return twin_begin(account_id=paper.account.id, live_id=live.account.id, actor=ACTOR)


def following(account):
    rows = Subscription.objects.filter(account=account, is_active=True)
    return {(one.strategy_id, one.lots_default, one.size_mode, one.size_value) for one in rows}


def committed():
    """Look at what is looked at when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_twin_follows_the_same_from_its_beginning_on(live, paper, twin):
    assert following(paper.account) == following(live.account) != set()
    committed()


def test_what_the_paper_account_followed_alone_ends(live, paper):
    subscription_create(strategy_id=strategy_make().id, account_id=paper.account.id)
    twin_begin(account_id=paper.account.id, live_id=live.account.id, actor=ACTOR)
    assert following(paper.account) == following(live.account)


def test_a_twin_goes_along_with_every_change(live, paper, twin):
    other = strategy_make()
    for change in (
        lambda: subscription_create(strategy_id=other.id, account_id=live.account.id),
        lambda: subscription_create(
            strategy_id=other.id,
            account_id=live.account.id,
            lots_default=Decimal("0.30"),
            size_mode="risk_pct",
            size_value=Decimal("0.5"),
        ),
        lambda: subscription_end(strategy_id=live.strategy.id, account_id=live.account.id),
    ):
        change()
        assert following(paper.account) == following(live.account)
        committed()


def test_a_twin_follows_nothing_by_itself(live, paper, twin):
    with pytest.raises(TwinFollows):
        subscription_create(strategy_id=strategy_make().id, account_id=paper.account.id)
    with pytest.raises(TwinFollows):
        subscription_end(strategy_id=live.strategy.id, account_id=paper.account.id)


def change_and_commit(account, **changed):
    with transaction.atomic():
        Subscription.objects.filter(account=account).update(**changed)
        committed()


def test_the_table_refuses_a_twin_that_follows_something_else(live, paper, twin):
    with pytest.raises(IntegrityError, match="does not follow the same"):
        change_and_commit(paper.account, lots_default=Decimal("0.77"))
    with pytest.raises(IntegrityError, match="does not follow the same"):
        change_and_commit(live.account, is_active=False)


def test_an_ended_twin_goes_its_own_way(live, paper, twin):
    assert twin_end(account_id=paper.account.id, actor=ACTOR)
    assert not twin_end(account_id=paper.account.id, actor=ACTOR)
    subscription_end(strategy_id=live.strategy.id, account_id=paper.account.id)
    committed()
    assert twin_begin(account_id=paper.account.id, live_id=live.account.id, actor=ACTOR).pk


@pytest.mark.parametrize(
    "fields",
    [{"currency": "EUR"}, {"margin_mode": "netting"}, {"book": "live"}],
    ids=["money", "positions", "book"],
)
def test_accounts_that_do_not_fit_are_no_twins_by_service_and_table(live, fields):
    other = BrokerAccountFactory()
    account_set(other, **fields)
    with pytest.raises(TwinUnfit):
        twin_begin(account_id=other.id, live_id=live.account.id, actor=ACTOR)
    with pytest.raises(IntegrityError, match="cannot be the paper twin"), transaction.atomic():
        Twin.objects.create(account=other, live=live.account, began_at=now(), actor=ACTOR)


def test_an_account_has_one_twin_and_is_the_twin_of_one(live, paper, twin):
    with pytest.raises(TwinUnfit):
        twin_begin(account_id=paper.account.id, live_id=live.account.id, actor=ACTOR)
    third = BrokerAccountFactory()
    with pytest.raises(TwinUnfit):
        twin_begin(account_id=third.id, live_id=live.account.id, actor=ACTOR)


def test_the_table_keeps_a_twin_as_it_began(live, paper, twin):
    rows = Twin.objects.filter(id=twin.id)
    for changed in ({"live_id": paper.account.id}, {"actor": "user:2"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**changed)
    twin_end(account_id=paper.account.id, actor=ACTOR)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(ended_at=None, ended_by="")
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()


def stage_both(live, paper, **fields):
    """One decision; its orders on both accounts."""
    for desk in (live, paper):
        quote_tell(desk.account, "1.10000", "1.10010")
    orders = decision_stage(decision_id=live.decide(**fields).id)
    by_account = {one.account_id: one for one in orders}
    return by_account[live.account.id], by_account[paper.account.id]


def fill(desk, order, price):
    desk.leased(order)
    desk.report("ack", order)
    deal = desk.deal(order, price=Decimal(price))
    return desk.account.positions.get(position_ticket=deal.position_ticket)


def report(twin):
    moment = now()
    rows = twin_divergence(twin, since=moment - timedelta(days=1), until=moment + timedelta(1))
    return {one.strategy: one for one in rows}


def test_both_get_the_same_decisions_and_what_differs_is_told(live, paper, twin):
    ours, theirs = stage_both(live, paper)
    live_position = fill(live, ours, "1.10030")
    paper_position = fill(paper, theirs, "1.10010")
    live.close(live_position, price=Decimal("1.10530"), profit=Decimal("50"))
    paper.close(paper_position, price=Decimal("1.10530"), profit=Decimal("52"))
    row = report(twin)[live.strategy.slug]
    assert (row.decisions, row.both, row.live_only, row.twin_only) == (1, 1, 0, 0)
    assert row.gap_bps == Decimal("1.82")  # two points of 1.1
    assert row.live_slippage_bps is not None
    assert row.twin_slippage_bps is not None
    assert row.live_slippage_bps - row.twin_slippage_bps == Decimal("1.82")
    assert (row.live_net, row.twin_net) == (Decimal("50"), Decimal("52"))


def test_what_only_one_filled_is_told_with_the_others_reason(live, paper, twin):
    ours, theirs = stage_both(live, paper)
    fill(paper, theirs, "1.10010")
    live.leased(ours)
    live.report("rejected", ours, message="no money", retcode=10019)
    row = report(twin)[live.strategy.slug]
    assert (row.both, row.live_only, row.twin_only) == (0, 0, 1)
    ours.refresh_from_db()
    assert row.live_refused == {ours.reason or "rejected": 1}
    assert row.gap_bps is None


def test_an_open_result_is_counted_on_neither_side(live, paper, twin):
    ours, theirs = stage_both(live, paper)
    position = fill(live, ours, "1.10030")
    fill(paper, theirs, "1.10010")
    live.close(position, profit=Decimal("50"))
    row = report(twin)[live.strategy.slug]
    assert (row.live_net, row.twin_net, row.live_r) == (0, 0, None)


def test_what_was_before_they_were_twins_does_not_count(live, paper):
    quote_tell(live.account, "1.10000", "1.10010")
    live.stage()
    twin = twin_begin(account_id=paper.account.id, live_id=live.account.id, actor=ACTOR)
    assert Order.objects.count() == 1
    assert report(twin) == {}


def test_the_commands_begin_report_and_end(live, paper, capsys, django_user_model):
    user = django_user_model.objects.create_superuser("anna")
    login = {"live": live.account.login, "paper": paper.account.login}
    call_command("twin", "begin", login["paper"], "--of", login["live"], "--as", user.username)
    assert f"twin of {login['live']}" in capsys.readouterr().out
    ours, theirs = stage_both(live, paper)
    fill(live, ours, "1.10030")
    fill(paper, theirs, "1.10010")
    call_command("twin_report", "--days", "7")
    told = capsys.readouterr().out
    assert "1 decisions, 1 filled by both" in told
    assert "fill 1.82 bps worse live" in told
    call_command("twin", "end", login["paper"], "--as", user.username)
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError, match="No live account has a twin"):
        call_command("twin_report")


def test_the_page_shows_both_accounts(live, paper, twin, rf, django_user_model):
    ours, theirs = stage_both(live, paper)
    fill(live, ours, "1.10030")
    fill(paper, theirs, "1.10010")
    for days in ("7", "99999", "x"):
        request = rf.get("/ops/twins/", {"days": days})
        request.user = django_user_model(username="anna", is_superuser=True, is_staff=True)
        page = twin_list(request).content.decode()
        assert live.account.name in page
        assert live.strategy.slug in page
        assert "1.82" in page
