"""What moves realised cash, as steps: which places tell something, when, and how much."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from execution.models import BrokerAccount
from fusion_project.events.clock import now
from tests.builders.treasury import broker_account_make, deal_make, deposit_make
from tests.factories.treasury import MOMENT
from treasury.selectors.cash import cash_book

pytestmark = pytest.mark.django_db
FREE = {"commission": Decimal(0)}


def posted(run_handlers) -> None:
    run_handlers.only("treasury.post_deals")


def place(account: BrokerAccount, ticket: int, **facts: Any) -> dict[str, Any]:
    """A position that is open, or what the facts say."""
    stands = {"closed_at": None, "is_ours": False, "net": None}
    return {"account_id": account.pk, "position_ticket": ticket, **stands, **facts}


def closed(account: BrokerAccount, ticket: int, net: str, *, is_ours: bool = True) -> Any:
    return place(account, ticket, closed_at=MOMENT.isoformat(), is_ours=is_ours, net=net)


def steps_of(*places: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Of each place: whether it tells something, its change, whether it is a trade, its net."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, at IS NOT NULL, change, is_trade, net"
            " FROM treasury_cash_of_positions(%s, events_now())",
            [json.dumps(places)],
        )
        return {name.rpartition(":")[2]: tuple(rest) for name, *rest in cursor.fetchall()}


def test_a_position_is_one_step_once_it_is_closed_and_nothing_before(run_handlers) -> None:
    account = broker_account_make()
    deal_make(account, entry="in", position_ticket=7, profit=Decimal(-1), **FREE)
    deal_make(account, position_ticket=7, profit=Decimal(-4), **FREE)
    posted(run_handlers)
    assert steps_of(place(account, 7)) == {"7": (False, -5, False, None)}
    assert steps_of(closed(account, 7, "-5")) == {"7": (True, -5, True, -5)}


def test_what_others_opened_is_a_step_and_no_trade(run_handlers) -> None:
    account = broker_account_make()
    deal_make(account, position_ticket=7, profit=Decimal(3), **FREE)
    posted(run_handlers)
    assert steps_of(closed(account, 7, "3", is_ours=False)) == {"7": (True, 3, False, None)}


def test_cash_without_a_trading_deal_is_told_at_once(run_handlers) -> None:
    account = broker_account_make()
    deal_make(account, kind="charge", entry="", position_ticket=7, profit=Decimal(-2), **FREE)
    posted(run_handlers)
    assert steps_of(place(account, 7)) == {"7": (True, -2, False, None)}


def test_a_closed_trade_of_ours_is_told_before_the_ledger_holds_it(run_handlers) -> None:
    account = broker_account_make()
    deal_make(account, position_ticket=7)
    assert steps_of(closed(account, 7, "11.8")) == {"7": (True, 0, True, Decimal("11.8"))}


def test_a_restated_deal_moves_its_money_to_the_position_that_it_names_now(run_handlers) -> None:
    account = broker_account_make()
    deal_make(account, ticket=1, position_ticket=7, profit=Decimal(5), **FREE)
    deal_make(account, ticket=1, revision=2, position_ticket=8, profit=Decimal(6), **FREE)
    posted(run_handlers)
    found = steps_of(closed(account, 7, "0"), closed(account, 8, "6"))
    assert {ticket: step[1] for ticket, step in found.items()} == {"7": 0, "8": 6}


def test_entries_beside_all_positions_are_a_step_each_as_the_ledger_stood(
    run_handlers, clock
) -> None:
    account = broker_account_make()
    deposit_make(account, "100")
    posted(run_handlers)
    before = now()
    clock.advance(seconds=1)
    deposit_make(account, "-30")
    posted(run_handlers)
    for moment, balances in ((before, [100]), (now(), [100, 70])):
        (line,) = cash_book(book="paper", recorded_until=moment, points_most=120).lines
        assert [one.balance for one in line.points] == balances
        assert line.whole.steps == len(balances)
        assert line.whole.trades == line.lacking == 0
    assert cash_book(book="live", recorded_until=now(), points_most=120).lines == []
