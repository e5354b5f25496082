"""Units that were given on and then taken back leave a shortfall, and stop no handler."""

from decimal import Decimal

import pytest

from execution.models import Position
from tests.builders.tokens import position_make, position_refold
from tests.builders.treasury import broker_account_make, ledger_accounts_make
from tests.factories.treasury import draft_of
from tokens.rules.posting import pool_account, shortfall_account
from tokens.selectors.supply import supply_list
from tokens.services.positions import position_post
from treasury.models import Balance
from treasury.selectors.balances import account_balance, ledger_is_balanced
from treasury.services.ledger import post

pytestmark = pytest.mark.django_db

HOLDER = "Liabilities:Holders:DAI:H1"


def pool() -> Decimal:
    return -Balance.objects.get(account__code=pool_account("DAI")).amount


def short() -> Decimal:
    return account_balance(book="paper", code=shortfall_account("DAI"))


@pytest.fixture
def given_on() -> Position:
    """A closed position whose points the holders have already."""
    position = position_make(broker_account_make())
    position_post(position_id=position.pk)
    ledger_accounts_make(HOLDER, currency="DAI", floor=Decimal(0))
    points = pool()
    line = format(points, "f")
    post(drafts=[draft_of("give", (pool_account("DAI"), "DAI", line), (HOLDER, "DAI", f"-{line}"))])
    assert pool() == 0
    return position


def test_a_restated_deal_breaches_no_floor_and_the_next_award_pays_it_back(given_on):
    position_refold(given_on, is_closed=False)
    position_post(position_id=given_on.pk)
    owed = short()
    assert (pool(), owed > 0) == (0, True)
    assert position_post(position_id=given_on.pk) == []
    assert short() == owed
    other = position_make(given_on.account, position_ticket=701)
    position_post(position_id=other.pk)
    assert short() == 0
    assert {one.issued - one.held for one in supply_list(book="paper")} == {0}
    assert ledger_is_balanced()


def test_a_pool_that_can_give_makes_no_shortfall():
    position = position_make(broker_account_make())
    position_post(position_id=position.pk)
    position_refold(position, net=Decimal(-4))
    position_post(position_id=position.pk)
    assert short() == 0
    assert pool() > 0
