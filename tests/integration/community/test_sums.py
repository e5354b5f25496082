"""Each page's own numbers add up, to the last digit, or the page says what is missing."""

import re
from decimal import Decimal

import pytest

from execution.models import Position
from fusion_project.community import policy
from fusion_project.events.clock import now
from tests.builders.pages import Flow, flow_make
from tests.builders.public_pages import Sums, number_read, page_text, sums_read
from treasury.rules import posting as posting_rules
from treasury.services.deals import deals_post_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow(run_handlers, clock) -> Flow:
    clock.set(now())
    flow = flow_make(run_handlers)
    flow.deposit("10000")
    return flow


def later(clock) -> None:
    clock.advance(seconds=policy.PUBLIC_DELAY_SECONDS + 1)


def adds_up(sums: Sums) -> None:
    """One basis: what the list, the line and the accrual hold, with what they say they lack."""
    assert sum(sums.listed) == sums.net
    assert sums.from_trades + sums.lacking_in_line == sums.net
    assert sums.from_trades + sums.from_others == sums.balances[0] == sum(sums.changes)
    assert (sums.accrual or 0) + sums.lacking_in_accrual == sums.net
    assert sum(sums.shares) == (sums.accrual or 0)


def test_many_trades_some_open_some_in_parts_and_a_withdrawal(client, flow, clock) -> None:
    for number in range(policy.TRADES_SHOWN + 3):
        flow.closed(profit=f"{(-1) ** number * number}.37")
        clock.advance(seconds=30)
    in_parts = flow.opened()
    flow.desk.close(in_parts, profit=Decimal(3), volume_lots=in_parts.volume_open_lots / 2)
    flow.deposit("-250.50")
    flow.opened()
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert len(sums.listed) == policy.TRADES_SHOWN + 1
    assert sums.from_others == Decimal("9749.50")
    assert sums.lacking_in_line == sums.lacking_in_accrual == 0


def test_amounts_with_more_than_two_decimals_lose_nothing(client, flow, clock) -> None:
    flow.closed(profit="0.00012345")
    flow.closed(profit="1.00500001")
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert sums.net == Decimal("-0.39487654")


def test_a_line_with_too_many_steps_keeps_its_beginning_and_still_adds_up(
    client, flow, clock, monkeypatch
) -> None:
    monkeypatch.setattr(policy, "LINE_POINTS_MAX", 6)
    for profit in ("5.00", "-40.00", "12.50", "90.00", "-3.00", "8.00", "1.00"):
        flow.closed(profit=profit)
        clock.advance(seconds=30)
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert len(sums.balances) <= 6
    assert sums.balances[-1] == 10_000
    assert "of 8 steps since" in page_text(client, "/")


def test_a_trade_that_the_ledger_does_not_hold_yet_is_named_with_its_sum(
    client, flow, clock, monkeypatch
) -> None:
    flow.closed(profit="12.50")
    rule = posting_rules._counter_accounts
    monkeypatch.setattr(posting_rules, "_counter_accounts", lambda *_: None)
    position = flow.closed(profit="-3.00")
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert sums.lacking_in_line == sums.lacking_in_accrual == position.net == Decimal("-3.70")
    assert "Not posted yet" in page_text(client, f"/trades/{position.pk}/")
    monkeypatch.setattr(posting_rules, "_counter_accounts", rule)
    deals_post_again()
    flow.run_handlers()
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert sums.lacking_in_line == sums.lacking_in_accrual == 0
    assert "Not posted yet" not in page_text(client, f"/trades/{position.pk}/")


def test_a_correction_that_waits_for_the_ledger_is_named_with_its_sum(client, flow, clock) -> None:
    position = flow.closed(profit="12.50")
    closing = position.account.deals.get(entry="out")
    flow.desk.deal(
        kind="sell",
        entry="out",
        ticket=closing.ticket,
        time_msc=closing.time_msc,
        position_ticket=position.position_ticket,
        volume_lots=closing.volume_lots,
        price=closing.price,
        profit=Decimal(10),
        commission=Decimal("-0.35"),
    )
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert sums.lacking_in_line == sums.lacking_in_accrual == Decimal("-2.50")


def test_what_a_trade_that_is_open_again_still_holds_is_named_too(client, flow, clock) -> None:
    flow.closed(profit="4.00")
    position = flow.closed(profit="12.50")
    closing = position.account.deals.get(entry="out", position_ticket=position.position_ticket)
    flow.desk.deal(
        kind="sell",
        entry="out",
        ticket=closing.ticket,
        time_msc=closing.time_msc,
        position_ticket=position.position_ticket + 1,
        volume_lots=closing.volume_lots,
        price=closing.price,
        profit=closing.profit,
        commission=closing.commission,
    )
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert sums.lacking_in_accrual == Decimal("-11.80")


def test_gains_and_losses_that_cancel_out_print_a_zero_and_no_dash(client, flow, clock) -> None:
    flow.closed(profit="5.70")
    flow.closed(profit="-4.30")
    later(clock)
    sums = sums_read(client)
    adds_up(sums)
    assert sums.net == sums.accrual == 0


def test_the_parts_of_a_story_add_up_to_its_result(client, flow, clock) -> None:
    position = flow.opened()
    half = position.volume_open_lots / 2
    flow.desk.close(position, profit=Decimal("3.10"), volume_lots=half, swap=Decimal("-0.25"))
    flow.desk.close(position, profit=Decimal("-8.20"), volume_lots=half, fee=Decimal("-0.10"))
    flow.run_handlers()
    later(clock)
    text = page_text(client, f"/trades/{position.pk}/")
    tile = r"{}</dt><dd><span class=\"value[^>]*>([+−]?[\d.]+) "
    net, profit, costs = (
        number_read(re.search(tile.format(name), text)[1])
        for name in ("Net result", "Price result", "Costs")
    )
    in_deals = {
        name: sum(number_read(one) for one in re.findall(rf"<dt>{name}</dt><dd>([^ ]+) USD", text))
        for name in ("Price result", "Costs")
    }
    accrued = re.search(r"accrual</h3>\s*<p>Posted to the ledger: ([^ ]+) USD", text)
    assert net == profit + costs == number_read(accrued[1]) == Position.objects.get().net
    assert in_deals == {"Price result": profit, "Costs": costs}
