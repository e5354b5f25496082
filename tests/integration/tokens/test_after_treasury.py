"""Tokens follow what treasury has posted: quarantined or late deals earn nothing yet."""

from decimal import Decimal

import pytest

from execution.models import BrokerAccount, Deal, Position
from fusion_project.events.models import Handling
from fusion_project.incidents.kinds import HANDLING_WAITS
from fusion_project.incidents.models import Incident
from fusion_project.incidents.periodic import watch_waiting
from tests.builders.tokens import position_make, position_refold
from tests.builders.treasury import broker_account_make, deal_make
from tokens.errors import PositionNotPosted
from tokens.models import PositionAward
from tokens.selectors.supply import accrual_get
from tokens.services.positions import position_post
from treasury.models import DealPosting, Entry
from treasury.rules import posting as posting_rules
from treasury.rules import states
from treasury.selectors.completeness import deals_unsettled_of_position
from treasury.services.deals import deals_post_again

pytestmark = pytest.mark.django_db
TICKET = 700
TOKENS = "tokens.post_position"


@pytest.fixture
def account() -> BrokerAccount:
    return broker_account_make()


@pytest.fixture
def no_rule(monkeypatch):
    """Treasury knows no deal until the function is called."""
    rule = posting_rules._counter_accounts
    monkeypatch.setattr(posting_rules, "_counter_accounts", lambda *_: None)
    return lambda: monkeypatch.setattr(posting_rules, "_counter_accounts", rule)


def closed(account: BrokerAccount, net: str = "10") -> tuple[Position, Deal]:
    """A closed position whose money came with a deal of no volume, which treasury has to post."""
    money = {"profit": Decimal(net), "commission": Decimal(0), "volume_lots": Decimal(0)}
    deal = deal_make(account, position_ticket=TICKET, **money)
    return position_make(account, position_ticket=TICKET, net=Decimal(net)), deal


def restate(deal: Deal, **facts: object) -> Deal:
    """The broker's next revision of a deal, as execution stores it."""
    same = {
        "ticket": deal.ticket,
        "position_ticket": deal.position_ticket,
        "commission": Decimal(0),
        "volume_lots": Decimal(0),
        "revision": deal.revision + 1,
    }
    return deal_make(deal.account, **(same | facts))


def accrued() -> Decimal:
    return sum(accrual_get(book="paper", currency="USD").values(), Decimal(0))


def undone() -> int:
    return Handling.objects.filter(handler=TOKENS, done_at=None).count()


def test_a_quarantined_deal_earns_nothing_until_it_is_released_and_then_once(
    account, run_handlers, no_rule
):
    _, deal = closed(account)
    run_handlers()
    assert DealPosting.objects.get(deal=deal).state == states.QUARANTINED
    assert (accrued(), PositionAward.objects.count(), undone()) == (0, 0, 1)
    no_rule()
    assert deals_post_again() == 0
    run_handlers()
    assert (accrued(), PositionAward.objects.count(), undone()) == (10, 3, 0)
    run_handlers()
    assert (accrued(), Entry.objects.filter(kind="token.dct_accrual").count()) == (10, 1)


def test_a_deal_on_its_way_is_waited_for_and_no_attempt_is_counted(account, run_handlers):
    position, deal = closed(account)
    run_handlers.only(TOKENS)
    waiting = Handling.objects.get(handler=TOKENS)
    assert (waiting.attempts, waiting.waits, waiting.done_at) == (1, 1, None)
    assert str(deal.ticket) in waiting.last_error
    assert not PositionAward.objects.filter(position=position).exists()
    run_handlers.only("treasury.post_deals")
    run_handlers()
    assert accrued() == 10


def test_one_deal_of_several_that_is_missing_holds_the_position_up(account, run_handlers):
    deal_make(account, kind="unknown", entry="", position_ticket=TICKET)
    closed(account)
    run_handlers()
    found = DealPosting.objects.exclude(state=states.NOTHING).values_list("state", flat=True)
    assert sorted(found) == ["posted", "quarantined"]
    assert (accrued(), undone()) == (0, 1)


def test_deals_of_other_positions_and_accounts_hold_nobody_up(account, run_handlers):
    deal_make(account, kind="unknown", entry="", position_ticket=TICKET + 1)
    deal_make(broker_account_make(), kind="unknown", entry="", position_ticket=TICKET)
    closed(account)
    run_handlers()
    assert (accrued(), undone()) == (10, 0)


def test_a_deal_without_money_holds_nobody_up(account, run_handlers):
    nothing = {"profit": Decimal(0), "commission": Decimal(0), "volume_lots": Decimal(0)}
    deal_make(account, entry="in", position_ticket=TICKET, **nothing)
    closed(account)
    run_handlers()
    assert (accrued(), undone()) == (10, 0)


def test_what_stood_stands_while_a_restated_deal_is_quarantined(account, run_handlers):
    position, deal = closed(account)
    run_handlers()
    restate(deal, kind="unknown", profit=Decimal(4))
    position_refold(position, net=Decimal(4))
    run_handlers()
    assert (accrued(), undone()) == (10, 1)
    # The next revision is understood, so the quarantined one holds nobody up any longer.
    restate(deal, revision=3, profit=Decimal(5))
    position_refold(position, net=Decimal(5))
    run_handlers()
    assert (accrued(), undone()) == (5, 0)
    standing = PositionAward.objects.filter(entry__isnull=False, entry__reversed_by=None)
    assert set(standing.values_list("fold_revision", flat=True)) == {3}


def test_folds_that_wait_together_earn_once_for_the_last(account, run_handlers, no_rule):
    position, deal = closed(account)
    run_handlers()
    restate(deal, profit=Decimal(7))
    position_refold(position, net=Decimal(7))
    run_handlers()
    assert (accrued(), undone()) == (0, 2)
    no_rule()
    deals_post_again()
    run_handlers()
    assert (accrued(), undone()) == (7, 0)
    assert Entry.objects.filter(kind__startswith="token.").count() == 3


def test_a_revision_that_left_for_another_position_is_waited_for_by_both(account):
    position, deal = closed(account)
    moved = restate(deal, position_ticket=TICKET + 1)
    position_refold(position, net=Decimal(0))
    for ticket in (TICKET, TICKET + 1):
        found = deals_unsettled_of_position(account_id=account.pk, position_ticket=ticket)
        assert list(found) == [moved]
    with pytest.raises(PositionNotPosted, match=str(deal.ticket)):
        position_post(position_id=position.pk)


def test_ten_minutes_of_waiting_open_an_incident_that_closes_with_the_release(
    account, run_handlers, no_rule, clock
):
    closed(account)
    run_handlers()
    watch_waiting()
    assert not Incident.objects.filter(kind=HANDLING_WAITS).exists()
    clock.advance(minutes=11)
    run_handlers()
    watch_waiting()
    incident = Incident.objects.get(kind=HANDLING_WAITS)
    assert "tokens.post_position" in incident.note
    no_rule()
    deals_post_again()
    run_handlers()
    watch_waiting()
    incident.refresh_from_db()
    assert incident.closed_at is not None
    assert accrued() == 10
